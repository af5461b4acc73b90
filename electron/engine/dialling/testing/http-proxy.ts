import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A small HTTP proxy of our own, where a real one cannot be brought into the wanted state. */
export interface HttpProxy {
  readonly port: number;
  /** What it was asked for: the request line's method and target. */
  readonly asked: readonly string[];
  /** Sockets open at this moment, both sides. */
  open(): number;
  close(): Promise<void>;
}

export interface HttpProxyOptions {
  /** `user:password` it insists on. */
  readonly login?: string;
  /** Challenges it makes then; default: Basic. */
  readonly asks?: readonly string[];
  /** Where names lead, as /etc/hosts would say. */
  readonly hosts?: Readonly<Record<string, string>>;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Answers in place of passing on; null passes on. */
  readonly answer?: (method: string, target: string) => { readonly status: number; readonly text: string } | null;
  /** Waits before it does anything, ms. */
  readonly delayMs?: number;
}

export async function startHttpProxy(options: HttpProxyOptions = {}): Promise<HttpProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const follow = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const asks = options.asks ?? ['Basic realm="test"'];
  const placeOf = (host: string) => options.hosts?.[host] ?? host;
  const refusal = (message: IncomingMessage): { readonly status: number; readonly text: string } | null => {
    asked.push(`${message.method} ${message.url}`);
    const expected = options.login ? `Basic ${Buffer.from(options.login).toString('base64')}` : null;
    if (expected && message.headers['proxy-authorization'] !== expected) {
      return { status: 407, text: 'Proxy Authentication Required' };
    }
    return options.answer?.(message.method ?? '', message.url ?? '') ?? null;
  };
  const later = (act: () => void) => setTimeout(act, options.delayMs ?? 0);

  const passOn = (message: IncomingMessage, response: ServerResponse) => {
    const refused = refusal(message);
    if (refused) {
      response.writeHead(refused.status, refused.text, {
        server: 'tinyproxy/test',
        ...(refused.status === 407 ? { 'proxy-authenticate': [...asks] } : {}),
      });
      response.end(refused.text);
      return;
    }
    const url = new URL(message.url ?? '');
    const headers = { ...message.headers };
    delete headers['proxy-authorization'];
    const onward = request(
      {
        host: placeOf(url.hostname),
        port: url.port || 80,
        path: url.pathname + url.search,
        method: message.method,
        headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    message.pipe(onward);
  };
  const server: Server = options.tls ? createTlsServer(options.tls) : createServer();
  server.on('connection', follow);
  server.on('request', (message, response) => later(() => passOn(message, response)));
  server.on('connect', (message: IncomingMessage, socket: Socket) => {
    follow(socket);
    later(() => {
      const refused = refusal(message);
      if (refused) {
        const ask = refused.status === 407 ? asks.map((one) => `Proxy-Authenticate: ${one}\r\n`).join('') : '';
        socket.end(`HTTP/1.1 ${refused.status} ${refused.text}\r\n${ask}Content-Length: 0\r\n\r\n`);
        return;
      }
      const { hostname, port } = new URL(`http://${message.url}`);
      const onward = follow(connect(Number(port || 80), placeOf(hostname)));
      onward.on('connect', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      });
      onward.on('close', () => socket.destroy());
      socket.on('close', () => onward.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
