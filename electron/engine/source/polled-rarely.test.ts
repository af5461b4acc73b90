import { afterEach, describe, expect, it } from 'vitest';
import { sourceSchema } from '../../../shared/source';
import { createEngine, type Engine } from '../engine';
import { createVolatileJournal } from '../journal/volatile';
import { createFakeClock, type FakeClock } from '../simulation/fake-clock';
import { createFakeHostSignals } from '../simulation/fake-host';
import { createFakeNetwork } from '../simulation/fake-network';
import type { FakeServer } from '../simulation/fake-server';
import { createSeededRandom } from '../simulation/seeded-random';
import { clearWeather } from '../simulation/weather';
import { readEventStreamDirectly } from '../transports/event-stream-reader';

const hourMs = 3_600_000;

let clock: FakeClock;
let engine: Engine;

afterEach(async () => {
  const closed = engine.close();
  await clock.advanceAsync(5000);
  await closed;
});

/** A page that asks to be polled every eleven days, until it answers no more. */
async function start() {
  clock = createFakeClock();
  const random = createSeededRandom(1);
  const network = createFakeNetwork({ clock, random });
  const asked: number[] = [];
  let silent = false;
  const server: FakeServer = {
    socket: (socket) => socket.refuse(404, [], ''),
    exchange(exchange) {
      asked.push(clock.now());
      if (silent) return;
      exchange.head(200, [
        ['content-type', 'application/json'],
        ['x-poll-interval', '999999'],
      ]);
      exchange.write('[]');
      exchange.end();
    },
  };
  network.addHost('page.example.test', { server, weather: clearWeather() });
  engine = createEngine({
    clock,
    random,
    http: network.http,
    socket: network.socket,
    reader: readEventStreamDirectly,
    host: createFakeHostSignals(),
    journal: createVolatileJournal(),
  });
  const url = 'http://page.example.test/';
  const ladder = [{ transport: 'poll', url }];
  await engine.addSource(sourceSchema.parse({ id: 's', name: 'Page', url, protocol: 'json', ladder }));
  const fallSilent = () => {
    silent = true;
  };
  return { asked, fallSilent };
}

describe('a page that asks to be polled every eleven days', () => {
  it('promise 14: is asked hourly, and said to be', async () => {
    const { asked } = await start();
    await clock.advanceAsync(6.5 * hourMs);
    expect(asked).toHaveLength(7);
    expect(engine.view('s')?.state.kind).toBe('live');
    expect(engine.view('s')?.notes?.map(({ code }) => code)).toEqual(['polled-hourly']);
  });

  it('promise 14: is live no longer than it is proven: two intervals, as they are bounded', async () => {
    const { fallSilent } = await start();
    await clock.advanceAsync(0.5 * hourMs);
    fallSilent();
    await clock.advanceAsync(1.5 * hourMs);
    expect(engine.view('s')?.state.kind).toBe('live');
    await clock.advanceAsync(0.2 * hourMs);
    expect(engine.view('s')?.state.kind).not.toBe('live');
  });
});
