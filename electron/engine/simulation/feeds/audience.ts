import type { ServerExchange, ServerSocket } from '../fake-server';

/** Whoever listens to a push feed just now, over a stream or a WebSocket. */
export interface Audience {
  addStream(exchange: ServerExchange): void;
  addSocket(socket: ServerSocket): void;
  /** `stream`: what goes over an event stream; `socket`: what goes over a WebSocket, and what it claims to weigh. */
  tell(stream: string, socket: string, bytes?: number): void;
  /** While its process stands still nothing goes out; what was to be told goes to whoever is still there afterwards. */
  standStill(on: boolean): void;
  /** Ends all: streams in order, WebSockets with this code. */
  end(code: number, reason: string): void;
  readonly size: number;
}

export function createAudience(): Audience {
  const streams = new Set<ServerExchange>();
  const sockets = new Set<ServerSocket>();
  let still = false;
  let waiting: (() => void)[] = [];

  function write(stream: string, text: string, bytes?: number): void {
    if (stream !== '') for (const exchange of [...streams]) exchange.write(stream);
    if (text !== '') for (const socket of [...sockets]) socket.send(text, bytes);
  }

  return {
    addStream(exchange) {
      streams.add(exchange);
      exchange.onClosed(() => streams.delete(exchange));
    },
    addSocket(socket) {
      sockets.add(socket);
      socket.onClosed(() => sockets.delete(socket));
    },
    tell(stream, text, bytes) {
      if (still) waiting.push(() => write(stream, text, bytes));
      else write(stream, text, bytes);
    },
    standStill(on) {
      still = on;
      if (on) return;
      const late = waiting;
      waiting = [];
      for (const tell of late) tell();
    },
    end(code, reason) {
      for (const exchange of [...streams]) exchange.end();
      for (const socket of [...sockets]) socket.close(code, reason);
    },
    get size() {
      return streams.size + sockets.size;
    },
  };
}
