import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { attach, epochOf, sleep, start } from './testing/contract-kit';
import { ask } from './testing/independent-client';
import type { TestGateway } from './testing/start-gateway';

/** Clients that mean harm or are broken, over bare sockets: the gateway stays bounded and goes on serving others. */

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection that reads nothing until it is told to. */
function raw({ port }: TestGateway): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(socket));
    socket.once('error', reject);
    socket.on('error', () => {});
    socket.pause();
    sockets.push(socket);
  });
}

/** What comes until the connection ends, or `withinMs` have passed. */
async function rest(socket: Socket, withinMs = 5_000): Promise<{ readonly text: string; readonly ended: boolean }> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)));
  socket.resume();
  const ended = socket.closed || (await Promise.race([closed, sleep(withinMs).then(() => false)]));
  return { text, ended };
}

const handshake = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}\r\n\r\n`;

/** A masked frame of a client; the mask is zero, so that the payload stands as it is. */
function frame(opcode: number, payload: Buffer): Buffer {
  const head =
    payload.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | payload.length])
      : Buffer.from([0x80 | opcode, 0x80 | 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

/** Writes the same thing over and over, as long as the other side takes it; how often. */
async function flood(socket: Socket, piece: Buffer, count: number): Promise<number> {
  let sent = 0;
  while (sent < count && !socket.destroyed) {
    sent += 1;
    if (socket.write(piece)) continue;
    await Promise.race([
      new Promise((resolve) => socket.once('drain', resolve)),
      new Promise((resolve) => socket.once('close', resolve)),
    ]);
  }
  return sent;
}

async function until(test: () => boolean, withinMs = 10_000): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (!test()) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

describe('a client that floods and does not read', () => {
  it.each([
    ['messages that are refused', 0x1, Buffer.from('nonsense')],
    ['publishes', 0x1, Buffer.from(`{"kind":"publish","type":"a","data":1,"ref":"${'r'.repeat(90)}"}`)],
    ['replays', 0x1, Buffer.from('{"kind":"replay","after":0,"to":1}')],
    ['pings', 0x9, Buffer.alloc(120)],
  ])(
    'promise 12: is cut by its queue when it sends %s',
    async (_, opcode, payload) => {
      const gateway = await start({ limits: { queueBytes: 32 * 1024, publishPerSecond: 1e6, publishBurst: 1e6 } });
      const socket = await raw(gateway);
      socket.write(handshake('/v1/test/ws'));
      const pieces = Buffer.concat(Array.from({ length: 500 }, () => frame(opcode, payload)));
      const flooding = flood(socket, pieces, 1_000);
      expect(await until(() => gateway.stats().cut === 1)).toBe(true);
      expect(await until(() => gateway.stats().clients.websocket === 0)).toBe(true);
      socket.destroy();
      await flooding;
      expect((await ask(`${gateway.streamUrl()}/poll`)).status).toBe(200);
    },
    40_000,
  );

  it('promise 12: an answer that nobody takes is let go', async () => {
    // More than the buffers of two kernels hold.
    const gateway = await start({ limits: { slowMs: 300, answerBytes: 1024 ** 3 }, heartbeatMs: 10_000 });
    const data = 'x'.repeat(200_000);
    for (let n = 0; n < 150; n += 1) await gateway.publish('test', { type: 'big', data });
    const socket = await raw(gateway);
    socket.write(`GET /v1/test/poll?after=${await epochOf(gateway)}:0 HTTP/1.1\r\nHost: x\r\n\r\n`);
    await sleep(3_000);
    const { text, ended } = await rest(socket);
    expect(ended).toBe(true);
    expect(text.length).toBeLessThan(30_000_000);
  });
});

describe('a broken or hostile client', () => {
  it('100,000 tiny frames of one that reads: each is answered, and others are served meanwhile', async () => {
    const gateway = await start();
    const other = await attach('sse', gateway);
    const socket = await raw(gateway);
    socket.write(handshake('/v1/test/ws'));
    let refused = 0;
    socket.on('data', (chunk) => {
      refused += chunk.toString('latin1').split('"kind":"refused"').length - 1;
    });
    socket.resume();
    await flood(socket, Buffer.concat(Array.from({ length: 1_000 }, () => frame(0x1, Buffer.from('x')))), 100);
    await gateway.publishMany(3);
    await other.untilSeq(3);
    // It may also have been cut, when this machine did not read fast enough: then it was told.
    expect(await until(() => refused >= 90_000 || gateway.stats().cut === 1, 20_000)).toBe(true);
  }, 60_000);

  it.each([
    ['text that is not UTF-8', frame(0x1, Buffer.from([0xff, 0xfe, 0xfd])), 1007],
    ['a frame without a mask', Buffer.from([0x81, 0x01, 0x78]), 1002],
    ['a reserved opcode', frame(0x3, Buffer.from('x')), 1002],
    ['a control frame that is too long', frame(0x9, Buffer.alloc(200)), 1002],
  ])(
    '%s ends its connection with a code',
    async (_, bytes, code) => {
      const gateway = await start();
      const socket = await raw(gateway);
      socket.write(handshake('/v1/test/ws'));
      await sleep(100);
      socket.write(bytes);
      const { text, ended } = await rest(socket);
      expect(ended).toBe(true);
      expect(text).toContain(Buffer.from([0x88, 0x02, code >> 8, code & 0xff]).toString('latin1'));
      expect(await until(() => gateway.stats().clients.websocket === 0)).toBe(true);
    },
    40_000,
  );

  it.each([
    [
      'headers over 16 KiB',
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers-too-large',
    ],
    ['what is not HTTP', '\u0000\u0001\u0002 nothing of the kind\r\n\r\n', 400, 'bad-request'],
    ['no Host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, 'bad-request'],
    [
      'a handshake without a key',
      handshake('/v1/test/ws').replace(/Sec-WebSocket-Key.*\r\n/, ''),
      400,
      'bad-handshake',
    ],
    [
      'a handshake of another version',
      handshake('/v1/test/ws').replace('Version: 13', 'Version: 7'),
      400,
      'bad-handshake',
    ],
  ])('promise 24: %s is answered with the body of every refusal', async (_, request, status, kind) => {
    const gateway = await start();
    const socket = await raw(gateway);
    socket.write(request);
    const { text } = await rest(socket, 1_000);
    expect(text).toContain(`HTTP/1.1 ${status} `);
    expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4))).toMatchObject({
      error: { kind, message: expect.stringMatching(/\.$/), fix: expect.stringMatching(/\.$/) },
    });
  });

  it('one that sends its request byte by byte is let go, head or body', async () => {
    const gateway = await start({ limits: { requestMs: 200 } });
    const head = await raw(gateway);
    head.write('GET /healthz HTTP/1.1\r\n');
    const body = await raw(gateway);
    body.write('POST /v1/test HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{');
    for (const socket of [head, body]) {
      const { text, ended } = await rest(socket);
      expect(ended).toBe(true);
      expect(text).toContain('HTTP/1.1 408 ');
      expect(text).toContain('"too-slow"');
    }
    expect((await ask(gateway.streamUrl())).json.head).toBe(0);
  });

  it('hostile 13: one that goes in the middle of its body leaves nothing in the log', async () => {
    const lines: string[] = [];
    const gateway = await start({ log: ({ message }) => lines.push(message) });
    const socket = await raw(gateway);
    socket.write('POST /v1/test HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n{');
    await new Promise((resolve) => {
      socket.once('data', resolve);
      socket.resume();
    });
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.resetAndDestroy();
    await gone;
    expect((await ask(gateway.streamUrl())).json.head).toBe(0);
    await sleep(50);
    expect(lines).toEqual([]);
  });

  it('half-open ones cost a place each and no more, and the one too many is closed', async () => {
    const gateway = await start({ limits: { connections: 5 } });
    const open = await Promise.all(Array.from({ length: 5 }, () => raw(gateway)));
    const tooMany = await raw(gateway).catch(() => null);
    if (tooMany !== null) expect((await rest(tooMany)).ended).toBe(true);
    open[0]?.destroy();
    await sleep(100);
    expect((await ask(`${gateway.url}/healthz`)).status).toBe(200);
  });

  it('a request that is refused makes no stream', async () => {
    const gateway = await start();
    expect((await ask(`${gateway.streamUrl('made')}/sse?after=nonsense`)).status).toBe(400);
    expect((await ask(`${gateway.streamUrl('made')}/poll`, { headers: { 'last-event-id': 'e:1' } })).status).toBe(404);
    expect((await ask(gateway.streamUrl('made'))).status).toBe(404);
  });
});

describe.each(['websocket', 'sse', 'long-poll', 'poll'] as const)('%s', (transport) => {
  it.each([
    ['a number far beyond the head', (epoch: string) => `${epoch}:9000000000000000`, 'ahead'],
    ['the largest there can be', (epoch: string) => `${epoch}:${Number.MAX_SAFE_INTEGER}`, 'ahead'],
    ['another epoch', () => 'x'.repeat(64).concat(':1'), 'epoch-changed'],
  ])('promise 7: does not believe %s', async (_, cursor, cause) => {
    const gateway = await start();
    await gateway.publishMany(2);
    const client = await attach(transport, gateway, { after: cursor(await epochOf(gateway)) });
    expect(client.cannotResume).toMatchObject({ cause, head: 2 });
    expect(client.hello).toMatchObject({ from: 2, head: 2 });
    await gateway.publishMany(1);
    await client.untilSeq(3);
    expect(client.seqs()).toEqual([3]);
  });
});

describe('parameters', () => {
  it('promise 24: over their maximum count as it, however long they are', async () => {
    const gateway = await start();
    await gateway.publishMany(3);
    const digits = '9'.repeat(40);
    const answer = await ask(`${gateway.streamUrl()}/poll?last=${digits}&limit=${digits}&wait=${digits}`);
    expect(answer).toMatchObject({ status: 200, json: { from: 0, head: 3 } });
    const over = await ask(`${gateway.streamUrl()}/poll?after=e:${digits}`);
    expect(over).toMatchObject({ status: 400, json: { error: { kind: 'bad-cursor' } } });
  });
});
