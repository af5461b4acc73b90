import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Gap } from '../../../shared/gap';
import type { ProtocolName } from '../../../shared/protocols';
import { recipeSchema } from '../../../shared/recipe';
import type { Clock } from '../core/clock';
import type { DeliveredEvent } from '../core/delivery';
import { createGraphqlFixture } from '../protocols/graphql-ws/testing/graphql-fixture';
import { createPhoenixFixture } from '../protocols/phoenix/testing/phoenix-fixture';
import { createPusherFixture } from '../protocols/pusher/testing/pusher-fixture';
import { protocolOf } from '../protocols/registry';
import { createSignalrFixture } from '../protocols/signalr/testing/signalr-fixture';
import { type Fixture, serveFixture, simulated } from '../protocols/testing/peer';
import { frameOf } from '../protocols/testing/session';
import { createFakeClock } from '../simulation/fake-clock';
import { Talking } from './talking';
import { startEngineBench } from './testing/engine-bench';
import { atEnd, configOf, endAll, watchConfig } from './testing/other-feed';

afterEach(endAll);

/** A feed of a protocol that is spoken on a WebSocket, as its fixture serves it. */
interface Feed {
  readonly fixture: Fixture;
  readonly protocol: ProtocolName;
  readonly path: string;
  /** What it is told: the one thing that is subscribed to; refused: something that the fixture refuses. */
  readonly speak: object;
  readonly refused: { readonly speak: object; readonly text: string };
  publish(n: number): void;
  /** How often it was subscribed to. */
  subscriptions(): number;
  /** What was said to keep the connection, or in answer to a ping of the feed. */
  beats(): number;
  /** Whether we say something of our own accord to keep the connection. */
  readonly beatsItself: boolean;
  /** Null where the feed asks for no answer. */
  readonly ping: (() => void) | null;
  planned(): void;
  cut(): void;
}

const pusherFeed = (): Feed => {
  const fixture = createPusherFixture();
  return {
    ...{ fixture, protocol: 'pusher', path: '/app/key' },
    speak: { protocol: 'pusher', channels: ['a'] },
    refused: {
      speak: { protocol: 'pusher', channels: ['private-a'] },
      text: 'The feed refused the login (private-a: 401, The signature is missing).',
    },
    publish: (n) => fixture.publish('a', 'tick', { n }),
    subscriptions: () => fixture.heard.filter((said) => said === 'pusher:subscribe a').length,
    beats: () => fixture.heard.filter((said) => /pusher:p[io]ng/.test(said)).length,
    beatsItself: true,
    ping: () => fixture.tell('pusher:ping', '{}'),
    planned: () => fixture.end(4200, 'Reconnect'),
    cut: () => fixture.end(1011, 'crash'),
  };
};

const graphqlFeed = (older: boolean) => (): Feed => {
  const fixture = createGraphqlFixture({ older });
  const speak = { protocol: 'graphql-ws', query: 'subscription { tick { n } }' };
  return {
    ...{ fixture, protocol: 'graphql-ws', path: '/graphql', speak },
    refused: {
      speak: { ...speak, query: 'subscription { unknown }' },
      text: 'The feed refused an opening message: Cannot query field "unknown" on type "Subscription".',
    },
    publish: (n) => fixture.publish({ tick: { n } }),
    subscriptions: () => fixture.heard.filter((said) => /^(subscribe|start)$/.test(said)).length,
    beats: () => fixture.heard.filter((said) => said === 'pong').length,
    beatsItself: false,
    ping: () => fixture.tell({ type: 'ping' }),
    planned: () => fixture.complete(),
    cut: () => fixture.close(1011, 'crash'),
  };
};

const signalrFeed = (): Feed => {
  const fixture = createSignalrFixture();
  return {
    ...{ fixture, protocol: 'signalr', path: '/chatHub' },
    speak: { protocol: 'signalr', invoke: [{ target: 'Join', arguments: '["a"]' }] },
    refused: {
      speak: { protocol: 'signalr', invoke: [{ target: 'Broken' }] },
      text: "The feed refused an opening message: Broken: Failed to invoke 'Broken'.",
    },
    publish: (n) => fixture.invoke('tick', [{ n }]),
    subscriptions: () => fixture.heard.filter((said) => said === 'call Join').length,
    beats: () => fixture.heard.filter((said) => said === 'ping').length,
    beatsItself: true,
    ping: null,
    planned: () => fixture.close({ allowReconnect: true }),
    cut: () => fixture.close(null, 1011),
  };
};

const phoenixFeed = (): Feed => {
  const fixture = createPhoenixFixture();
  return {
    ...{ fixture, protocol: 'phoenix', path: '/socket/websocket' },
    speak: { protocol: 'phoenix', topics: [{ topic: 'a' }] },
    refused: {
      speak: { protocol: 'phoenix', topics: [{ topic: 'secret:a' }] },
      text: 'The feed refused the login (secret:a: unauthorized).',
    },
    publish: (n) => fixture.broadcast('a', 'tick', { n }),
    subscriptions: () => fixture.heard.filter((said) => said === 'join a').length,
    beats: () => fixture.heard.filter((said) => said === 'heartbeat').length,
    beatsItself: true,
    ping: null,
    planned: () => fixture.tell('a', 'phx_close'),
    cut: () => fixture.close(1011),
  };
};

async function watch({ fixture, protocol, path }: Feed, speak: object) {
  const events: DeliveredEvent[] = [];
  const gaps: Gap[] = [];
  const bench = await startEngineBench({
    server: () => simulated(fixture),
    source: { protocol, ladder: [['websocket', path]], recipe: recipeSchema.parse({ name: 'r', title: 'R', speak }) },
    listen(engine) {
      engine.onEvents((_source, batch) => events.push(...batch));
      engine.onGaps((_source, batch) => gaps.push(...batch));
    },
  });
  const numbers = () => events.map(({ body }) => Number(/"n":(\d+)/.exec(String(body))?.[1]));
  return { ...bench, events, gaps, numbers };
}

describe('Pusher', () => {
  it('sets no timer for each message, though it asks whether the server lives when none came for long', async () => {
    const feed = pusherFeed();
    const fixture = createPusherFixture({ activitySeconds: 30 });
    const inner = createFakeClock();
    let timers = 0;
    const clock: Clock = {
      now: () => inner.now(),
      wall: () => inner.wall(),
      uptime: () => inner.uptime(),
      after(ms, callback) {
        timers += 1;
        return inner.after(ms, callback);
      },
    };
    const said: unknown[] = [];
    const talking = new Talking({
      clock,
      sending: {
        tell(text, left) {
          said.push(text);
          left();
          return true;
        },
      },
      onTalking() {},
      onSettled() {},
      onEnd() {},
      whenStored() {},
    });
    const config = configOf(
      'pusher',
      [['websocket', 'ws://h/app/key']],
      {},
      { name: 'r', title: 'R', speak: feed.speak },
    );
    const [rung] = config.ladder;
    const decoder = rung && protocolOf(config).createDecoder(rung);
    const timings = { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null };
    const none = { positions: {}, token: null };
    talking.begin({ head: null, timings, roundTripMs: null }, decoder?.conversation ?? null, none);
    const hears = (text: string) => talking.heard(frameOf(text));
    fixture.serve({ path: '/app/key?protocol=7', send: hears, close() {}, onMessage() {}, onClosed() {} });
    hears('{"event":"pusher_internal:subscription_succeeded","channel":"a","data":"{}"}');
    const before = timers;
    for (let n = 0; n < 1_000; n += 1) {
      hears('{"event":"tick","channel":"a","data":"1"}');
      inner.advance(10);
    }
    expect(timers - before).toBeLessThan(10);
    inner.advance(29_000);
    expect(said).toHaveLength(1);
    inner.advance(2_000);
    expect(said.at(-1)).toBe('{"event":"pusher:ping","data":{}}');
    talking.end();
  });
});

describe('close codes of a protocol', () => {
  it.each([
    [pusherFeed, 4003, 'stopped', 'policy-closed'],
    [pusherFeed, 4009, 'stopped', 'login-refused'],
    [pusherFeed, 4150, 'waiting', 'server-closed'],
    [pusherFeed, 4201, 'waiting', 'planned-end'],
    [graphqlFeed(false), 4400, 'stopped', 'policy-closed'],
    [graphqlFeed(false), 4403, 'stopped', 'login-refused'],
    [graphqlFeed(false), 4429, 'waiting', 'server-closed'],
    [graphqlFeed(false), 4499, 'waiting', 'planned-end'],
  ] as const)('mean what it says of them, without a word beside: %o %i', async (make, code, kind, reason) => {
    const feed = make();
    let close = (_code: number): void => {};
    const fixture: Fixture = {
      serve(peer) {
        feed.fixture.serve(peer);
        close = (given) => peer.close(given, '');
      },
    };
    const { clock, view } = await watch({ ...feed, fixture }, feed.speak);
    await clock.advanceAsync(60_000);
    close(code);
    await clock.advanceAsync(250);
    expect(view()).toMatchObject({ state: { kind }, reason: { code: reason } });
  });
});

it.each([
  [pusherFeed, { protocol: 'pusher' }, /^Name the channels/],
  [phoenixFeed, { protocol: 'phoenix' }, /^Name the topics/],
] as const)('is silent, not live, where nothing was named to ask for: %o', async (make, speak, advice) => {
  const { clock, view } = await watch(make(), speak);
  await clock.advanceAsync(40_000);
  expect(view()).toMatchObject({ state: { kind: 'live', resync: 'silent' }, openSilent: true });
  expect(view()?.advice).toMatch(advice);
});

describe('SignalR', () => {
  it('loses nothing of what comes in one frame with the end that the hub leaves to us', async () => {
    const feed = signalrFeed();
    const fixture = createSignalrFixture();
    const { clock, view, numbers } = await watch({ ...feed, fixture }, feed.speak);
    const tick = (n: number) => ({ type: 1, target: 'tick', arguments: [{ n }] });
    fixture.together(tick(1), tick(2), { type: 7, allowReconnect: true, error: 'update' }, tick(3));
    await clock.advanceAsync(200);
    expect(view()?.reason.text).toContain('update');
    expect(numbers()).toEqual([1, 2, 3]);
  });
});

describe('GraphQL over WebSocket', () => {
  it('is spoken in the older form where the server chooses that', async () => {
    const fixture = createGraphqlFixture({ older: true });
    const server = await serveFixture(fixture);
    atEnd(() => server.close());
    const url = `ws://127.0.0.1:${server.port}/graphql`;
    const speak = { protocol: 'graphql-ws', query: 'subscription { tick { n } }' };
    const recipe = { name: 'r', title: 'R', speak };
    const { view, bodies } = await watchConfig(configOf('graphql-ws', [['websocket', url]], {}, recipe));
    await vi.waitFor(() => expect(view()?.state.kind).toBe('live'), 10_000);
    expect(fixture.heard).toEqual(['connection_init', 'start']);
    fixture.publish({ tick: { n: 1 } });
    await vi.waitFor(() => expect(bodies()).toEqual(['{"tick":{"n":1}}']), 10_000);
  });

  it('is spoken in the older form on the second try where the server closes for the first one it was offered', async () => {
    const fixture = createGraphqlFixture({ older: true, takesFirst: true });
    const server = await serveFixture(fixture);
    atEnd(() => server.close());
    const url = `ws://127.0.0.1:${server.port}/graphql`;
    const speak = { protocol: 'graphql-ws', query: 'subscription { tick { n } }' };
    const recipe = { name: 'r', title: 'R', speak };
    const { view } = await watchConfig(configOf('graphql-ws', [['websocket', url]], {}, recipe));
    await vi.waitFor(() => expect(view()?.reason.text).toContain('the older form alone is tried next'), 10_000);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('live'), 10_000);
    expect(fixture.heard.filter((type) => type === 'start')).toHaveLength(1);
  });
});

describe.each([
  ['Pusher', pusherFeed],
  ['GraphQL over WebSocket', graphqlFeed(false)],
  ['SignalR', signalrFeed],
  ['Phoenix channels', phoenixFeed],
] as const)('a feed of %s, through the whole engine', (_name, make) => {
  it('is live once subscribed, and stays so over hours of nothing but heartbeats', async () => {
    const feed = make();
    const { clock, view, numbers } = await watch(feed, feed.speak);
    expect(view()?.state).toMatchObject({ kind: 'live', resync: 'current' });
    expect(feed.subscriptions()).toBe(1);
    for (const n of [1, 2, 3]) feed.publish(n);
    await clock.advanceAsync(1_000);
    expect(numbers()).toEqual([1, 2, 3]);
    if (feed.ping) {
      const before = feed.beats();
      feed.ping();
      await clock.advanceAsync(1_000);
      expect(feed.beats()).toBe(before + 1);
    }
    const before = feed.beats();
    for (let minutes = 0; minutes < 120; minutes += 1) await clock.advanceAsync(60_000);
    expect(feed.beats() - before).toBeGreaterThanOrEqual(feed.beatsItself ? 50 : 0);
    expect(view()?.state.kind).toBe('live');
    expect(feed.subscriptions()).toBe(1);
    feed.publish(4);
    await clock.advanceAsync(1_000);
    expect(numbers()).toEqual([1, 2, 3, 4]);
  });

  it('behaviour 43: subscribes again after a break, and shows that it does not know what that cost', async () => {
    const feed = make();
    const { clock, view, numbers, gaps } = await watch(feed, feed.speak);
    feed.publish(1);
    await clock.advanceAsync(1_000);
    feed.cut();
    feed.publish(2);
    await clock.advanceAsync(10_000);
    feed.publish(3);
    await clock.advanceAsync(1_000);
    expect(view()?.state.kind).toBe('live');
    expect(feed.subscriptions()).toBe(2);
    expect(numbers()).toEqual([1, 3]);
    expect(gaps.at(-1)).toMatchObject({ status: 'lost', cause: 'no-replay' });
  });

  it('takes a planned end for one', async () => {
    const feed = make();
    const { clock, view } = await watch(feed, feed.speak);
    await clock.advanceAsync(60_000);
    feed.planned();
    await clock.advanceAsync(200);
    expect(view()).toMatchObject({ state: { kind: 'waiting' }, reason: { code: 'planned-end' } });
    await clock.advanceAsync(10_000);
    expect(view()?.state.kind).toBe('live');
    expect(feed.subscriptions()).toBe(2);
  });

  it('stops where a subscription is refused, in the words of the feed', async () => {
    const feed = make();
    const { clock, view } = await watch(feed, feed.refused.speak);
    await clock.advanceAsync(60_000);
    expect(view()).toMatchObject({ state: { kind: 'stopped' }, reason: { text: feed.refused.text } });
  });
});
