import type { Clock } from '../core/clock';
import type { HttpPort, SocketPort, StreamPort } from '../core/network';
import type { Random } from '../core/random';
import { createFakeHttpExchange } from './fake-http';
import type { FakeConnection, FakeHost, Ledger, Strike } from './fake-server';
import { createFakeSocketExchange } from './fake-socket';
import { createFakeStreamExchange } from './fake-stream';

/** An attempt: a request or an upgrade. */
export interface Attempt {
  /** Whose ports made it; empty for the shared ones. */
  readonly owner: string;
  readonly url: string;
  readonly kind: 'http' | 'socket';
  readonly method: 'GET' | 'POST';
}

/** A network of fake hosts, seen through the engine's own ports. Only byte streams and WebSocket frames are faked. */
export interface FakeNetwork {
  readonly http: HttpPort;
  readonly socket: SocketPort;
  readonly stream: StreamPort;
  /** Ports of one owner, whose connections are told apart from others'. */
  portsOf(owner: string): { readonly http: HttpPort; readonly socket: SocketPort; readonly stream: StreamPort };
  /** Registers a host under `name:port` or `name`. */
  addHost(authority: string, host: FakeHost): void;
  /** Connections whose client has neither closed nor been told of an end; of one owner where named. */
  open(owner?: string): number;
  /** When bytes last reached an owner, monotonic ms; null while none did. */
  heardAt(owner: string): number | null;
  /** Calls back at each attempt. */
  onAttempt(listener: (attempt: Attempt) => void): void;
  /** Calls back with what an owner's connection was told: `status 503`, `errno ECONNRESET`, `close 1012`, `end`. */
  onTold(listener: (owner: string, what: string) => void): void;
  /** Ends every open connection of a host: `reset` tells the client, `half-open` does not, `truncate` ends bodies early. */
  strike(authority: string, how: Strike): void;
}

export function createFakeNetwork(deps: { readonly clock: Clock; readonly random: Random }): FakeNetwork {
  const hosts = new Map<string, FakeHost>();
  const connections = new Map<FakeConnection, { readonly authority: string; readonly owner: string }>();
  const attemptListeners: ((attempt: Attempt) => void)[] = [];
  const toldListeners: ((owner: string, what: string) => void)[] = [];
  const heardAt = new Map<string, number>();

  function reach(attempt: Attempt): { readonly host: FakeHost | null; readonly ledger: Ledger } {
    for (const listener of attemptListeners) listener(attempt);
    const { host: authority } = new URL(attempt.url);
    const { owner } = attempt;
    return {
      host: hosts.get(authority) ?? null,
      ledger: {
        heard: () => heardAt.set(owner, deps.clock.now()),
        told(what) {
          for (const listener of toldListeners) listener(owner, what);
        },
        add: (connection) => connections.set(connection, { authority, owner }),
        remove: (connection) => connections.delete(connection),
      },
    };
  }

  function portsOf(owner: string): {
    readonly http: HttpPort;
    readonly socket: SocketPort;
    readonly stream: StreamPort;
  } {
    return {
      http: {
        request(request, sink) {
          const { url, method } = request;
          return createFakeHttpExchange({ ...deps, ...reach({ owner, url, method, kind: 'http' }) }, request, sink);
        },
      },
      stream: {
        open(request, sink) {
          const { url } = request;
          const reached = reach({ owner, url, method: 'GET', kind: 'socket' });
          return createFakeStreamExchange({ ...deps, ...reached }, request, sink);
        },
      },
      socket: {
        open(request, sink) {
          const { url } = request;
          const reached = reach({ owner, url, method: 'GET', kind: 'socket' });
          return createFakeSocketExchange({ ...deps, ...reached }, request, sink);
        },
      },
    };
  }

  return {
    ...portsOf(''),
    portsOf,
    addHost: (authority, host) => hosts.set(authority, host),
    open(owner) {
      if (owner === undefined) return connections.size;
      return [...connections.values()].filter((connection) => connection.owner === owner).length;
    },
    heardAt: (owner) => heardAt.get(owner) ?? null,
    onAttempt: (listener) => attemptListeners.push(listener),
    onTold: (listener) => toldListeners.push(listener),
    strike(authority, how) {
      for (const [connection, owner] of [...connections]) if (owner.authority === authority) connection.strike(how);
    },
  };
}
