import { monotonicMs, wallMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import type { HttpHead } from '../../core/network';
import type { ConversationAct, Protocol } from '../../core/protocol';

export const frameOf = (data: string | Uint8Array): Frame => ({
  data,
  bytes: data.length,
  receivedAt: 1_700_000_000_000,
  event: null,
  id: null,
  headers: [],
});

/** One session of a protocol on a socket that takes everything at once. `ms`: since it opened. */
export function sessionOf(protocol: Protocol, chosen?: string) {
  const decoder = protocol.createDecoder({ transport: 'websocket', url: 'ws://h/', intervalSeconds: 5 });
  const { conversation } = decoder;
  if (!conversation) throw new Error('It says nothing.');
  const moment = (ms: number) => ({ now: monotonicMs(1_000 + ms), wall: wallMs(1_700_000_000_000 + ms) });
  const head: HttpHead = { status: 101, headers: chosen === undefined ? [] : [['sec-websocket-protocol', chosen]] };
  const done = (acts: readonly ConversationAct[], ms: number) => {
    for (const act of acts) if (act.kind === 'send' && act.step !== null) conversation.sent(act.step, moment(ms));
    return acts.map((act) => (act.kind === 'send' ? act.said : act.kind === 'settled' ? 'settled' : act));
  };
  return {
    opened: (ms = 0) => done(conversation.opened(moment(ms), { positions: {}, token: null }, head), ms),
    /** What is said to a frame, and what it means. */
    hear(text: string | Uint8Array, ms = 0) {
      const frame = frameOf(text);
      return { acts: done(conversation.heard(frame, moment(ms)), ms), messages: decoder.decode(frame) };
    },
    closed: (code: number) => conversation.closedWith?.(code) ?? null,
    due: (ms: number) => done(conversation.due(moment(ms)), ms),
    wakeAt: () => (conversation.wakeAt === null ? null : conversation.wakeAt - 1_000),
  };
}
