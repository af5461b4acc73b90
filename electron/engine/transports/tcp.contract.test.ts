import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../node/clock';
import type { AttachRequest, TransportOptions, TransportSession } from '../core/transport';
import { createDialler } from '../dialling/dialler';
import { direct, type Hop, hopsOf } from '../dialling/hop';
import { plainTls } from '../dialling/profile';
import { createSocketPort } from '../dialling/socket-port';
import { createStreamPort } from '../dialling/stream-port';
import { type CertificateDesk, type Issued, openCertificateDesk } from '../dialling/testing/certificates';
import { startHttpProxy } from '../dialling/testing/http-proxy';
import { startSocksProxy } from '../dialling/testing/socks-proxy';
import { createTcpTransport } from './tcp';
import { acceptUpgrade, startRawServer } from './testing/raw-server';
import { createRecorder } from './testing/recorder';
import { bodyOf, record, records } from './testing/records';
import { createWebSocketTransport } from './websocket';

/** The cases of transport.contract.test.ts that hold for a stream of bytes without HTTP. */

const clock = createSystemClock();
const options: TransportOptions = { maxFrameBytes: 1_000_000, pollIntervalMs: 30, holdMs: 5000 };
const hosts = { 'broker.test': '127.0.0.1' };

let desk: CertificateDesk;
let authority: Issued;
let leaf: Issued;
let server: Server;
let secure: Server;
const sockets = new Set<Socket>();
/** What the server does with whoever comes. */
let serve: (peer: Socket) => void = () => {};
const sessions = new Set<TransportSession>();

const portOf = (listening: Server) => (listening.address() as AddressInfo).port;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function accept(peer: Socket): void {
  sockets.add(peer);
  peer.on('close', () => sockets.delete(peer));
  peer.on('error', () => {});
  serve(peer);
}

beforeAll(async () => {
  desk = openCertificateDesk();
  authority = desk.issue({ name: 'Test authority', authority: true });
  leaf = desk.issue({ name: 'broker.test', issuer: authority });
  server = createServer(accept).listen(0, '127.0.0.1');
  // A broker that knows `mqtt` alone ends the handshake of whoever offers only others.
  secure = createTlsServer({ key: leaf.key, cert: leaf.certificate, ALPNProtocols: ['mqtt'] }, accept).listen(
    0,
    '127.0.0.1',
  );
  await Promise.all([once(server, 'listening'), once(secure, 'listening')]);
});
afterAll(() => {
  desk.close();
  server.close();
  secure.close();
});
beforeEach(() => {
  serve = () => {};
});
afterEach(() => {
  for (const session of sessions) session.destroy();
  for (const peer of sockets) peer.destroy();
  sessions.clear();
});

function dialThrough(hops: readonly Hop[] = [direct], ca = authority.certificate) {
  return createDialler({
    clock,
    profile: { route: async () => hops, tls: () => ({ ...plainTls, ca }), connectTo: null, http2: true },
  });
}

function open(
  url = `mqtt://127.0.0.1:${portOf(server)}`,
  changed: Partial<TransportOptions> = {},
  dial = dialThrough(),
) {
  const transport = createTcpTransport({ stream: createStreamPort({ dial, clock }), clock });
  const recorder = createRecorder();
  const request: AttachRequest = { url, headers: [], subprotocols: [], lastEventId: null, packets: records };
  const session = transport.open(() => request, { ...options, ...changed }, recorder);
  sessions.add(session);
  return { recorder, session, bodies: () => recorder.frames.map(({ data }) => bodyOf(data)) };
}

describe('tcp', () => {
  it('opens without a head, with the timings of its way', async () => {
    const { recorder } = open();
    await recorder.until(({ openings }) => openings.length === 1);
    const [opening] = recorder.openings;
    expect(opening?.head).toBeNull();
    expect(opening?.timings).toMatchObject({ tlsMs: null, proxyMs: null, answerMs: null });
    expect(opening?.timings.tcpMs).toBeGreaterThanOrEqual(0);
    expect(opening?.roundTripMs).toBeGreaterThanOrEqual(0);
  });

  it('brings packets in order, cut anywhere', async () => {
    const sent = Array.from({ length: 40 }, (_, n) => `${n} ${'é'.repeat(n)}`);
    serve = async (peer) => {
      for (const byte of Buffer.concat(sent.map(record))) {
        peer.write(Buffer.from([byte]));
        if (byte % 3 === 0) await new Promise(setImmediate);
      }
    };
    const { recorder, session, bodies } = open();
    await recorder.until(({ frames }) => frames.length === sent.length);
    expect(bodies()).toEqual(sent);
    expect(session.bytesRead()).toBe(Buffer.concat(sent.map(record)).length);
    expect(recorder.frames[3]?.bytes).toBe(record(sent[3] ?? '').length);
  });

  it('brings many packets of one read, and a large one', async () => {
    serve = (peer) => {
      peer.write(Buffer.concat(Array.from({ length: 5_000 }, (_, n) => record(String(n)))));
      peer.write(record(Buffer.alloc(900_000, 'z')));
    };
    const { recorder, bodies } = open();
    await recorder.until(({ frames }) => frames.length === 5_001);
    expect(bodies().slice(0, 5_000)).toEqual(Array.from({ length: 5_000 }, (_, n) => String(n)));
    expect(recorder.frames[5_000]?.bytes).toBe(900_004);
  });

  it('tells an end in order from one in the middle of a packet, and a reset from both', async () => {
    serve = (peer) => peer.end(record('a'));
    const whole = open();
    await whole.recorder.until(({ ends }) => ends.length > 0);
    expect(whole.recorder.ends).toEqual([{ kind: 'ended', whole: true }]);
    expect(whole.bodies()).toEqual(['a']);

    serve = (peer) => peer.end(Buffer.concat([record('a'), record('bcd').subarray(0, 6)]));
    const cut = open();
    await cut.recorder.until(({ ends }) => ends.length > 0);
    expect(cut.recorder.ends).toEqual([{ kind: 'ended', whole: false }]);
    expect(cut.bodies()).toEqual(['a']);

    serve = (peer) => void peer.write(record('a'), () => setTimeout(() => peer.resetAndDestroy(), 30));
    const reset = open();
    await reset.recorder.until(({ ends }) => ends.length > 0);
    expect(reset.recorder.ends[0]).toMatchObject({ kind: 'failed', failure: { phase: 'body', code: 'ECONNRESET' } });
    expect(reset.bodies()).toEqual(['a']);
    for (const { recorder } of [whole, cut, reset]) expect(recorder.log.at(-1)).toBe('end');
  });

  it('over the size limit there is a clear cause: by what the head says, before it has come', async () => {
    serve = (peer) => void peer.write(record(Buffer.alloc(200_000)).subarray(0, 10));
    const { recorder } = open(undefined, { maxFrameBytes: 100_000 });
    await recorder.until(({ ends }) => ends.length > 0);
    expect(recorder.ends).toEqual([{ kind: 'too-large', bytes: 200_004, limit: 100_000 }]);
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('what is no packet ends it with what was found, behind those before it', async () => {
    serve = (peer) => void peer.write(Buffer.concat([record('a'), Buffer.alloc(8, 0xff), record('b')]));
    const { recorder, bodies } = open();
    await recorder.until(({ ends }) => ends.length > 0);
    expect(recorder.ends).toEqual([{ kind: 'no-packet', found: 'no length' }]);
    expect(bodies()).toEqual(['a']);
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('reports a refused connection with its errno, and a name that does not exist', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const port = portOf(closed);
    closed.close();
    await once(closed, 'close');
    const refused = open(`mqtt://127.0.0.1:${port}`);
    await refused.recorder.until(({ ends }) => ends.length > 0);
    expect(refused.recorder.ends[0]).toMatchObject({ kind: 'failed', failure: { phase: 'tcp', code: 'ECONNREFUSED' } });
    const unknown = open('mqtt://nowhere.invalid');
    await unknown.recorder.until(({ ends }) => ends.length > 0);
    expect(unknown.recorder.ends[0]).toMatchObject({ kind: 'failed', failure: { phase: 'dns' } });
    const odd = open('odd://127.0.0.1');
    await odd.recorder.until(({ ends }) => ends.length > 0);
    expect(odd.recorder.ends[0]).toMatchObject({ kind: 'failed', failure: { phase: 'handshake' } });
  });

  it('stops reading while paused, and the server feels it', async () => {
    const megabyte = record(Buffer.alloc(999_000, 'x'));
    let written = 0;
    serve = (peer) => {
      const more = () => {
        while (written < 400 && peer.write(megabyte)) written += 1;
        written += 1;
      };
      peer.on('drain', () => written < 400 && more());
      more();
    };
    const { recorder, session } = open();
    await recorder.until(({ frames }) => frames.length > 0);
    session.pause();
    await wait(100);
    const read = session.bytesRead();
    const sent = written;
    const came = recorder.frames.length;
    await wait(150);
    expect(session.bytesRead() - read).toBeLessThan(2_000_000);
    expect(written - sent).toBeLessThan(3);
    expect(recorder.frames.length).toBe(came);
    session.resume();
    await expect.poll(() => session.bytesRead()).toBeGreaterThan(read + 10_000_000);
    expect(recorder.ends).toEqual([]);
  });

  it('a pause before it is open holds back what comes then', async () => {
    serve = (peer) => void peer.write(record('a'));
    const { recorder, session, bodies } = open();
    session.pause();
    await recorder.until(({ openings }) => openings.length === 1);
    await wait(50);
    expect(bodies()).toEqual([]);
    session.resume();
    await recorder.until(({ frames }) => frames.length === 1);
  });

  it('sends in order, text as UTF-8 and bytes as they are, and tells when it has left', async () => {
    const heard: Buffer[] = [];
    serve = (peer) => void peer.on('data', (data: Buffer) => heard.push(data));
    const { recorder, session } = open();
    await recorder.until(({ openings }) => openings.length === 1);
    expect(session.send('é', () => {})).toBe(true);
    session.send(Buffer.from([0, 255]), () => {});
    await new Promise<void>((resolve) => session.send({ compose: (fill) => fill('sealed') }, resolve));
    await expect.poll(() => Buffer.concat(heard)).toEqual(Buffer.from([0xc3, 0xa9, 0, 255, ...Buffer.from('sealed')]));
    expect(session.ping(() => {})).toBe(false);
    expect(session.bytesQueued()).toBe(0);
  });

  it('closes politely: what was sent arrives, and a server that does not close is left within three seconds', async () => {
    const heard: Buffer[] = [];
    let ended = false;
    serve = (peer) => {
      peer.allowHalfOpen = true;
      peer.on('data', (data: Buffer) => heard.push(data));
      peer.on('end', () => {
        ended = true;
      });
      // Only who writes notices that nobody is there any more.
      const timer = setInterval(() => peer.write(record('still here')), 100);
      peer.on('close', () => clearInterval(timer));
    };
    const { recorder, session } = open();
    await recorder.until(({ openings }) => openings.length === 1);
    session.send('bye', () => {});
    session.close();
    await expect.poll(() => ended).toBe(true);
    expect(Buffer.concat(heard).toString()).toBe('bye');
    await expect.poll(() => sockets.size, { timeout: 4000 }).toBe(0);
    expect(recorder.ends).toEqual([]);
  });

  it('is silent after destroy at any moment', async () => {
    serve = (peer) => {
      const timer = setInterval(() => peer.write(record('a')), 1);
      peer.on('close', () => clearInterval(timer));
    };
    for (const ms of [0, 1, 5, 20]) {
      const { recorder, session } = open();
      await wait(ms);
      session.destroy();
      const told = recorder.log.length;
      await wait(50);
      expect(recorder.log.length).toBe(told);
      expect(recorder.ends).toEqual([]);
    }
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('mqtts: speaks TLS, offers no protocol of HTTP, and judges the certificate', async () => {
    serve = (peer) => void peer.write(record('secret'));
    const { recorder, bodies } = open(`mqtts://127.0.0.1:${portOf(secure)}`);
    await recorder.until(({ frames }) => frames.length === 1);
    expect(bodies()).toEqual(['secret']);
    expect(recorder.openings[0]?.timings.tlsMs).toBeGreaterThan(0);
    const strange = open(`mqtts://127.0.0.1:${portOf(secure)}`, {}, dialThrough([direct], ''));
    await strange.recorder.until(({ ends }) => ends.length > 0);
    expect(strange.recorder.ends[0]).toMatchObject({ kind: 'failed', failure: { phase: 'tls' } });
    expect(strange.recorder.openings).toEqual([]);
  });

  it('goes through a proxy by CONNECT, with TLS and without, and through SOCKS', async () => {
    serve = (peer) => void peer.write(record('hello'));
    const proxy = await startHttpProxy({ hosts });
    const socks = await startSocksProxy({ hosts });
    const http = hopsOf(`PROXY 127.0.0.1:${proxy.port}`);
    const ways: readonly (readonly [string, readonly Hop[]])[] = [
      [`mqtt://broker.test:${portOf(server)}`, http],
      [`mqtts://broker.test:${portOf(secure)}`, http],
      [`mqtt://broker.test:${portOf(server)}`, hopsOf(`SOCKS5 127.0.0.1:${socks.port}`)],
    ];
    for (const [url, hops] of ways) {
      const { recorder, bodies, session } = open(url, {}, dialThrough(hops));
      await recorder.until(({ frames }) => frames.length === 1);
      expect(bodies()).toEqual(['hello']);
      expect(recorder.openings[0]?.timings.proxyMs).toBeGreaterThanOrEqual(0);
      session.destroy();
    }
    expect(proxy.asked).toEqual([`CONNECT broker.test:${portOf(server)}`, `CONNECT broker.test:${portOf(secure)}`]);
    expect(socks.asked).toEqual([`broker.test:${portOf(server)}`]);
    await Promise.all([proxy.close(), socks.close()]);
  });
});

describe('websocket with packets', () => {
  it('cuts its binary messages wherever they are cut, leaves text as it is, and keeps the limit', async () => {
    const raw = await startRawServer();
    const dial = dialThrough();
    const transport = createWebSocketTransport({ socket: createSocketPort({ dial, clock }), clock });
    const ask = (changed: Partial<TransportOptions> = {}) => {
      const recorder = createRecorder();
      const request: AttachRequest = {
        ...{ url: `ws://${raw.host}/mqtt`, headers: [], subprotocols: [], lastEventId: null },
        packets: records,
      };
      sessions.add(transport.open(() => request, { ...options, ...changed }, recorder));
      return recorder;
    };
    raw.upgrade = (request, peer) => {
      const frame = acceptUpgrade(request, peer);
      const all = Buffer.concat(['one', 'two', 'three'].map(record));
      for (let at = 0; at < all.length; at += 5) peer.write(frame(all.subarray(at, at + 5), 2));
      peer.write(frame(Buffer.from('text'), 1));
    };
    const recorder = ask();
    await recorder.until(({ frames }) => frames.length === 4);
    expect(recorder.frames.map(({ data }) => (typeof data === 'string' ? data : bodyOf(data)))).toEqual([
      'one',
      'two',
      'three',
      'text',
    ]);
    raw.upgrade = (request, peer) => {
      peer.write(acceptUpgrade(request, peer)(record(Buffer.alloc(2_000)).subarray(0, 50), 2));
    };
    const large = ask({ maxFrameBytes: 1_000 });
    await large.until(({ ends }) => ends.length > 0);
    expect(large.ends).toEqual([{ kind: 'too-large', bytes: 2_004, limit: 1_000 }]);
    for (const session of sessions) session.destroy();
    await expect.poll(() => raw.sockets.size).toBe(0);
    await raw.close();
  });
});
