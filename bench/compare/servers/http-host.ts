import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What stands on the HTTP server during one life of it. */
export interface HttpLife {
  readonly onRequest?: RequestListener;
  /** The sockets are gone: forget sessions and timers. */
  end(): void;
}

export interface HttpHost {
  readonly port: number;
  /** Resets every socket, closes, and begins a new life on the same port after `ms`. */
  restart(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** An HTTP server on a free loopback port that can die and come back; `begin` puts a service on each life. */
export async function startHttpHost(begin: (server: Server) => HttpLife): Promise<HttpHost> {
  let port = 0;
  let life: { readonly server: Server; readonly service: HttpLife } | null = null;
  const sockets = new Set<Socket>();

  async function live(): Promise<void> {
    const server = createServer();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.once('close', () => sockets.delete(socket));
    });
    const service = begin(server);
    if (service.onRequest) server.on('request', service.onRequest);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    ({ port } = server.address() as AddressInfo);
    life = { server, service };
  }

  async function die(): Promise<void> {
    if (!life) return;
    const { server, service } = life;
    life = null;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of [...sockets]) socket.resetAndDestroy();
    service.end();
    await closed;
  }

  await live();
  return {
    get port() {
      return port;
    },
    async restart(ms) {
      await die();
      await new Promise((resolve) => setTimeout(resolve, ms));
      await live();
    },
    close: die,
  };
}
