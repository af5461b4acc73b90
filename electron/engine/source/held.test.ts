import { describe, expect, it } from 'vitest';
import type { Pressure } from '../core/delivery';
import { createVolatileJournal } from '../journal/volatile';
import { gatewayFor, startEngineBench } from './testing/engine-bench';

/** A source whose journal says when it cannot follow, and what happens to its socket then. */
async function start() {
  let answer: Pressure = 'go';
  let tell: (pressure: Pressure) => void = () => {};
  let publish: () => void = () => {};
  let events = 0;
  const done: string[] = [];
  const bench = await startEngineBench({
    server(clock) {
      const gateway = gatewayFor(clock);
      publish = () => gateway.publish('alpha');
      return gateway.server;
    },
    source: { protocol: 'gateway', ladder: [['sse', '/v1/alpha/sse']] },
    parts: () => ({
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
    }),
    listen(engine) {
      engine.onEvents((_source, batch) => {
        events += batch.length;
      });
    },
  });
  return {
    ...bench,
    publish: () => publish(),
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
    const { clock, view, publish, done, events, journal } = await start();
    journal('wait');
    publish();
    await clock.advanceAsync(1000);
    expect([events(), done]).toEqual([1, ['pause']]);
    expect(view()?.badge).toBe('throttled');
    for (let n = 0; n < 20; n += 1) publish();
    await clock.advanceAsync(10_000);
    expect(events()).toBe(1);
    journal('go');
    await clock.advanceAsync(1000);
    expect([events(), done]).toEqual([21, ['pause', 'resume']]);
  });
});
