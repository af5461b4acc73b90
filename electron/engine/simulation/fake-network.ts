import type { Clock } from '../core/clock';
import type { HttpPort, SocketPort } from '../core/network';
import type { Random } from '../core/random';
import { createFakeHttpExchange } from './fake-http';
import type { FakeConnection, FakeHost, Ledger } from './fake-server';
import { createFakeSocketExchange } from './fake-socket';

/** A network of fake hosts, seen through the engine's own ports. Only byte streams and WebSocket frames are faked. */
export interface FakeNetwork {
  readonly http: HttpPort;
  readonly socket: SocketPort;
  /** Registers a host under `name:port` or `name`. */
  addHost(authority: string, host: FakeHost): void;
  /** Connections whose client has neither closed nor been told of an end. */
  open(): number;
  /** Attempts so far: every request and upgrade the engine started. */
  attempts(): number;
  /** When bytes of a host last reached us, monotonic ms; null while none did. */
  heardAt(authority: string): number | null;
  /** Calls back at each attempt with its address. */
  onAttempt(listener: (url: string, kind: 'http' | 'socket') => void): void;
  /** Ends every open connection of a host: `reset` tells the client, `half-open` does not, `truncate` ends bodies early. */
  strike(authority: string, how: 'reset' | 'half-open' | 'truncate'): void;
}

export function createFakeNetwork(deps: { readonly clock: Clock; readonly random: Random }): FakeNetwork {
  const hosts = new Map<string, FakeHost>();
  const connections = new Map<FakeConnection, string>();
  const listeners: ((url: string, kind: 'http' | 'socket') => void)[] = [];
  const heardAt = new Map<string, number>();
  let attempts = 0;

  function reach(url: string, kind: 'http' | 'socket'): { readonly authority: string; readonly host: FakeHost | null } {
    attempts += 1;
    for (const listener of listeners) listener(url, kind);
    const { host: authority } = new URL(url);
    return { authority, host: hosts.get(authority) ?? null };
  }

  function track(authority: string): Ledger {
    return {
      heard: () => heardAt.set(authority, deps.clock.now()),
      add: (connection) => connections.set(connection, authority),
      remove: (connection) => connections.delete(connection),
    };
  }

  return {
    http: {
      request(request, sink) {
        const { authority, host } = reach(request.url, 'http');
        return createFakeHttpExchange({ ...deps, host, ledger: track(authority) }, request, sink);
      },
    },
    socket: {
      open(request, sink) {
        const { authority, host } = reach(request.url, 'socket');
        return createFakeSocketExchange({ ...deps, host, ledger: track(authority) }, request, sink);
      },
    },
    addHost: (authority, host) => hosts.set(authority, host),
    open: () => connections.size,
    attempts: () => attempts,
    heardAt: (authority) => heardAt.get(authority) ?? null,
    onAttempt: (listener) => listeners.push(listener),
    strike(authority, how) {
      for (const [connection, owner] of [...connections]) if (owner === authority) connection.strike(how);
    },
  };
}
