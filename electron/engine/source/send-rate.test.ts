import { afterEach, describe, expect, it } from 'vitest';
import { defaultReach } from '../../../shared/reach';
import { sourceSchema } from '../../../shared/source';
import { createEngine, type Engine } from '../engine';
import { createVolatileJournal } from '../journal/volatile';
import { createFakeClock, type FakeClock } from '../simulation/fake-clock';
import { createFakeHostSignals } from '../simulation/fake-host';
import { createFakeNetwork } from '../simulation/fake-network';
import type { FakeServer } from '../simulation/fake-server';
import { createSimOutboxStore } from '../simulation/memory-stores';
import { createSeededRandom } from '../simulation/seeded-random';
import { clearWeather } from '../simulation/weather';
import { readEventStreamDirectly } from '../transports/event-stream-reader';

let clock: FakeClock;
let engine: Engine;

afterEach(async () => {
  const closed = engine.close();
  await clock.advanceAsync(5000);
  await closed;
  expect(clock.pending()).toBe(0);
});

/** A two-way feed that acknowledges nothing, and every frame that left for it. */
async function start(sendsPerSecond: number) {
  clock = createFakeClock();
  const random = createSeededRandom(1);
  const network = createFakeNetwork({ clock, random });
  const heard: string[] = [];
  const server: FakeServer = {
    exchange: (exchange) => exchange.head(404, []),
    socket(socket) {
      socket.accept();
      socket.onMessage((text) => heard.push(text));
    },
  };
  network.addHost('feed.example.test', { server, weather: clearWeather() });
  const sent: number[] = [];
  engine = createEngine({
    clock,
    random,
    http: network.http,
    socket: {
      open(request, sink) {
        const exchange = network.socket.open(request, sink);
        return {
          ...exchange,
          send(text, flushed) {
            sent.push(clock.now());
            exchange.send(text, flushed);
          },
          ping(flushed) {
            sent.push(clock.now());
            exchange.ping(flushed);
          },
        };
      },
    },
    reader: readEventStreamDirectly,
    host: createFakeHostSignals(),
    journal: createVolatileJournal(),
    outboxStore: createSimOutboxStore(),
  });
  const url = 'ws://feed.example.test/';
  const ladder = [{ transport: 'websocket', url }];
  const reach = { ...defaultReach, sendsPerSecond };
  await engine.addSource(sourceSchema.parse({ id: 's', name: 'Feed', url, protocol: 'json', ladder, reach }));
  await clock.advanceAsync(2000);
  const busiest = () => Math.max(...sent.map((from) => sent.filter((at) => at >= from && at < from + 1000).length));
  return { heard, sent, busiest };
}

describe('messages to a feed', () => {
  it('promise 23: thirty sent one after the other do not go out as sixty frames in one second', async () => {
    const { heard, sent, busiest } = await start(10);
    for (let n = 0; n < 30; n += 1) {
      await engine.outbox.send('s', 'note', `message ${n}`);
      await clock.advanceAsync(20);
    }
    await clock.advanceAsync(5_000);
    expect(heard).toEqual(Array.from({ length: 30 }, (_, n) => `message ${n}`));
    expect(busiest()).toBeLessThanOrEqual(30);
    expect(sent.length).toBeLessThan(45);
    expect(engine.outbox.view('s')?.items.every(({ state }) => state === 'sent')).toBe(true);
  });

  it('promise 23: the budget is a setting of the source', async () => {
    const { heard, busiest } = await start(1);
    for (let n = 0; n < 20; n += 1) await engine.outbox.send('s', 'note', `message ${n}`);
    await clock.advanceAsync(60_000);
    expect(heard).toHaveLength(20);
    expect(busiest()).toBeLessThanOrEqual(3);
    expect(engine.view('s')?.state.kind).toBe('live');
    expect(engine.view('s')?.counters.reconnects).toBe(0);
  });
});
