import { afterEach, describe, expect, it } from 'vitest';
import { sourceSchema } from '../../../shared/source';
import { createEngine, type Engine } from '../engine';
import { createVolatileJournal } from '../journal/volatile';
import { createFakeClock, type FakeClock } from '../simulation/fake-clock';
import { createFakeGateway, type FakeGateway } from '../simulation/fake-gateway';
import { createFakeHostSignals } from '../simulation/fake-host';
import { createFakeNetwork } from '../simulation/fake-network';
import { createSeededRandom } from '../simulation/seeded-random';
import { clearWeather } from '../simulation/weather';
import { readEventStreamDirectly } from '../transports/event-stream-reader';
import { undeliveredIn } from './undelivered';

let clock: FakeClock;
let gateway: FakeGateway;
let engine: Engine;

afterEach(async () => {
  gateway.close();
  const closed = engine.close();
  await clock.advanceAsync(5000);
  await closed;
});

/** A new source of our gateway; `buffer`: something on the way holds SSE back. */
async function start(sse: 'pass' | 'buffer') {
  clock = createFakeClock();
  const random = createSeededRandom(1);
  gateway = createFakeGateway({ clock, random: createSeededRandom(2) });
  const network = createFakeNetwork({ clock, random });
  network.addHost('a.example.test', { server: gateway.server, weather: { ...clearWeather(), sse } });
  engine = createEngine({
    clock,
    random,
    http: network.http,
    socket: network.socket,
    reader: readEventStreamDirectly,
    host: createFakeHostSignals(),
    journal: createVolatileJournal(),
  });
  const url = 'http://a.example.test/v1/alpha';
  const ladder = [
    { transport: 'sse', url: `${url}/sse` },
    { transport: 'poll', url: `${url}/poll` },
  ];
  await engine.addSource(sourceSchema.parse({ id: 'alpha', name: 'Alpha', url, protocol: 'gateway', ladder }));
}

describe('a new source, of which no event has come yet', () => {
  it('promise 20: behind a proxy that buffers SSE moves on to what is free', async () => {
    await start('buffer');
    await clock.advanceAsync(30_000);
    expect(engine.view('alpha')?.state).toMatchObject({ kind: 'live', rung: 1 });
    expect(engine.view('alpha')?.ladder[0]?.reason?.code).toBe('sse-buffered');
  });

  it('promise 20: whose stream gets through stays there', async () => {
    await start('pass');
    await clock.advanceAsync(300_000);
    expect(engine.view('alpha')?.state).toMatchObject({ kind: 'live', rung: 0 });
    expect(engine.view('alpha')?.ladder[0]?.status).toBe('current');
  });
});

describe('an answer that is compared', () => {
  it('promise 20: proves nothing by events without numbers', () => {
    const event = { stream: 's', id: null, type: 't', body: '1', bytes: 1, value: 1, sentAt: null, receivedAt: 0 };
    const unnumbered = { kind: 'event', event: { ...event, position: null } } as const;
    const numbered = { kind: 'event', event: { ...event, position: { epoch: 'e', seq: 5 } } } as const;
    const at = (seq: number) => ({ positions: { s: { epoch: 'e', seq } }, token: null });
    expect(undeliveredIn([unnumbered], at(4), true)).toBe('unclear');
    expect(undeliveredIn([numbered], at(4), true)).toBe(1);
    expect(undeliveredIn([numbered], at(5), true)).toBe(0);
    expect(undeliveredIn([], at(5), true)).toBe(0);
  });
});
