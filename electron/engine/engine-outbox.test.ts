import { describe, expect, it } from 'vitest';
import type { FakeGateway } from './simulation/fake-gateway';
import type { FakeServer } from './simulation/fake-server';
import { createSimOutboxStore } from './simulation/memory-stores';
import { gatewayFor, startEngineBench } from './source/testing/engine-bench';

/** A gateway whose answers to messages can be held back on their way, and what it took. */
async function start(transport: 'websocket' | 'poll') {
  const made: FakeGateway[] = [];
  const way = { muted: false };
  const bench = await startEngineBench({
    server(clock) {
      const gateway = gatewayFor(clock);
      made.push(gateway);
      return muted(gateway.server, way);
    },
    source: {
      protocol: 'gateway',
      ladder: [[transport, transport === 'websocket' ? '/v1/alpha/ws' : '/v1/alpha/poll']],
    },
    parts: () => ({ outboxStore: createSimOutboxStore() }),
  });
  const taken = () => made[0]?.inbox.taken().map(({ body }) => body) ?? [];
  const states = () =>
    bench.engine.outbox
      .view('s')
      ?.items.map(({ state }) => state)
      .reverse();
  /** Another stream of the same server. */
  const moveTo = async (stream: string) => {
    const config = bench.view()?.config;
    if (!config) throw new Error('There is no source.');
    const at = (url: string) => url.replace(/\/v1\/[a-z]+/, `/v1/${stream}`);
    await Promise.all([
      bench.engine.editSource({
        ...config,
        url: at(config.url),
        ladder: config.ladder.map((rung) => ({ ...rung, url: at(rung.url) })),
      }),
      bench.clock.advanceAsync(30_000),
    ]);
  };
  return { ...bench, way, taken, states, moveTo, gateway: made[0] };
}

/** Requests reach it; what it says of messages does not come back. */
function muted(server: FakeServer, way: { readonly muted: boolean }): FakeServer {
  return {
    ...server,
    exchange(exchange) {
      if (!way.muted || exchange.request.method !== 'POST') return server.exchange(exchange);
      server.exchange({ ...exchange, head: () => {}, write: () => {}, end: () => {} });
    },
    socket(socket) {
      server.socket?.({
        ...socket,
        send(text) {
          if (!way.muted || !String(text).includes('"published"')) socket.send(text);
        },
      });
    },
  };
}

describe.each(['websocket', 'poll'] as const)('messages to a gateway by %s', (transport) => {
  it('promise 24: one that was taken before the server began anew is not sent to the new log', async () => {
    const { engine, clock, way, taken, states, gateway } = await start(transport);
    way.muted = true;
    await engine.outbox.send('s', 'note', '"fail over"');
    await clock.advanceAsync(2_000);
    expect(taken()).toEqual(['"fail over"']);
    gateway?.restart();
    way.muted = false;
    await clock.advanceAsync(120_000);
    expect([taken(), states()]).toEqual([['"fail over"'], ['unknown']]);
    await engine.outbox.send('s', 'note', '"next"');
    await clock.advanceAsync(10_000);
    expect([taken(), states()]).toEqual([
      ['"fail over"', '"next"'],
      ['unknown', 'acknowledged'],
    ]);
  });

  it('promise 24: one whose answer was lost is taken once where the log went on', async () => {
    const { engine, clock, way, taken, states } = await start(transport);
    way.muted = true;
    await engine.outbox.send('s', 'note', '"once"');
    await clock.advanceAsync(2_000);
    way.muted = false;
    await clock.advanceAsync(120_000);
    expect([taken(), states()]).toEqual([['"once"'], ['acknowledged']]);
  });

  it('promise 4: an edit of the address sends nothing there that was written for another', async () => {
    const { engine, clock, way, taken, states, moveTo } = await start(transport);
    way.muted = true;
    await engine.outbox.send('s', 'note', '"first"');
    await clock.advanceAsync(2_000);
    await engine.outbox.send('s', 'note', '"second"');
    way.muted = false;
    await moveTo('beside');
    expect([taken(), states()]).toEqual([['"first"'], ['unknown', 'held']]);
    await engine.outbox.decide('s', 1, 'dismiss');
    await moveTo('alpha');
    expect([taken(), states()]).toEqual([['"first"', '"second"'], ['acknowledged']]);
  });
});
