import { Socket } from 'phoenix';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { recipeSchema } from '../../../../shared/recipe';
import { serveFixture } from '../testing/peer';
import { sessionOf } from '../testing/session';
import { phoenix } from './phoenix';
import { createPhoenixFixture } from './testing/phoenix-fixture';

const protocolOf = (topics: readonly object[] = [{ topic: 'room:1' }], more: object = {}) =>
  phoenix.make({
    ladder: [],
    recipe: recipeSchema.parse({ name: 'r', title: 'R', speak: { protocol: 'phoenix', topics }, ...more }),
  });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe('the vendor’s own client', () => {
  it('takes our fixture for a Phoenix server: it joins, is refused, hears, beats, and is told of a crash and a close', async () => {
    const fixture = createPhoenixFixture();
    const server = await serveFixture(fixture);
    closers.push(() => server.close());
    const socket = new Socket(`ws://127.0.0.1:${server.port}/socket`, {
      transport: WebSocket as unknown as new (endpoint: string) => object,
      heartbeatIntervalMs: 20,
      rejoinAfterMs: () => 20,
    });
    closers.push(() => socket.disconnect());
    socket.connect();
    const channel = socket.channel('room:1', {});
    const heard: unknown[] = [];
    channel.on('tick', (payload) => void heard.push(payload));
    await new Promise((resolve) => channel.join().receive('ok', resolve));
    const refused = await new Promise((resolve) => socket.channel('secret:1').join().receive('error', resolve));
    expect(refused).toEqual({ reason: 'unauthorized' });
    fixture.broadcast('room:1', 'tick', { n: 1 });
    await expect.poll(() => heard).toEqual([{ n: 1 }]);
    await expect.poll(() => fixture.heard).toContain('heartbeat');
    const joins = () => fixture.heard.filter((said) => said === 'join room:1').length;
    fixture.tell('room:1', 'phx_error');
    await expect.poll(joins).toBe(2);
    const closed = new Promise((resolve) => channel.onClose(resolve));
    fixture.tell('room:1', 'phx_close');
    await closed;
  });
});

const message = (...five: readonly unknown[]) => JSON.stringify(five);
const reply = (ref: string, topic: string, status: string, response: unknown = {}) =>
  message(ref, ref, topic, 'phx_reply', { status, response });

describe('a session of Phoenix channels', () => {
  it('joins each topic, and is settled when every join was answered', () => {
    const session = sessionOf(
      protocolOf([{ topic: 'room:1', payload: '{"token":"*secret.t*"}' }, { topic: 'room:2' }]),
    );
    expect(session.opened()).toEqual([
      '["1","1","room:1","phx_join",{"token":"*secret.t*"}]',
      '["2","2","room:2","phx_join",{}]',
    ]);
    expect(session.hear(reply('2', 'room:2', 'ok')).acts).toEqual([]);
    expect(session.hear(reply('1', 'room:1', 'ok')).acts).toEqual(['settled']);
    expect(session.hear(reply('1', 'room:1', 'ok')).acts).toEqual([]);
  });

  it('is settled at once where there is nothing to join, and ends where a join is not answered in time', () => {
    expect(sessionOf(protocolOf([])).opened()).toEqual(['settled']);
    const session = sessionOf(protocolOf([{ topic: 'a' }, { topic: 'b' }]));
    session.opened();
    session.hear(reply('1', 'a', 'ok'));
    expect(session.due(10_000)).toEqual([{ kind: 'unanswered', step: 2, afterMs: 10_000 }]);
  });

  it('reads a message: the topic is its stream, the event its type, the payload as written its body', () => {
    const session = sessionOf(protocolOf());
    expect(session.hear('[null,null,"room:1","tick",{"n": 9007199254740993}]').messages).toMatchObject([
      { kind: 'event', event: { stream: 'room:1', type: 'tick', body: '{"n": 9007199254740993}' } },
    ]);
    expect(session.hear(message('1', null, 'room:1', 'presence_state', {})).messages).toMatchObject([
      { kind: 'event', event: { type: 'presence_state' } },
    ]);
  });

  it('reads the binary form', () => {
    const session = sessionOf(protocolOf());
    const bytes = (kind: number, names: readonly string[], body: readonly number[]) =>
      Uint8Array.from([kind, ...names.map((name) => Buffer.byteLength(name)), ...Buffer.from(names.join('')), ...body]);
    expect(session.hear(bytes(2, ['room:1', 'raw'], [0xff, 0])).messages).toMatchObject([
      { kind: 'event', event: { stream: 'room:1', body: new Uint8Array([0xff, 0]) } },
    ]);
    expect(session.hear(bytes(0, ['1', 'room:1', 'tick'], [...Buffer.from('{"n":1}')])).messages).toMatchObject([
      { kind: 'event', event: { stream: 'room:1', type: 'tick', body: '{"n":1}' } },
    ]);
    expect(session.hear(bytes(1, ['1', '1', 'room:1', 'ok'], [])).messages).toEqual([
      { kind: 'control', name: 'phx_reply' },
    ]);
    for (const broken of [[], [9, 1], [2, 250, 250, 1], [1]]) {
      expect(session.hear(Uint8Array.from(broken)).messages).toMatchObject([{ kind: 'undecodable' }]);
    }
  });

  it('says that it lives every 30 s, and takes the answer for life', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    session.hear(reply('1', 'room:1', 'ok'));
    expect(session.wakeAt()).toBe(30_000);
    expect(session.due(30_000)).toEqual(['[null,"2","phoenix","heartbeat",{}]']);
    expect(session.wakeAt()).toBe(60_000);
    expect(session.hear(reply('2', 'phoenix', 'ok'))).toEqual({
      acts: [],
      messages: [{ kind: 'heartbeat', stream: null, epoch: null, head: null }],
    });
  });

  it('is refused a topic in the words of the server', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    expect(session.hear(reply('1', 'room:1', 'error', { reason: 'unauthorized' })).acts).toEqual([
      { kind: 'refused', login: true, message: 'room:1: unauthorized' },
    ]);
    const other = sessionOf(protocolOf());
    other.opened();
    expect(other.hear(reply('1', 'room:1', 'error', { full: true })).acts).toEqual([
      { kind: 'refused', login: false, message: 'room:1: {"full":true}' },
    ]);
  });

  it('ends where a channel of its own crashes or is closed', () => {
    const ends = (event: string, topic = 'room:1') => {
      const session = sessionOf(protocolOf());
      session.opened();
      return session.hear(message('1', '1', topic, event, {})).acts;
    };
    expect(ends('phx_error')).toMatchObject([{ kind: 'ended', how: 'error' }]);
    expect(ends('phx_close')).toMatchObject([{ kind: 'ended', how: 'planned' }]);
    expect(ends('phx_close', 'other')).toEqual([]);
  });

  it('takes whatever else comes without an exception', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    for (const text of ['', '{}', '[]', '[1,2,3,4,5]', '[null,null,"a","b"]', '[[],[],[],[],[]', 'null']) {
      expect(session.hear(text)).toMatchObject({ acts: [], messages: [{ kind: 'undecodable' }] });
    }
    expect(session.hear(message(null, '99', 'x', 'phx_reply', 7)).acts).toEqual([]);
    expect(session.hear(message(null, '1', 'room:1', 'phx_reply', null)).acts).toMatchObject([{ kind: 'refused' }]);
  });
});

describe('the address of a Phoenix server', () => {
  it('is that of its socket, with the name of the transport and of the form', () => {
    const laddered = (url: string) => {
      const rungs = phoenix.ladder(new URL(url));
      return 'message' in rungs ? rungs.message : rungs.map(([transport, { href }]) => `${transport} ${href}`).join();
    };
    expect(laddered('https://h/socket')).toBe('websocket wss://h/socket/websocket');
    expect(laddered('ws://h/live/websocket?token=x')).toBe('websocket ws://h/live/websocket?token=x');
    const { url } = protocolOf().attach(
      { transport: 'websocket', url: 'ws://h/socket/websocket?a=b', intervalSeconds: 5 },
      null,
      { holdMs: 0 },
    );
    expect(url).toBe('ws://h/socket/websocket?a=b&vsn=2.0.0');
  });

  it('is recognised', () => {
    const claims = (url: string) => phoenix.claims?.(new URL(url));
    expect(claims('wss://h/socket/websocket')).toBe(true);
    expect(claims('wss://h/ws?vsn=2.0.0')).toBe(true);
    expect(claims('wss://h/ws')).toBe(false);
  });
});
