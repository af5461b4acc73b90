import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import type { HttpFixture, SocketFixture } from './fixtures';

export interface FixtureServer {
  readonly host: string;
  readonly asked: readonly IncomingMessage[];
  close(): void;
}

/** A server of its own on a free port that answers a plain request, and an upgrade, as fixtures say. */
export async function serveFixture(
  http: HttpFixture | ((request: IncomingMessage) => HttpFixture) | null,
  socket: SocketFixture | null = null,
  /** What it has to say to each message. */
  answer: (text: string, say: (text: string) => void) => void = () => {},
): Promise<FixtureServer> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    const { status = 200, headers, body, open } = (typeof http === 'function' ? http(request) : http) ?? notFound;
    response.writeHead(status, headers);
    if (open) response.write(body);
    else response.end(body);
  });
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) =>
      socket?.chooses !== undefined && offered.has(socket.chooses) ? socket.chooses : false,
  });
  server.on('upgrade', (request, peer, head) => {
    asked.push(request);
    if (socket === null) return void peer.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
    sockets.handleUpgrade(request, peer, head, (opened) => {
      opened.on('message', (data) => answer(String(data), (text) => opened.send(text)));
      for (const text of socket.says) opened.send(text);
      if (socket.closes) opened.close(socket.closes.code, socket.closes.reason);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close() {
      for (const one of sockets.clients) one.terminate();
      server.closeAllConnections();
      server.close();
    },
  };
}

const notFound: HttpFixture = { status: 404, headers: { 'content-type': 'text/plain' }, body: 'not found' };
