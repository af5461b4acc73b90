import Pusher from 'pusher-js';
import { afterEach, describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../../shared/recipe';
import { serveFixture } from '../testing/peer';
import { sessionOf } from '../testing/session';
import { pusher } from './pusher';
import { createPusherFixture } from './testing/pusher-fixture';

const recipeOf = (channels: readonly string[], more: object = {}) =>
  recipeSchema.parse({ name: 'r', title: 'R', speak: { protocol: 'pusher', channels }, ...more });

const protocolOf = (channels: readonly string[], more: object = {}) =>
  pusher.make({ ladder: [], recipe: recipeOf(channels, more) });

const greeting = (seconds = 120) =>
  JSON.stringify({
    event: 'pusher:connection_established',
    data: JSON.stringify({ socket_id: '1.1', activity_timeout: seconds }),
  });
const succeeded = (channel: string) =>
  JSON.stringify({ event: 'pusher_internal:subscription_succeeded', channel, data: '{}' });
const error = (data: unknown) => JSON.stringify({ event: 'pusher:error', data });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe('the vendor’s own client', () => {
  it('takes our fixture for a Pusher server: it subscribes, hears events, is refused, and is pinged', async () => {
    const fixture = createPusherFixture();
    const server = await serveFixture(fixture);
    closers.push(() => server.close());
    const client = new Pusher('key', {
      cluster: '',
      wsHost: '127.0.0.1',
      wsPort: server.port,
      forceTLS: false,
      enabledTransports: ['ws'],
      disableStats: true,
    });
    closers.push(() => client.disconnect());
    const channel = client.subscribe('prices');
    await new Promise((resolve) => channel.bind('pusher:subscription_succeeded', resolve));
    const told = new Promise((resolve) => channel.bind('tick', resolve));
    fixture.publish('prices', 'tick', { price: 7 });
    expect(await told).toEqual({ price: 7 });
    fixture.tell('pusher:ping', '{}');
    await expect.poll(() => fixture.heard).toEqual(['pusher:subscribe prices', 'pusher:pong']);
    const gone = new Promise((resolve) => client.connection.bind('failed', resolve));
    const failed = new Promise((resolve) => client.connection.bind('error', resolve));
    fixture.end(4001, 'Application does not exist');
    expect(await failed).toMatchObject({ data: { code: 4001 } });
    void gone;
    await expect.poll(() => client.connection.state).toBe('disconnected');
  });
});

describe('a session of the Pusher protocol', () => {
  it('subscribes once greeted, and is settled when every channel is subscribed to', () => {
    const session = sessionOf(protocolOf(['a', 'b', 'a']));
    expect(session.opened()).toEqual([]);
    expect(session.hear(greeting()).acts).toEqual([
      '{"event":"pusher:subscribe","data":{"channel":"a"}}',
      '{"event":"pusher:subscribe","data":{"channel":"b"}}',
    ]);
    expect(session.hear(succeeded('b')).acts).toEqual([]);
    expect(session.hear(succeeded('other')).acts).toEqual([]);
    expect(session.hear(succeeded('a')).acts).toEqual(['settled']);
    expect(session.hear(succeeded('a')).acts).toEqual([]);
    expect(session.hear(greeting()).acts).toEqual([]);
  });

  it('ends where it is not greeted, and where a channel is not answered, in time', () => {
    const silent = sessionOf(protocolOf(['a']));
    silent.opened();
    expect(silent.wakeAt()).toBe(10_000);
    expect(silent.due(9_999)).toEqual([]);
    expect(silent.due(10_000)).toEqual([{ kind: 'unanswered', step: 1, afterMs: 10_000 }]);
    expect(silent.hear(greeting(), 11_000).acts).toEqual([]);
    const half = sessionOf(protocolOf(['a', 'b']));
    half.opened();
    half.hear(greeting(), 1_000);
    half.hear(succeeded('a'), 2_000);
    expect(half.due(11_000)).toEqual([{ kind: 'unanswered', step: 3, afterMs: 10_000 }]);
  });

  it('reads an event: the channel is its stream, its name its type, the JSON inside the string its body', () => {
    const session = sessionOf(protocolOf(['a']));
    const said = JSON.stringify({ event: 'tick', channel: 'a', data: '{"price":12.50,"n":9007199254740993}' });
    expect(session.hear(said).messages).toMatchObject([
      { kind: 'event', event: { stream: 'a', type: 'tick', body: '{"price":12.50,"n":9007199254740993}', value: {} } },
    ]);
    expect(session.hear('{"event":"tick","channel":"a","data":{"n":9007199254740993}}').messages).toMatchObject([
      { kind: 'event', event: { body: '{"n":9007199254740993}' } },
    ]);
    expect(
      session.hear('{"event":"pusher_internal:subscription_count","channel":"a","data":"{\\"subscription_count\\":4}"}')
        .messages,
    ).toMatchObject([{ kind: 'event', event: { type: 'pusher:subscription_count' } }]);
  });

  it('is read on as its recipe says', () => {
    const session = sessionOf(protocolOf(['a'], { values: [{ path: 'p', name: 'price' }] }));
    const said = JSON.stringify({ event: 'tick', channel: 'a', data: '{"p":"12.5"}' });
    expect(session.hear(said).messages).toMatchObject([{ event: { measures: [{ name: 'price', value: 12.5 }] } }]);
  });

  it('answers a ping, and asks itself when nothing was heard for as long as the server wants to hear something', () => {
    const session = sessionOf(protocolOf(['a']));
    session.opened();
    expect(session.hear(greeting(30)).messages).toMatchObject([{ kind: 'terms', heartbeatMs: 30_000 }, {}]);
    session.hear(succeeded('a'));
    expect(session.wakeAt()).toBe(30_000);
    const pinged = session.hear('{"event":"pusher:ping","data":"{}"}', 20_000);
    expect(pinged.acts).toEqual(['{"event":"pusher:pong","data":{}}']);
    expect(pinged.messages).toMatchObject([{ kind: 'heartbeat' }]);
    expect(session.wakeAt()).toBe(50_000);
    expect(session.due(50_000)).toEqual(['{"event":"pusher:ping","data":{}}']);
    expect(session.hear('{"event":"pusher:pong","data":"{}"}', 50_100).messages).toMatchObject([{ kind: 'heartbeat' }]);
    expect(session.wakeAt()).toBe(80_100);
  });

  it.each([
    [
      { code: 4001, message: 'no app' },
      { kind: 'refused', login: false, message: '4001, no app' },
    ],
    [
      { code: 4009, message: 'who are you' },
      { kind: 'refused', login: true, message: '4009, who are you' },
    ],
    [
      { code: 4100, message: 'full' },
      { kind: 'ended', how: 'error', message: '4100, full', afterMs: 1_000 },
    ],
    [
      { code: 4200, message: 'again' },
      { kind: 'ended', how: 'planned', message: '4200, again', afterMs: 0 },
    ],
    [
      { code: null, message: 'Bad channel' },
      { kind: 'refused', login: false, message: 'Bad channel' },
    ],
    [{ message: 'Invalid token' }, { kind: 'refused', login: true, message: 'Invalid token' }],
  ])('takes an error before it is subscribed, %j, for what its code says', (data, act) => {
    const session = sessionOf(protocolOf(['a']));
    session.opened();
    session.hear(greeting());
    expect(session.hear(error(data)).acts).toEqual([act]);
    expect(session.hear('{"event":"pusher:ping"}').acts).toEqual([]);
  });

  it('is told of an error later on and goes on, unless its code ends it', () => {
    const session = sessionOf(protocolOf([]));
    session.opened();
    expect(session.hear(greeting()).acts).toEqual(['settled']);
    const told = session.hear(error({ code: 4301, message: 'too many' }));
    expect(told.acts).toEqual([]);
    expect(told.messages).toEqual([{ kind: 'feed-error', message: '4301, too many' }]);
    expect(session.hear(error({ code: 4003, message: 'disabled' })).acts).toMatchObject([
      { kind: 'ended', how: 'stop' },
    ]);
  });

  it('is refused a channel in the words of the feed', () => {
    const session = sessionOf(protocolOf(['private-x']));
    session.opened();
    session.hear(greeting());
    const data = { type: 'AuthError', error: 'no signature', status: 401 };
    const said = JSON.stringify({ event: 'pusher:subscription_error', channel: 'private-x', data });
    expect(session.hear(said).acts).toEqual([
      { kind: 'refused', login: true, message: 'private-x: 401, no signature' },
    ]);
  });

  it('takes whatever else comes without an exception', () => {
    const session = sessionOf(protocolOf(['a']));
    session.opened();
    for (const text of ['', '[]', 'null', '{', '{"event":7}', '{"event":"x"', '{"event":"pusher:error"}x']) {
      expect(session.hear(text)).toMatchObject({ acts: [], messages: [{ kind: 'undecodable' }] });
    }
    expect(session.hear(new Uint8Array([1])).messages).toMatchObject([{ kind: 'undecodable' }]);
    expect(session.hear('{"event":"pusher:connection_established","data":7}').acts).toHaveLength(1);
    expect(session.hear('{"event":"pusher_internal:subscription_succeeded"}').acts).toEqual([]);
  });
});

describe('the address of a Pusher server', () => {
  const attach = (url: string) =>
    protocolOf([]).attach({ transport: 'websocket', url, intervalSeconds: 5 }, null, { holdMs: 0 }).url;

  it('has the protocol’s own parameters, where they are missing', () => {
    expect(attach('ws://h/app/key')).toBe('ws://h/app/key?protocol=7&client=wirewatch&version=1&flash=false');
    expect(attach('ws://h/app/key?protocol=5&client=js&version=7.0&flash=false')).toBe(
      'ws://h/app/key?protocol=5&client=js&version=7.0&flash=false',
    );
    expect(attach('ws://h/app/*secret.key*?x=%20y')).toContain('/app/*secret.key*?x=%20y&protocol=7');
  });

  it('is recognised', () => {
    const claims = (url: string) => pusher.claims?.(new URL(url));
    expect(claims('wss://ws-eu.pusher.com/app/abc')).toBe(true);
    expect(claims('https://ws-eu.pusher.com/app/abc?protocol=7')).toBe(true);
    expect(claims('https://shop.example/app/abc')).toBe(false);
    expect(claims('wss://h/app')).toBe(false);
  });
});
