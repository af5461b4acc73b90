import { afterEach, describe, expect, it } from 'vitest';
import { sourceSchema } from '../../../shared/source';
import type { Pressure } from '../core/delivery';
import { createEngine, type Engine } from '../engine';
import { createVolatileJournal } from '../journal/volatile';
import { createFakeClock, type FakeClock } from '../simulation/fake-clock';
import { createFakeGateway, type FakeGateway } from '../simulation/fake-gateway';
import { createFakeHostSignals } from '../simulation/fake-host';
import { createFakeNetwork } from '../simulation/fake-network';
import { createSeededRandom } from '../simulation/seeded-random';
import { clearWeather } from '../simulation/weather';
import { readEventStreamDirectly } from '../transports/event-stream-reader';

let clock: FakeClock;
let gateway: FakeGateway;
let engine: Engine;

afterEach(async () => {
  gateway.close();
  const closed = engine.close();
  await clock.advanceAsync(5000);
  await closed;
});

/** A source whose journal says when it cannot follow, and what happens to its socket then. */
async function start() {
  clock = createFakeClock();
  const random = createSeededRandom(1);
  gateway = createFakeGateway({ clock, random: createSeededRandom(2) });
  const network = createFakeNetwork({ clock, random });
  network.addHost('a.example.test', { server: gateway.server, weather: clearWeather() });
  let answer: Pressure = 'go';
  let tell: (pressure: Pressure) => void = () => {};
  const done: string[] = [];
  engine = createEngine({
    clock,
    random,
    http: network.http,
    socket: network.socket,
    reader: readEventStreamDirectly,
    host: createFakeHostSignals(),
    journal: {
      ...createVolatileJournal(),
      append: () => answer,
      onPressure(listener) {
        tell = listener;
        return () => {};
      },
    },
    dressTransport: (transport) => ({
      kind: transport.kind,
      open(attach, options, sink) {
        const session = transport.open(attach, options, sink);
        return {
          ...session,
          pause() {
            done.push('pause');
            session.pause();
          },
          resume() {
            done.push('resume');
            session.resume();
          },
        };
      },
    }),
  });
  let events = 0;
  engine.onEvents((_source, batch) => {
    events += batch.length;
  });
  const url = 'http://a.example.test/v1/alpha';
  const ladder = [{ transport: 'sse', url: `${url}/sse` }];
  await engine.addSource(sourceSchema.parse({ id: 'alpha', name: 'Alpha', url, protocol: 'gateway', ladder }));
  await clock.advanceAsync(2000);
  return {
    done,
    events: () => events,
    journal(pressure: Pressure) {
      answer = pressure;
      if (pressure === 'go') tell(pressure);
    },
  };
}

describe('a source whose journal cannot follow', () => {
  it('is held: its socket is not read until the journal has room', async () => {
    const { done, events, journal } = await start();
    journal('wait');
    gateway.publish('alpha');
    await clock.advanceAsync(1000);
    expect([events(), done]).toEqual([1, ['pause']]);
    expect(engine.view('alpha')?.badge).toBe('throttled');
    for (let n = 0; n < 20; n += 1) gateway.publish('alpha');
    await clock.advanceAsync(10_000);
    expect(events()).toBe(1);
    journal('go');
    await clock.advanceAsync(1000);
    expect([events(), done]).toEqual([21, ['pause', 'resume']]);
  });
});
