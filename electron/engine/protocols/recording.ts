import type { Protocol } from '../core/protocol';

function none(): never {
  throw new Error('A recording is played from a file: it has no transport.');
}

/** What is known of recordings as feeds. They are played, never connected to: nothing here talks to anyone. */
export const recordingProtocol: Protocol = {
  name: 'recording',
  numbering: 'none',
  uniqueIds: false,
  resumable: false,
  headless: true,
  heartbeatMs: null,
  promise: 'A recording.',
  attach: none,
  createDecoder: none,
  replayMessage: () => null,
  replayRequest: () => null,
  snapshotUrl: () => null,
};
