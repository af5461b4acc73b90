import { afterEach, describe, expect, it } from 'vitest';
import { sourceSchema } from '../../../shared/source';
import { rule } from '../alerts/testing/samples';
import { createEngine, type Engine } from '../engine';

import { createFakeClock, type FakeClock } from '../simulation/fake-clock';
import { createFakeGateway, type FakeGateway } from '../simulation/fake-gateway';
import { createFakeHostSignals } from '../simulation/fake-host';
import { createFakeNetwork } from '../simulation/fake-network';
import { createMemoryJournal } from '../simulation/memory-stores';
import { createSeededRandom } from '../simulation/seeded-random';
import { clearWeather } from '../simulation/weather';
import { readEventStreamDirectly } from '../transports/event-stream-reader';

let clock: FakeClock;
let gateway: FakeGateway;
let engine: Engine;

const url = 'http://a.example.test/v1/alpha';
const config = sourceSchema.parse({
  id: 'alpha',
  name: 'Alpha',
  url,
  protocol: 'gateway',
  ladder: [{ transport: 'sse', url: `${url}/sse` }],
});

afterEach(async () => {
  gateway.close();
  const closed = engine.close();
  await clock.advanceAsync(5000);
  await closed;
});

/** A feed with an event a second for a minute. */
async function start() {
  clock = createFakeClock();
  const random = createSeededRandom(1);
  gateway = createFakeGateway({ clock, random: createSeededRandom(2) });
  const network = createFakeNetwork({ clock, random });
  network.addHost('a.example.test', { server: gateway.server, weather: clearWeather() });
  engine = createEngine({
    clock,
    random,
    http: network.http,
    socket: network.socket,
    reader: readEventStreamDirectly,
    host: createFakeHostSignals(),
    journal: createMemoryJournal(clock, new Map()),
    alertRules: [rule({ kind: 'stale' })],
  });
  const raised: string[] = [];
  engine.onAlerts((news) => {
    if (news.kind !== 'forgotten') raised.push(...news.changes.map(({ alert }) => alert.id));
  });
  const badges: string[] = [];
  engine.onChange(() => badges.push(engine.view('alpha')?.badge ?? ''));
  await engine.addSource(config);
  await clock.advanceAsync(2000);
  for (let second = 0; second < 60; second += 1) {
    gateway.publish('alpha');
    await clock.advanceAsync(1000);
  }
  badges.length = 0;
  return { raised, badges };
}

describe('a feed with an event a second', () => {
  it('promise 21: a process that stood still for 15 s raises no stale alert', async () => {
    const { raised, badges } = await start();
    for (let stand = 0; stand < 5; stand += 1) {
      clock.jump(15_000, () => {});
      await clock.advanceAsync(137);
      for (let second = 0; second < 20; second += 1) {
        gateway.publish('alpha');
        await clock.advanceAsync(1000);
      }
    }
    expect(raised).toEqual([]);
    expect(badges).toContain('live');
    expect(badges).not.toContain('stale');
  });

  it('promise 21: one that falls silent while we run does', async () => {
    const { raised, badges } = await start();
    await clock.advanceAsync(20_000);
    expect(raised).toHaveLength(1);
    expect(badges).toContain('stale');
  });
});
