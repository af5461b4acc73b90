import { describe, expect, it } from 'vitest';
import type { ProtocolName } from '../../../shared/protocols';
import { recipeSchema } from '../../../shared/recipe';
import { createPhoenixFixture } from '../protocols/phoenix/testing/phoenix-fixture';
import { createSignalrFixture } from '../protocols/signalr/testing/signalr-fixture';
import { createStompFixture } from '../protocols/stomp/testing/stomp-fixture';
import { type Fixture, simulated } from '../protocols/testing/peer';
import { createSimOutboxStore } from '../simulation/memory-stores';
import { startEngineBench } from './testing/engine-bench';

/** A source of such a feed that is live, and what became of what was sent, oldest first. */
async function start(fixture: Fixture, protocol: ProtocolName, path: string, speak: object) {
  const bench = await startEngineBench({
    server: () => simulated(fixture),
    source: { protocol, ladder: [['websocket', path]], recipe: recipeSchema.parse({ name: 'r', title: 'R', speak }) },
    parts: () => ({ outboxStore: createSimOutboxStore() }),
  });
  const send = async (type: string, body: string, ms = 1_000) => {
    await bench.engine.outbox.send('s', type, body);
    await bench.clock.advanceAsync(ms);
  };
  const items = () => [...(bench.engine.outbox.view('s')?.items ?? [])].reverse();
  return { ...bench, send, items, states: () => items().map(({ state, note }) => `${state}: ${note}`) };
}

const stomp = (fixture: ReturnType<typeof createStompFixture>) =>
  start(fixture, 'stomp', '/ws', { protocol: 'stomp', destinations: ['/topic/a'] });

describe('what is sent to a broker of STOMP', () => {
  it('arrived once its receipt is here', async () => {
    const fixture = createStompFixture();
    const { send, states, view } = await stomp(fixture);
    await send('/queue/a', '{"n":1}');
    expect(fixture.taken).toEqual(['{"n":1}']);
    expect(states()).toEqual(['acknowledged: The server has it.']);
    expect(view()?.sends).toBe(true);
  });

  it('is unknown where no receipt comes, does not keep others waiting for ever, and a late one still counts', async () => {
    const fixture = createStompFixture();
    const { send, states, clock } = await stomp(fixture);
    fixture.hooks.mute = true;
    await send('/queue/a', 'one', 14_000);
    expect(states()).toEqual(['sending: ']);
    await clock.advanceAsync(2_000);
    expect(states()).toEqual(['unknown: The feed did not answer it within 15 s.']);
    fixture.hooks.mute = false;
    await send('/queue/a', 'two');
    expect(states()[1]).toBe('acknowledged: The server has it.');
    fixture.receipt('message-1');
    await clock.advanceAsync(1_000);
    expect(states()[0]).toBe('acknowledged: The server has it.');
    expect(fixture.taken).toEqual(['one', 'two']);
  });

  it('promise 3: is unknown after a cut, and not sent again by itself', async () => {
    const fixture = createStompFixture();
    const { send, states, clock, engine, items } = await stomp(fixture);
    fixture.hooks.mute = true;
    await send('/queue/a', 'one');
    fixture.close(1011, '');
    await clock.advanceAsync(60_000);
    expect(states()).toEqual(['unknown: The connection was cut while it was under way.']);
    expect(fixture.taken).toEqual(['one']);
    fixture.hooks.mute = false;
    await engine.outbox.decide('s', items()[0]?.number ?? 0, 'again');
    await clock.advanceAsync(1_000);
    expect(states()).toEqual(['acknowledged: The server has it.']);
    expect(fixture.taken).toEqual(['one', 'one']);
  });

  it('is refused in the words of the broker, which ends the connection with them', async () => {
    const fixture = createStompFixture();
    const { send, states, view, clock } = await stomp(fixture);
    await send('/secret/a', 'one', 100);
    expect(states()).toEqual(['refused: not allowed: write /secret/a']);
    await clock.advanceAsync(30_000);
    expect(view()?.state.kind).toBe('live');
  });

  it('needs a destination', async () => {
    const { send } = await stomp(createStompFixture());
    await expect(send(' ', 'x')).rejects.toThrow('Name the destination');
  });
});

describe('what is sent to a hub of SignalR', () => {
  it('is a call: its result or what went wrong is what became of it', async () => {
    const fixture = createSignalrFixture();
    const { send, states } = await start(fixture, 'signalr', '/chatHub', { protocol: 'signalr' });
    await send('Join', '"a"');
    await send('Broken', '[]');
    expect(fixture.heard).toEqual(['handshake', 'call Join', 'call Broken']);
    expect(states()).toEqual(['acknowledged: The server has it.', "refused: Failed to invoke 'Broken'"]);
    await expect(send('Join', '{')).rejects.toThrow('Arguments are JSON');
  });
});

describe('what is sent to a channel of Phoenix', () => {
  const speak = { protocol: 'phoenix', topics: [{ topic: 'a' }, { topic: 'b' }] };

  it('arrived or is refused where the channel answers, and is sent where it does not', async () => {
    const fixture = createPhoenixFixture();
    const { send, states } = await start(fixture, 'phoenix', '/socket/websocket', speak);
    await send('b ask', '{}');
    await send('b wrong', '{}');
    await send('a tell', '{}', 3_000);
    expect(fixture.heard.slice(2)).toEqual(['push b ask', 'push b wrong', 'push a tell']);
    expect(states()).toEqual([
      'acknowledged: The server has it. It answered {"n":1}.',
      'refused: not so',
      'sent: The connection showed life after it.',
    ]);
    await expect(send('ask', '{}')).rejects.toThrow('Name the channel and the event');
    await expect(send('c ask', '{}')).rejects.toThrow('is not joined');
  });
});

describe('a feed that people know as two-way and nothing can be sent to', () => {
  it.each([
    ['graphql-ws', '/graphql', 'mutation'],
    ['pusher', '/app/key', 'signature'],
  ] as const)('says why: %s', async (protocol, path, word) => {
    const silent: Fixture = { serve() {} };
    const { send, view } = await start(silent, protocol, path, { protocol });
    expect(view()).toMatchObject({ sends: false, cannotSend: expect.stringContaining(word) });
    await expect(send('x', 'y')).rejects.toThrow(word);
  });
});
