import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../electron/engine/transports/testing/free-port';
import { type RawServer, startRawServer } from '../../electron/engine/transports/testing/raw-server';
import { startTestGateway, type TestGateway } from '../../gateway/testing/start-gateway';
import type { TransportKind } from '../../shared/transport';
import { upgrades } from '../fault-proxy/fault';
import { type FaultProxy, startFaultProxy } from '../fault-proxy/fault-proxy';
import { brisk, gatewayLadder, pause, startWatch, type Timing, type Watch, type Watched } from './kit/watch';

const transports = ['websocket', 'sse', 'long-poll', 'poll'] as const;
/** A polite close waits 3 s; the rest is patience on a busy machine. */
const goneWithinMs = 15_000;

let gateway: TestGateway;
let proxy: FaultProxy;
let raw: RawServer;
let watch: Watch;
let baseline: string;

/** What keeps a process awake: sockets, timers, requests, by kind. The sources' own among them, so all of it is counted. */
function handles(): string {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].sort().join(' ');
}

const timing: Timing = { ...brisk, probeMs: 600, suspicionMs: 500 };

beforeEach(async () => {
  gateway = await startTestGateway({ heartbeatMs: 300 });
  proxy = await startFaultProxy({ host: '127.0.0.1', port: gateway.port });
  raw = await startRawServer();
  watch = startWatch(timing);
  // The engine's own clock runs from its first source on.
  const first = await watch.add({ protocol: 'gateway', ladder: gatewayLadder(proxy.host, ['sse']) });
  await first.untilLive('sse');
  await watch.remove(first);
  await gone();
  baseline = await steady();
});

afterEach(async () => {
  await watch.close();
  await proxy.close();
  await raw.close();
  await gateway.close();
});

/** No session, and at the servers no socket. */
async function gone(): Promise<void> {
  const deadline = performance.now() + goneWithinMs;
  const left = () => ({ sessions: watch.sessions(), proxied: proxy.open(), sockets: raw.sockets.size });
  const none = { sessions: 0, proxied: 0, sockets: 0 };
  while (JSON.stringify(left()) !== JSON.stringify(none) && performance.now() < deadline) await pause(20);
  expect(left()).toEqual(none);
}

/** Handles once they have stopped changing. */
async function steady(): Promise<string> {
  let before = '';
  for (let same = 0; same < 5; ) {
    await pause(50);
    const now = handles();
    same = now === before ? same + 1 : 0;
    before = now;
  }
  return before;
}

async function expectNothingLeft(source: Watched): Promise<void> {
  await watch.remove(source);
  expect(watch.sessions()).toBe(0);
  // Behind a black hole nobody learns of an end.
  proxy.heal();
  await gone();
  const deadline = performance.now() + goneWithinMs;
  while (handles() !== baseline && performance.now() < deadline) await pause(50);
  expect(handles()).toBe(baseline);
}

const at = (host: string, kinds: readonly TransportKind[] = transports) =>
  watch.add({ protocol: 'gateway', ladder: gatewayLadder(host, kinds) });

describe('closing a source leaves nothing of it', () => {
  it.each(transports)('live on %s', async (kind) => {
    const source = await at(proxy.host, [kind]);
    await source.untilLive(kind);
    await gateway.publishMany(5);
    await source.until('events', () => source.events.length > 0);
    await expectNothingLeft(source);
  });

  it.each(transports)('mid-handshake of %s: accepted, not answered', async (kind) => {
    proxy.set({ kind: 'black-hole' });
    const before = proxy.accepted();
    const source = await at(proxy.host, [kind]);
    await source.until('connected', () => proxy.accepted() > before);
    await expectNothingLeft(source);
  });

  it.each(transports)('in the moment of its first step over %s', async (kind) => {
    const source = await at(proxy.host, [kind]);
    await expectNothingLeft(source);
  });

  it('mid-backoff', async () => {
    const source = await at(`127.0.0.1:${await freePort()}`);
    await source.until('waiting', () => source.view().state.kind === 'waiting');
    await expectNothingLeft(source);
  });

  it('mid-control: the next rung has been asked and says nothing', async () => {
    raw.http = () => {};
    const source = await at(raw.host);
    await source.until('asked', () => source.codes().includes('control-request') && raw.requests.length >= 2);
    await expectNothingLeft(source);
  });

  it('mid-promotion: a better rung is being opened', async () => {
    proxy.set({ kind: 'reset' }, upgrades);
    const source = await at(proxy.host);
    await source.untilLive('sse');
    proxy.set({ kind: 'black-hole' }, upgrades);
    await source.until('a candidate', () => {
      const { state } = source.view();
      return state.kind === 'live' && state.candidate !== null && watch.sessions() === 2;
    });
    await expectNothingLeft(source);
  });

  it('mid-probe of a suspicion: the poll that is to prove it is not answered', async () => {
    raw.http = (request, response) => {
      if (!request.url?.includes('/sse')) return;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const hello = { kind: 'hello', stream: 'test', epoch: 'e', from: 0, head: 0, spreadMs: 300, heartbeatMs: 300 };
      response.write(`event: hello\nid: e:0\ndata: ${JSON.stringify(hello)}\n\n`);
    };
    const source = await at(raw.host, ['sse', 'poll']);
    await source.untilLive('sse');
    await source.until('the proof asked', () => raw.requests.some(({ url }) => url?.includes('/poll')));
    await expectNothingLeft(source);
  });

  it('stopped, with a recheck to come', async () => {
    raw.http = (_request, response) => response.writeHead(404).end();
    const source = await at(raw.host, ['sse', 'poll']);
    await source.until('stopped', () => source.view().state.kind === 'stopped');
    await expectNothingLeft(source);
  });

  it('mid-catch-up, while thousands of events come in', async () => {
    const source = await at(proxy.host, ['websocket']);
    await source.untilLive('websocket');
    const published = gateway.publishMany(5_000);
    await source.until('some of them', () => source.events.length > 0);
    await expectNothingLeft(source);
    await published;
  });

  it('at any moment whatever: sixty sources, each closed after a random while, over a network that breaks', async () => {
    const faults = [
      { kind: 'none' },
      { kind: 'reset' },
      { kind: 'black-hole' },
      { kind: 'half-close' },
      { kind: 'drip', everyMs: 0 },
      { kind: 'cut', from: 'upgrade', afterMs: 30, how: 'reset', swallow: true },
      { kind: 'latency', ms: 80 },
    ] as const;
    let turn = 0;
    const weather = setInterval(() => {
      turn += 1;
      proxy.set(faults[turn % faults.length] ?? { kind: 'none' });
    }, 170);
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const source = await at(proxy.host, transports.slice(index % 4));
        await pause(Math.random() * 3_000);
        await watch.remove(source);
      }),
    );
    clearInterval(weather);
    proxy.heal();
    const last = await at(proxy.host);
    await last.untilLive('websocket');
    await expectNothingLeft(last);
  });

  it('pausing leaves as little, and resuming goes on', async () => {
    const source = await at(proxy.host);
    await source.untilLive('websocket');
    source.command('pause');
    await gone();
    await gateway.publishMany(3);
    source.command('resume');
    await source.untilLive('websocket');
    await source.until('what was missed', () => source.events.length === 3);
    await expectNothingLeft(source);
  });
});

describe('a process whose engine was closed', () => {
  it('ends by itself', async () => {
    const root = fileURLToPath(new URL('../..', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', 'e2e/peers/kit/watch-and-close.ts', proxy.host], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const late = setTimeout(() => child.kill('SIGKILL'), 40_000);
    const code = await ended;
    clearTimeout(late);
    expect({ code, said }).toEqual({ code: 0, said: 'live live live live closed\n' });
  });
});
