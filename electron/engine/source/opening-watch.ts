import type { RungConfig } from '../../../shared/source';
import { type Clock, deadline, type Timer } from '../core/clock';
import type { Frame } from '../core/frame';
import type { HttpHead, SocketExchange } from '../core/network';
import type { Protocol } from '../core/protocol';
import type { TransportEnd } from '../core/transport';
import { isGreeting, refusedLogin } from '../protocols/login-answer';
import { createSending } from './sending';
import { Talking } from './talking';

/** Messages on open without an expected answer are answered within this, ms, or the feed answers none. */
export const openingPatienceMs = 8_000;

/** What came of the messages on open. `silent`: nothing was said for or against; `gone`: the connection went, as `how` says. */
export type OpeningOutcome =
  | { readonly kind: 'accepted' | 'silent' }
  | { readonly kind: 'refused'; readonly end: TransportEnd }
  | { readonly kind: 'gone'; readonly how: string };

export interface OpeningWatch {
  heard(data: string | Uint8Array): void;
  gone(how: string): void;
  drop(): void;
}

/** Says what is to be said on an open socket, as a session does, and tells once what came of it. */
export function watchOpening(
  head: HttpHead | null,
  { rung, protocol, clock }: { readonly rung: RungConfig; readonly protocol: Protocol; readonly clock: Clock },
  exchange: Pick<SocketExchange, 'send'>,
  done: (outcome: OpeningOutcome) => void,
): OpeningWatch {
  const decoder = protocol.createDecoder(rung);
  let timer: Timer | null = null;
  let over = false;
  let awaited = false;

  function end(outcome: OpeningOutcome): void {
    if (over) return;
    drop();
    done(outcome);
  }

  function drop(): void {
    over = true;
    timer?.cancel();
    talking.end();
    sending.end();
  }

  /** A socket that is open says nothing of what is not answered by agreement: only what comes then does. */
  function listen(frame: Frame): void {
    for (const message of decoder.decode(frame)) {
      if (message.kind === 'event') {
        if (isGreeting(message.event)) continue;
        const refused = refusedLogin(message.event);
        end(
          refused === null
            ? { kind: 'accepted' }
            : { kind: 'refused', end: { kind: 'login-refused', message: refused } },
        );
      } else if (message.kind === 'attached') end({ kind: 'accepted' });
    }
  }

  const sending = createSending({
    transport: {
      send(said, flushed, places) {
        exchange.send(said, flushed, places);
        return true;
      },
      ping: () => false,
    },
    clock,
    sendsPerSecond: 10,
    onRoom() {},
  });
  const talking = new Talking({
    clock,
    sending,
    onTalking() {
      awaited = true;
    },
    onSettled() {
      // What was expected has come; else what comes now is looked at.
      if (awaited) end({ kind: 'accepted' });
      else timer = deadline(clock, openingPatienceMs, () => end({ kind: 'silent' }));
    },
    onEnd: (refusal) => end({ kind: 'refused', end: refusal }),
    // Nothing is kept here, so that nothing is acknowledged either.
    whenStored() {},
  });
  const timings = { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null };
  talking.begin({ head, timings, roundTripMs: null }, decoder.conversation ?? null, { positions: {}, token: null });

  return {
    heard(data) {
      const bytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length;
      const frame: Frame = { data, bytes, receivedAt: clock.wall(), event: null, id: null, headers: [] };
      talking.heard(frame);
      if (!over && !talking.holds) listen(frame);
      talking.decoded();
    },
    gone: (how) => end({ kind: 'gone', how }),
    drop,
  };
}
