import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { FakeServer } from '../../simulation/fake-server';

/** The server's end of one WebSocket, for fixtures that serve real sockets and simulated ones alike. */
export interface Peer {
  /** Path and query it was dialled at. */
  readonly path: string;
  /** Chosen of what was offered, on a real socket. */
  readonly subprotocol?: string;
  send(text: string): void;
  close(code: number, reason: string): void;
  onMessage(listener: (text: string) => void): void;
  onClosed(listener: () => void): void;
}

export interface Fixture {
  readonly subprotocols?: readonly string[];
  serve(peer: Peer): void;
}

/** The fixture on a port of its own. `cut`: all of its connections are gone without a word. */
export async function serveFixture({ subprotocols = [], serve }: Fixture) {
  const server = createServer((_request, response) => void response.writeHead(404).end());
  const sockets = new WebSocketServer({
    server,
    handleProtocols: (offered) => [...offered].find((name) => subprotocols.includes(name)) ?? false,
  });
  sockets.on('connection', (socket, request) => {
    serve({
      path: request.url ?? '/',
      subprotocol: socket.protocol,
      send: (text) => socket.send(text),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (listener) => void socket.on('message', (data) => listener(String(data))),
      onClosed: (listener) => void socket.on('close', listener),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    cut() {
      for (const socket of sockets.clients) socket.terminate();
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The fixture on the simulated network. */
export function simulated({ serve }: Fixture): FakeServer {
  return {
    exchange: (exchange) => exchange.head(404, []),
    socket(socket) {
      socket.accept();
      serve({
        path: socket.request.url,
        send: (text) => socket.send(text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (listener) => socket.onMessage((data) => listener(String(data))),
        onClosed: (listener) => socket.onClosed(listener),
      });
    },
  };
}
