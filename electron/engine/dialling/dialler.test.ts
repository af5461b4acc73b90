import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../node/clock';
import { DialFailure, type DialTarget, targetOf } from './dial';
import { createDialler } from './dialler';

const dial = createDialler({ clock: createSystemClock() });
const servers: Server[] = [];

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function failureOf(target: DialTarget, signal = new AbortController().signal) {
  try {
    (await dial(target, signal)).socket.destroy();
  } catch (error) {
    if (error instanceof DialFailure) return error.failure;
    throw error;
  }
  throw new Error('Connected.');
}

const at = (url: string) => targetOf(new URL(url), 'http', false);

describe('dialler', () => {
  let folder = '';
  let tlsPort = 0;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wirewatch-dial-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
        ...['-keyout', key, '-out', cert, '-days', '2', '-subj', '/CN=feed.test/O=Test'],
      ],
      { stdio: 'ignore' },
    );
    tlsPort = await listen(createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
    for (const server of servers) server.close();
  });

  it('reads a target from an address', () => {
    expect(at('https://[::1]/x')).toMatchObject({ secure: true, host: '::1', port: 443, use: 'http' });
    expect(targetOf(new URL('ws://h:81'), 'websocket', false)).toEqual({
      secure: false,
      host: 'h',
      port: 81,
      use: 'websocket',
      elsewhere: false,
    });
  });

  it('connects by name although the first address may not answer, and says how long each phase took', async () => {
    const port = await listen(createServer((socket) => socket.write('hello')));
    const { socket, timings, bytesRead } = await dial(at(`http://localhost:${port}`), new AbortController().signal);
    expect(timings).toMatchObject({
      dnsMs: expect.any(Number),
      tcpMs: expect.any(Number),
      tlsMs: null,
      answerMs: null,
    });
    socket.resume();
    await expect.poll(bytesRead).toBe(5);
    socket.destroy();
    expect(bytesRead()).toBe(5);
  });

  it('behaviour 39: a refused certificate leaves its name, dates and fingerprint', async () => {
    const failure = await failureOf(at(`https://127.0.0.1:${tlsPort}`));
    expect(failure).toMatchObject({
      phase: 'tls',
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      certificate: { subject: 'feed.test, Test', issuer: 'feed.test, Test' },
    });
    expect(failure.certificate?.fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(failure.certificate?.validTo).toBeGreaterThan(Date.now());
  });

  it('tells TLS trouble from TCP trouble and from DNS trouble', async () => {
    const plain = await listen(createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')));
    expect(await failureOf(at(`https://127.0.0.1:${plain}`))).toMatchObject({ phase: 'tls' });
    const reset = await listen(createServer((socket) => void socket.once('data', () => socket.resetAndDestroy())));
    expect(await failureOf(at(`https://127.0.0.1:${reset}`))).toMatchObject({ phase: 'tls', code: 'ECONNRESET' });
    const closed = createServer();
    const port = await listen(closed);
    await new Promise((resolve) => closed.close(resolve));
    expect(await failureOf(at(`http://127.0.0.1:${port}`))).toMatchObject({ phase: 'tcp', code: 'ECONNREFUSED' });
    expect(await failureOf(at('http://nowhere.invalid'))).toMatchObject({ phase: 'dns' });
  });

  it('aborting leaves nothing, in any phase', async () => {
    let open = 0;
    const silent = await listen(
      createServer((socket) => {
        open += 1;
        socket.on('error', () => {});
        socket.on('close', () => {
          open -= 1;
        });
        socket.resume();
      }),
    );
    for (const wait of [0, 1, 30]) {
      const controller = new AbortController();
      const dialling = dial(at(`https://127.0.0.1:${silent}`), controller.signal);
      await new Promise((resolve) => setTimeout(resolve, wait));
      controller.abort();
      await expect(dialling).rejects.toThrow();
    }
    await expect.poll(() => open).toBe(0);
  });
});
