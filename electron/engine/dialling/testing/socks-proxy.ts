import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A SOCKS 5 server of our own (RFC 1928, 1929): Debian's tools cannot be told which names lead where. */
export interface SocksProxy {
  readonly port: number;
  /** `host:port` of every request. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export interface SocksProxyOptions {
  readonly login?: { readonly user: string; readonly password: string };
  readonly hosts?: Readonly<Record<string, string>>;
  /** Reply code in place of connecting. */
  readonly reply?: number;
}

export async function startSocksProxy(options: SocksProxyOptions = {}): Promise<SocksProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const follow = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };

  async function serve(socket: Socket): Promise<void> {
    const read = readerOf(socket);
    const [, methods = 0] = await read(2);
    const offered = await read(methods);
    const wanted = options.login ? 2 : 0;
    if (!offered.includes(wanted)) {
      socket.end(Buffer.from([5, 255]));
      return;
    }
    socket.write(Buffer.from([5, wanted]));
    if (options.login) {
      const [, userLength = 0] = await read(2);
      const user = (await read(userLength)).toString();
      const [passwordLength = 0] = await read(1);
      const password = (await read(passwordLength)).toString();
      const good = user === options.login.user && password === options.login.password;
      socket.write(Buffer.from([1, good ? 0 : 1]));
      if (!good) {
        socket.end();
        return;
      }
    }
    const [, , , kind] = await read(4);
    const length = kind === 1 ? 4 : kind === 4 ? 16 : ((await read(1))[0] ?? 0);
    const address = await read(length);
    const host = kind === 1 ? address.join('.') : kind === 3 ? address.toString() : '::1';
    const port = (await read(2)).readUInt16BE();
    asked.push(`${host}:${port}`);
    const bound = [0, 1, 0, 0, 0, 0, 0, 0];
    if (options.reply !== undefined) {
      socket.end(Buffer.from([5, options.reply, ...bound]));
      return;
    }
    const onward = follow(connect(port, options.hosts?.[host] ?? host));
    onward.on('error', () => socket.end(Buffer.from([5, 5, ...bound])));
    onward.on('connect', () => {
      socket.write(Buffer.from([5, 0, ...bound]));
      read.stop();
      socket.pipe(onward).pipe(socket);
    });
    onward.on('close', () => socket.destroy());
    socket.on('close', () => onward.destroy());
  }

  const server = createServer((socket) => void serve(follow(socket)).catch(() => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Reads exact lengths from a socket. */
function readerOf(socket: Socket) {
  let heard = Buffer.alloc(0);
  let wake = () => {};
  const onData = (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk]);
    wake();
  };
  socket.on('data', onData);
  const read = async (length: number): Promise<Buffer> => {
    while (heard.length < length) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const taken = heard.subarray(0, length);
    heard = heard.subarray(length);
    return taken;
  };
  return Object.assign(read, {
    stop() {
      socket.removeListener('data', onData);
      if (heard.length > 0) socket.unshift(heard);
    },
  });
}
