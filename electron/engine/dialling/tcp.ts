import { lookup } from 'node:dns';
import { connect, isIP, type Socket } from 'node:net';
import type { Clock, Timer } from '../core/clock';
import { DialFailure, failureOf } from './dial';

interface Address {
  readonly address: string;
  readonly family: number;
}

export interface TcpConnection {
  readonly socket: Socket;
  /** Null where the host was an address already. */
  readonly dnsMs: number | null;
  readonly tcpMs: number;
}

/** How long an address may keep the next one waiting, ms (RFC 8305 §5 recommends 250). */
const nextAddressMs = 250;
/** Addresses tried at most. */
const maxAddresses = 8;
/** TCP keepalive: first probe after this long without traffic, ms. For feeds that promise no heartbeat. */
const keepAliveMs = 30_000;

/** Looks a host up. A lookup cannot be aborted; its late answer is dropped. */
function resolve(host: string): Promise<readonly Address[]> {
  return new Promise((fulfil, reject) => {
    lookup(host, { all: true, verbatim: true }, (error, addresses) => {
      if (error) reject(new DialFailure(failureOf(error, 'dns', 'ENOTFOUND')));
      else fulfil(addresses);
    });
  });
}

/** The families take turns, beginning with the resolver's first (RFC 8305 §4). */
function interleave(addresses: readonly Address[]): readonly Address[] {
  const first = addresses.filter(({ family }) => family === addresses[0]?.family);
  const second = addresses.filter(({ family }) => family !== addresses[0]?.family);
  return first
    .flatMap((address, index) => [address, ...second.slice(index, index + 1)])
    .concat(second.slice(first.length));
}

/**
 * DNS and TCP with happy eyeballs (RFC 8305): addresses one after the other, the next after 250 ms or a failure; the
 * first that connects wins. By hand, because Node's own has no phase timings and was unfinished in Node 18.
 */
export async function connectTcp(
  host: string,
  port: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<TcpConnection> {
  const startedAt = clock.now();
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host) : [{ address: host, family }];
  signal.throwIfAborted();
  const resolvedAt = clock.now();
  const socket = await race(interleave(addresses).slice(0, maxAddresses), port, clock, signal);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, keepAliveMs);
  return { socket, dnsMs: family === 0 ? resolvedAt - startedAt : null, tcpMs: clock.now() - resolvedAt };
}

function race(addresses: readonly Address[], port: number, clock: Clock, signal: AbortSignal): Promise<Socket> {
  return new Promise((fulfil, reject) => {
    const trying = new Set<Socket>();
    const failures: Error[] = [];
    let next = 0;
    let timer: Timer | null = null;
    let over = false;

    function finish(winner: Socket | null): void {
      over = true;
      timer?.cancel();
      signal.removeEventListener('abort', abort);
      for (const socket of trying) if (socket !== winner) socket.destroy();
      trying.clear();
    }

    function abort(): void {
      finish(null);
      reject(signal.reason);
    }

    function tryNext(): void {
      timer?.cancel();
      timer = null;
      const candidate = addresses[next];
      if (over || !candidate) return;
      next += 1;
      const socket = connect({ host: candidate.address, port, family: candidate.family });
      trying.add(socket);
      const failed = (error: Error) => {
        trying.delete(socket);
        failures.push(error);
        if (over) return;
        if (next < addresses.length) tryNext();
        else if (trying.size === 0) {
          finish(null);
          reject(new DialFailure(together(failures)));
        }
      };
      socket.once('error', failed);
      socket.once('connect', () => {
        if (over) return;
        socket.removeListener('error', failed);
        finish(socket);
        fulfil(socket);
      });
      if (next < addresses.length) timer = clock.after(nextAddressMs, tryNext);
    }

    signal.addEventListener('abort', abort);
    tryNext();
  });
}

/** One failure for all addresses: the first one's code, everyone's message. */
function together(failures: readonly Error[]) {
  const first = failureOf(failures[0], 'tcp', 'ECONNREFUSED');
  return { ...first, message: failures.map(({ message }) => message).join('; ') };
}
