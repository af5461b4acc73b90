/** What comes of what is said to a feed of our own accord, and of how it ends on purpose. A part of the table in `reasons.ts`. */
export const talkReasons = {
  'opening-unanswered': {
    sentence: 'The feed did not answer opening message {step} within *{seconds} s*.',
    advice: 'Check the message, and the answer that is expected to it.',
    itself: 'It is tried again by itself.',
  },
  'opening-unsaid': {
    sentence:
      'What opening message {step} waits for before it is sent did not come within *{seconds} s*: the message was not sent.',
    advice: 'Check what it waits for (`after`), or send it without waiting.',
    itself: 'It is tried again by itself.',
  },
  'opening-refused': {
    sentence: 'The feed refused an opening message: {message}.',
    advice: 'Correct the message. It is not tried again at once, since the answer would be the same.',
    itself: 'It is looked at again every 10 minutes, and after a wake or a network change. Use retry to look now.',
  },
  'feed-error': {
    sentence: 'The feed told of an error, and ended the connection: {message}.',
    advice: 'Look at what it says.',
    itself: 'It is tried again by itself.',
  },
  'ended-for-good': {
    sentence: 'The feed ended the connection, and does not want to be asked again by itself{message}.',
    advice: 'Look at what it says.',
    itself: 'It is looked at again every 10 minutes, and after a wake or a network change. Use retry to look now.',
  },
  'answer-complete': {
    sentence: 'The answer is complete.',
    advice: 'It is not asked again by itself, since each answer may be billed. Use retry to ask again.',
  },
  'planned-end': {
    sentence: 'The feed ended the connection as it does from time to time{how}.',
    advice: 'Nothing to do: it is opened again by itself.',
  },
  'open-silent': {
    sentence: 'Open, and silent so far: nothing of what is expected has come yet.',
    advice:
      'Where nothing comes, it usually waits for a message on open that subscribes, a subprotocol or a credential.',
  },
  'asks-login': {
    sentence: 'Open, and the feed asks for a login: it has said nothing else.',
    advice: 'Enter a credential, or the message that logs in as a message on open.',
  },
  'fell-silent': {
    sentence: 'Open, and silent: nothing has come for twice as long as its recipe says.',
    advice: 'It may have forgotten what it was asked for: pause and resume asks it anew.',
  },
  'first-event': { sentence: 'The feed speaks: an event came.', advice: '' },
} as const;
