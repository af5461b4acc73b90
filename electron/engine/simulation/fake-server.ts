import type { HttpRequest, SocketRequest } from '../core/network';
import type { Weather } from './weather';

/** The server's end of an HTTP exchange. Hooks: `onClosed` when the client is gone. */
export interface ServerExchange {
  readonly request: HttpRequest;
  head(status: number, headers: readonly (readonly [string, string])[]): void;
  write(text: string): void;
  end(): void;
  onClosed(listener: () => void): void;
}

/** The server's end of a WebSocket. Pings are answered by the fake itself, as any server's library does. */
export interface ServerSocket {
  readonly request: SocketRequest;
  accept(): void;
  refuse(status: number, headers: readonly (readonly [string, string])[], body: string): void;
  /** `bytes`: what the frame claims to weigh, where that is not what its text does. */
  send(said: string | Uint8Array, bytes?: number): void;
  close(code: number, reason: string): void;
  onMessage(listener: (data: string | Uint8Array) => void): void;
  onClosed(listener: () => void): void;
}

/** The server's end of a bare stream of bytes. Hooks: `onBytes`, `onClosed` when the client is gone. */
export interface ServerStream {
  readonly request: { readonly url: string };
  send(bytes: Uint8Array): void;
  /** Ends it in order. */
  end(): void;
  onBytes(listener: (bytes: Uint8Array) => void): void;
  onClosed(listener: () => void): void;
}

/** What answers at a host. */
export interface FakeServer {
  exchange(exchange: ServerExchange): void;
  socket(socket: ServerSocket): void;
  /** Nobody listens for streams where this is left out. */
  stream?(stream: ServerStream): void;
  /** Whether the server behind an address answers pings; it does where this is left out. */
  alive?(url: string): boolean;
}

/** A host: its server, and the weather on the way to it. */
export interface FakeHost {
  readonly server: FakeServer;
  readonly weather: Weather;
}

/**
 * What hits all open connections of a host at once. `reserved-close`, `broken-frame`: WebSockets only, where a close
 * carries a code that none may, or what comes is no frame any more.
 */
export type Strike = 'reset' | 'half-open' | 'truncate' | 'reserved-close' | 'broken-frame';

/** An open connection, for faults that hit all of a host's at once. */
export interface FakeConnection {
  strike(how: Strike): void;
}

/** Keeps count of open connections. */
export interface Ledger {
  add(connection: FakeConnection): void;
  remove(connection: FakeConnection): void;
  /** Bytes reached the client. */
  heard(bytes: number): void;
  /** What the client was told: `status 503`, `errno ECONNRESET`, `close 1012`, `end`. */
  told(what: string): void;
}

export const portalPage = '<!doctype html><html><head><title>Welcome</title></head><body>Please sign in.</body></html>';
