/** What a person or the application did to a source. A part of the table in `reasons.ts`. */
export const ownReasons = {
  'source-added': { sentence: 'The source was added.', advice: '' },
  'source-started': { sentence: 'Watching begins with {transport}.', advice: '' },
  'source-removed': { sentence: 'Watching ended.', advice: '' },
  'user-paused': { sentence: 'Paused by you.', advice: 'Resume it when you want it watched again.' },
  'user-resumed': { sentence: 'Resumed by you.', advice: '' },
  'user-retry': { sentence: 'Retry asked for by you.', advice: '' },
  'user-probe': { sentence: 'Probe of {transport} asked for by you.', advice: '' },
  'user-pinned': { sentence: 'Pinned to {transport} by you.', advice: 'Release the pin to let the ladder decide.' },
  'user-unpinned': { sentence: 'Pin released by you.', advice: '' },
  recording: { sentence: 'A recording in the place of a connection.', advice: '' },
  'recording-unreadable': {
    sentence: 'The recording cannot be read.',
    advice: 'Check the file, then give the source the right address or remove it.',
  },
  'journal-asked': { sentence: 'The journal is asked where this source was.', advice: '' },
  'journal-unreadable': {
    sentence: 'Not watched yet: the journal cannot be read, and beginning anew would lose its place. {why}',
    advice:
      'It begins by itself when the journal can be read. See whether its disk has room and its folder can be read.',
  },
  'credential-changed': { sentence: 'The credential was changed.', advice: '' },
} as const;
