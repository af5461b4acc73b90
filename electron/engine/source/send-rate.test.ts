import { describe, expect, it } from 'vitest';
import { defaultReach } from '../../../shared/reach';
import { createSimOutboxStore } from '../simulation/memory-stores';
import { startEngineBench } from './testing/engine-bench';

/** A two-way feed that acknowledges nothing, and every frame that left for it. */
async function start(sendsPerSecond: number) {
  const heard: string[] = [];
  const sent: number[] = [];
  const bench = await startEngineBench({
    server: () => ({
      exchange: (exchange) => exchange.head(404, []),
      socket(socket) {
        socket.accept();
        socket.onMessage((data) => heard.push(String(data)));
      },
    }),
    source: { protocol: 'json', ladder: [['websocket', '/']], reach: { ...defaultReach, sendsPerSecond } },
    parts: (clock) => ({
      outboxStore: createSimOutboxStore(),
      dressTransport: (transport) => ({
        kind: transport.kind,
        open(attach, options, sink) {
          const session = transport.open(attach, options, sink);
          return {
            ...session,
            send(text, flushed) {
              sent.push(clock.now());
              return session.send(text, flushed);
            },
            ping(flushed) {
              sent.push(clock.now());
              return session.ping(flushed);
            },
          };
        },
      }),
    }),
  });
  const busiest = () => Math.max(...sent.map((from) => sent.filter((at) => at >= from && at < from + 1000).length));
  return { ...bench, heard, sent, busiest };
}

describe('messages to a feed', () => {
  it('promise 23: thirty sent one after the other do not go out as sixty frames in one second', async () => {
    const { clock, engine, heard, sent, busiest } = await start(10);
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
    const { clock, engine, heard, busiest } = await start(1);
    for (let n = 0; n < 20; n += 1) await engine.outbox.send('s', 'note', `message ${n}`);
    await clock.advanceAsync(60_000);
    expect(heard).toHaveLength(20);
    expect(busiest()).toBeLessThanOrEqual(3);
    expect(engine.view('s')?.state.kind).toBe('live');
    expect(engine.view('s')?.counters.reconnects).toBe(0);
  });
});
