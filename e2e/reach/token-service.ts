import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** What the service does with a request, one after the other; the list is gone through again and again. */
export type Mood = 'good' | 'hangs' | 'fails' | 'rubbish';

/** An OAuth token service whose tokens live 8 s, and a door before the gateway that knows which are good. */
export interface TokenService {
  readonly tokenUrl: string;
  /** Port of the door. */
  readonly door: number;
  /** What it is like from now on. */
  setMoods(moods: readonly Mood[]): void;
  /** Requests for a token so far. */
  asked(): number;
  /** Most requests for a token at one time. */
  mostAtOnce(): number;
  /** Requests that the door refused. */
  refused(): number;
  /** Every token given out. */
  tokens(): readonly string[];
  close(): Promise<void>;
}

const lifeSeconds = 8;

export async function startTokenService(options: {
  readonly gateway: number;
  readonly gatewayToken: string;
  readonly clientSecret: string;
}): Promise<TokenService> {
  const tokens = new Map<string, number>();
  const sockets = new Set<Socket>();
  let moods: readonly Mood[] = ['good'];
  let asked = 0;
  let atOnce = 0;
  let most = 0;
  let refused = 0;
  const expected = `Basic ${Buffer.from(`wirewatch:${options.clientSecret}`).toString('base64')}`;

  function give(message: IncomingMessage, response: ServerResponse): void {
    atOnce += 1;
    most = Math.max(most, atOnce);
    response.on('close', () => {
      atOnce -= 1;
    });
    const mood = moods[asked % moods.length] ?? 'good';
    asked += 1;
    if (message.headers.authorization !== expected) {
      response.writeHead(401).end('{"error":"invalid_client"}');
      return;
    }
    switch (mood) {
      case 'hangs':
        return;
      case 'fails':
        response.writeHead(500).end('out of order');
        return;
      case 'rubbish':
        response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please sign in</html>');
        return;
      case 'good': {
        const token = `planted-${randomBytes(9).toString('base64url')}`;
        tokens.set(token, Date.now() + lifeSeconds * 1000);
        response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: lifeSeconds }));
      }
    }
  }

  function isGood(message: IncomingMessage): boolean {
    const token = /^Bearer (.+)$/.exec(message.headers.authorization ?? '')?.[1] ?? '';
    if ((tokens.get(token) ?? 0) > Date.now()) return true;
    refused += 1;
    return false;
  }

  const onwards = (message: IncomingMessage) => ({
    host: '127.0.0.1',
    port: options.gateway,
    path: message.url,
    method: message.method,
    headers: { ...message.headers, authorization: `Bearer ${options.gatewayToken}` },
  });
  const follow = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  };

  const service = createServer((message, response) => {
    message.resume();
    message.on('end', () => give(message, response));
  });
  const door = createServer((message, response) => {
    if (!isGood(message)) {
      response.writeHead(401).end('{"error":{"kind":"unauthorized"}}');
      return;
    }
    const onward = request(onwards(message), (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    onward.end();
  });
  door.on('upgrade', (message: IncomingMessage, socket: Socket, head: Buffer) => {
    if (!isGood(message)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const { headers } = onwards(message);
    const onward = connect(options.gateway, '127.0.0.1');
    follow(onward);
    const lines = Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}`));
    onward.write(`GET ${message.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    onward.write(head);
    socket.pipe(onward).pipe(socket);
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  });
  for (const server of [service, door]) {
    server.on('connection', follow);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  return {
    tokenUrl: `http://127.0.0.1:${(service.address() as AddressInfo).port}/token`,
    door: (door.address() as AddressInfo).port,
    setMoods(next) {
      moods = next;
    },
    asked: () => asked,
    mostAtOnce: () => most,
    refused: () => refused,
    tokens: () => [...tokens.keys()],
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([service, door].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
