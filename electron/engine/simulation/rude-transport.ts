import type { Clock } from '../core/clock';
import type { Random } from '../core/random';
import type { Transport } from '../core/transport';

/** Chance that an ended session still calls back. */
const rudeness = 0.5;

/**
 * A transport that breaks its word: after `close` or `destroy` it may still call back, as libraries with timers and
 * promises of their own do. Whoever listens must drop what comes from a session that is over.
 */
export function makeRude(transport: Transport, deps: { readonly clock: Clock; readonly random: Random }): Transport {
  const { clock, random } = deps;
  return {
    kind: transport.kind,
    open(attach, options, sink) {
      const session = transport.open(attach, options, sink);
      let over = false;

      function haunt(): void {
        if (over || random.next() > rudeness) return;
        over = true;
        clock.after(1 + random.next() * 400, () => {
          sink.onHeartbeat('pong');
          sink.onEnd({ kind: 'closed', code: 1006, reason: '' });
        });
      }

      return {
        ...session,
        close() {
          session.close();
          haunt();
        },
        destroy() {
          session.destroy();
          haunt();
        },
      };
    },
  };
}
