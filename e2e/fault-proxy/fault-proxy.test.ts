import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { plainRequests, upgrades } from './fault';
import { type FaultProxy, startFaultProxy } from './fault-proxy';

let server: Server;
let proxy: FaultProxy;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const clients: Socket[] = [];
const upgradeHead = 'GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

beforeEach(async () => {
  answer = (_request, response) => response.end('answered');
  server = createServer((request, response) => answer(request, response));
  server.on('upgrade', (_request, socket: Socket) => {
    socket.on('error', () => {});
    // Node leaves an upgraded socket half-open.
    socket.on('end', () => socket.destroy());
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\nframe');
    socket.on('data', (chunk) => socket.write(chunk));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startFaultProxy({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A client that writes `head` and keeps what happens. */
function open(head: string) {
  const client = connect(proxy.port, '127.0.0.1');
  clients.push(client);
  const seen = { chunks: [] as string[], ended: false, error: '', closed: false };
  client.setNoDelay(true);
  client.on('connect', () => client.write(head));
  client.on('data', (chunk) => seen.chunks.push(chunk.toString()));
  client.on('end', () => {
    seen.ended = true;
  });
  client.on('error', (error: NodeJS.ErrnoException) => {
    seen.error = error.code ?? '';
  });
  client.on('close', () => {
    seen.closed = true;
  });
  return { client, seen, text: () => seen.chunks.join('') };
}

const get = (path = '/') => `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const soon = { timeout: 5000 };

describe('the fault proxy', () => {
  it('passes everything on while there is no fault', async () => {
    const body = 'x'.repeat(3_000_000);
    answer = (_request, response) => response.end(body);
    const answered = await fetch(proxy.through(`http://127.0.0.1:1/any`));
    expect((await answered.text()).length).toBe(body.length);
  });

  it('black hole: nothing comes, nothing ends, and it flows on when lifted', async () => {
    const running = open(upgradeHead);
    await expect.poll(running.text, soon).toContain('frame');
    proxy.set({ kind: 'black-hole' });
    running.client.write('echo me');
    const fresh = open(get());
    await later(300);
    expect(running.text()).not.toContain('echo me');
    expect(fresh.text()).toBe('');
    expect([running.seen.closed, fresh.seen.closed]).toEqual([false, false]);
    proxy.heal();
    await expect.poll(running.text, soon).toContain('echo me');
    await expect.poll(fresh.text, soon).toContain('answered');
  });

  it('black hole for WebSockets alone', async () => {
    proxy.set({ kind: 'black-hole' }, upgrades);
    const socket = open(upgradeHead);
    const plain = open(get());
    await expect.poll(plain.text, soon).toContain('answered');
    expect(socket.text()).toBe('');
  });

  it('reset: who is open and who comes gets an RST', async () => {
    const running = open(upgradeHead);
    await expect.poll(running.text, soon).toContain('frame');
    proxy.set({ kind: 'reset' });
    const fresh = open(get());
    await expect.poll(() => running.seen.error, soon).toBe('ECONNRESET');
    await expect.poll(() => fresh.seen.closed, soon).toBe(true);
    expect(fresh.text()).toBe('');
    expect(proxy.open()).toBe(0);
  });

  it('half-close: the client sees the end, and can still speak', async () => {
    let heard = '';
    server.removeAllListeners('upgrade');
    server.on('upgrade', (_request, socket: Socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        heard += chunk;
      });
      socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    });
    const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    clients.push(client);
    let ended = false;
    let text = '';
    client.on('data', (chunk) => {
      text += chunk;
    });
    client.on('end', () => {
      ended = true;
    });
    client.write(upgradeHead);
    await expect.poll(() => text, soon).toContain('101');
    proxy.set({ kind: 'half-close' });
    await expect.poll(() => ended, soon).toBe(true);
    client.write('still here');
    await expect.poll(() => heard, soon).toBe('still here');
  });

  it('drips one byte at a time, whole and in order', async () => {
    proxy.set({ kind: 'drip', everyMs: 1 });
    const { seen, text } = open(get());
    await expect.poll(() => seen.ended, soon).toBe(true);
    expect(text()).toMatch(/answered$/);
    expect(seen.chunks.length).toBeGreaterThan(10);
  });

  it('cuts after the 101, with and without what follows it', async () => {
    proxy.set({ kind: 'cut', from: 'upgrade', afterMs: 50, how: 'reset', swallow: true });
    const swallowed = open(upgradeHead);
    await expect.poll(() => swallowed.seen.error, soon).toBe('ECONNRESET');
    expect(swallowed.text()).toBe('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    proxy.set({ kind: 'cut', from: 'upgrade', afterMs: 50, how: 'end', swallow: false });
    const passed = open(upgradeHead);
    await expect.poll(() => passed.seen.closed, soon).toBe(true);
    expect(passed.text()).toMatch(/frame$/);
    const plain = open(get());
    await expect.poll(plain.text, soon).toContain('answered');
  });

  it('cuts after the connect', async () => {
    answer = () => {};
    proxy.set({ kind: 'cut', from: 'connect', afterMs: 50, how: 'end', swallow: false }, plainRequests);
    const plain = open(get());
    const socket = open(upgradeHead);
    await expect.poll(() => plain.seen.closed, soon).toBe(true);
    expect(socket.seen.closed).toBe(false);
  });

  it('strands what is open, lets the next through, and a reset reaches both', async () => {
    const running = open(upgradeHead);
    await expect.poll(running.text, soon).toContain('frame');
    proxy.strandAll();
    proxy.heal();
    running.client.write('echo me');
    const fresh = open(upgradeHead);
    await expect.poll(fresh.text, soon).toContain('frame');
    await later(200);
    expect(running.text()).not.toContain('echo me');
    expect(running.seen.closed).toBe(false);
    proxy.resetAll();
    await expect.poll(() => [running.seen.closed, fresh.seen.closed], soon).toEqual([true, true]);
  });

  it('cuts in the middle of a chunk, once', async () => {
    const running = open(upgradeHead);
    await expect.poll(running.text, soon).toContain('frame');
    proxy.cutAllMidway();
    running.client.write('0123456789');
    await expect.poll(() => running.seen.closed, soon).toBe(true);
    expect(running.text()).toMatch(/01234$/);
    const fresh = open(get());
    await expect.poll(fresh.text, soon).toContain('answered');
  });

  it('adds latency both ways', async () => {
    proxy.set({ kind: 'latency', ms: 150 });
    const startedAt = performance.now();
    const { text } = open(get());
    await expect.poll(text, soon).toContain('answered');
    expect(performance.now() - startedAt).toBeGreaterThan(295);
  });
});
