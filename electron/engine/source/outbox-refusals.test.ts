import { describe, expect, it } from 'vitest';
import { headersOf, refusalKinds, statusOf } from '../../../gateway/errors';
import { refusedJson } from '../../../gateway/messages';
import type { Frame } from '../core/frame';
import { gatewayProtocol } from '../protocols/gateway';
import { outcomeOf } from './outbox';

/** Refusals that say nothing of the message itself. */
const forNow = new Set([
  'unauthorized',
  'too-slow',
  'other-epoch',
  'rate',
  'internal',
  'busy',
  'closing',
  'full',
  'not-yet',
]);

const rung = { transport: 'websocket', url: 'ws://h:1/v1/host/ws', intervalSeconds: 5 } as const;

function frameOf(data: string): Frame {
  return { data, bytes: data.length, receivedAt: 1_000, event: null, id: null, headers: [] };
}

describe.each(refusalKinds)('promise 6: a message refused with %s', (kind) => {
  const later = forNow.has(kind);
  const refusal = { kind, message: 'It is refused.', fix: 'Try.', retryAfter: 2 };

  it(`goes ${later ? 'again later' : 'no more'}, over WebSocket`, () => {
    const [answer] = gatewayProtocol.createDecoder(rung).decode(frameOf(refusedJson('r', refusal)));
    expect(answer).toMatchObject({ kind: 'send-refused', ref: 'r', laterMs: later ? 2000 : null });
  });

  it(`goes ${later ? 'again later' : 'no more'}, by POST`, () => {
    const head = { status: statusOf(kind), headers: Object.entries(headersOf(refusal)) };
    expect(outcomeOf(head, '', () => false, 0)).toMatchObject(
      later ? { kind: 'later', floorMs: 2000 } : { kind: 'refused' },
    );
  });
});
