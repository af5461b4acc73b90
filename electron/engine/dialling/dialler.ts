import type { Clock } from '../core/clock';
import type { Dial } from './dial';
import { connectTcp } from './tcp';
import { secure } from './tls';

/** The one dialler of a source: whatever its profile says holds for all four transports alike. */
export function createDialler({ clock }: { readonly clock: Clock }): Dial {
  return async (target, signal) => {
    const { socket: raw, dnsMs, tcpMs } = await connectTcp(target.host, target.port, clock, signal);
    const timings = { dnsMs, tcpMs, proxyMs: null, answerMs: null };
    // Counted below TLS: a large record that drips in is life long before it can be deciphered.
    const bytesRead = growing(() => raw.bytesRead);
    if (!target.secure) return { socket: raw, timings: { ...timings, tlsMs: null }, bytesRead };
    const startedAt = clock.now();
    const socket = await secure(raw, target.host, signal);
    return { socket, timings: { ...timings, tlsMs: clock.now() - startedAt }, bytesRead };
  };
}

/** A closed socket may forget what it has read; life never goes back. */
function growing(read: () => number): () => number {
  let most = 0;
  return () => {
    most = Math.max(most, read());
    return most;
  };
}
