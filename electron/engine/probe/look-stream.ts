import { type Clock, deadline } from '../core/clock';
import type { StreamPort } from '../core/network';
import type { NothingSeen, StreamSeen } from './seen';

/** A server that speaks first does so at once, ms; a broker waits to be spoken to. */
const listenMs = 500;

/** Connects once and listens for a moment; sends nothing. Leaves nothing open; `stop` ends it early. */
export function lookStream(
  { url, openMs }: { readonly url: string; readonly openMs: number },
  { stream, clock }: { readonly stream: StreamPort; readonly clock: Clock },
  done: (seen: StreamSeen | NothingSeen) => void,
): () => void {
  const begunAt = clock.now();
  let open = false;
  let bytes = 0;
  let over = false;

  function stop(): void {
    over = true;
    limit.cancel();
    exchange.destroy();
  }

  function finish(seen: StreamSeen | NothingSeen): void {
    if (over) return;
    stop();
    done(seen);
  }

  const nothing = (kind: NothingSeen['kind'], failure: NothingSeen['failure']): NothingSeen => ({
    ...{ kind, url, failure },
    waitedMs: clock.now() - begunAt,
  });

  let limit = deadline(clock, openMs, () => finish(nothing('silent', null)));
  const exchange = stream.open(
    { url },
    {
      onOpen() {
        if (over) return;
        open = true;
        limit.cancel();
        limit = deadline(clock, listenMs, () => finish({ kind: 'stream', url, bytes, ended: false }));
      },
      onBytes(chunk) {
        bytes += chunk.length;
      },
      onEnd: () => finish({ kind: 'stream', url, bytes, ended: true }),
      onError: (failure) => finish(open ? { kind: 'stream', url, bytes, ended: true } : nothing('failed', failure)),
    },
  );
  return stop;
}
