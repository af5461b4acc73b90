import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import { afterEach, describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../../shared/recipe';
import { serveFixture } from '../testing/peer';
import { sessionOf } from '../testing/session';
import { signalr } from './signalr';
import { createSignalrFixture } from './testing/signalr-fixture';

const protocolOf = (invoke: readonly object[] = [], more: object = {}) =>
  signalr.make({
    ladder: [],
    recipe: recipeSchema.parse({ name: 'r', title: 'R', speak: { protocol: 'signalr', invoke }, ...more }),
  });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe('the vendor’s own client', () => {
  it('takes our fixture for a hub: it calls, streams, is called, pings, and hears why it is closed', async () => {
    const fixture = createSignalrFixture();
    const server = await serveFixture(fixture);
    closers.push(() => server.close());
    const hub = new HubConnectionBuilder()
      .withUrl(`http://127.0.0.1:${server.port}/hub`, {
        skipNegotiation: true,
        transport: HttpTransportType.WebSockets,
      })
      .withKeepAliveInterval(20)
      .configureLogging(LogLevel.None)
      .build();
    closers.push(() => hub.stop());
    const called: unknown[] = [];
    hub.on('tick', (...list) => void called.push(list));
    await hub.start();
    await hub.invoke('Join', 'room');
    await expect(hub.invoke('Broken')).rejects.toThrow('Broken');
    const items: unknown[] = [];
    const complete = new Promise<void>((resolve, reject) => {
      hub.stream('Ticks').subscribe({ next: (item) => items.push(item), error: reject, complete: resolve });
    });
    await expect.poll(() => fixture.heard).toContain('stream Ticks');
    fixture.item({ n: 1 });
    fixture.invoke('tick', [{ n: 7 }, 'x']);
    fixture.ping();
    fixture.complete();
    await complete;
    expect([items, called]).toEqual([[{ n: 1 }], [[{ n: 7 }, 'x']]]);
    await expect.poll(() => fixture.heard).toContain('ping');
    const closed = new Promise<Error | undefined>((resolve) => hub.onclose(resolve));
    fixture.close({ error: 'bye', allowReconnect: false });
    expect((await closed)?.message).toContain('bye');
  });
});

const end = '\u001e';
const shaken = `{}${end}`;
const rec = (value: object) => JSON.stringify(value) + end;

describe('a session of a SignalR hub', () => {
  it('shakes hands, calls its methods, and is settled when each call was answered; a stream is not waited for', () => {
    const session = sessionOf(
      protocolOf([
        { target: 'Join', arguments: '["room"]' },
        { target: 'Ticks', arguments: '{"of":"a"}', stream: true },
        { target: 'Ready' },
      ]),
    );
    expect(session.opened()).toEqual([`{"protocol":"json","version":1}${end}`]);
    expect(session.hear(shaken).acts).toEqual([
      `{"type":1,"invocationId":"2","target":"Join","arguments":["room"]}${end}`,
      `{"type":4,"invocationId":"3","target":"Ticks","arguments":[{"of":"a"}]}${end}`,
      `{"type":1,"invocationId":"4","target":"Ready","arguments":[]}${end}`,
    ]);
    expect(session.hear(rec({ type: 3, invocationId: '4' })).acts).toEqual([]);
    expect(session.hear(rec({ type: 3, invocationId: '9' })).acts).toEqual([]);
    expect(session.hear(rec({ type: 3, invocationId: '2', result: 1 })).acts).toEqual(['settled']);
  });

  it('is settled by the handshake where nothing is called, and ends where that is not answered in time', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    expect(session.hear(shaken).acts).toEqual(['settled']);
    const silent = sessionOf(protocolOf());
    silent.opened();
    expect(silent.due(10_000)).toEqual([{ kind: 'unanswered', step: 1, afterMs: 10_000 }]);
  });

  it('reads calls and items, several in one frame: the method is the type, its one argument the body', () => {
    const session = sessionOf(protocolOf([{ target: 'Ticks', stream: true }]));
    session.opened();
    const frame =
      shaken +
      `{"type":1,"target":"tick","arguments":[{"n":9007199254740993}]}${end}` +
      `{"type":1,"target":"pair","arguments":[1, 2.50]}${end}` +
      `{"type":2,"invocationId":"2","item":{"n":1.0}}${end}`;
    expect(session.hear(frame).messages).toMatchObject([
      { kind: 'control', name: 'handshake' },
      { kind: 'event', event: { type: 'tick', body: '{"n":9007199254740993}' } },
      { kind: 'event', event: { type: 'pair', body: '[1, 2.50]' } },
      { kind: 'event', event: { type: 'Ticks', body: '{"n":1.0}' } },
    ]);
  });

  it('says that it lives every 15 s, and takes the pings of the hub for life', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    session.hear(shaken);
    expect(session.wakeAt()).toBe(15_000);
    expect(session.due(15_000)).toEqual([`{"type":6}${end}`]);
    expect(session.wakeAt()).toBe(30_000);
    const ping = session.hear(rec({ type: 6 }));
    expect(ping).toEqual({ acts: [], messages: [{ kind: 'heartbeat', stream: null, epoch: null, head: null }] });
  });

  it('tells a hub that waits for a result that there is none', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    session.hear(shaken);
    expect(session.hear(rec({ type: 1, invocationId: 's1', target: 'ask', arguments: [] })).acts).toEqual([
      `{"type":3,"invocationId":"s1","error":"This client only listens."}${end}`,
    ]);
  });

  it('is refused by the handshake and by a call that fails, in the words of the hub', () => {
    const old = sessionOf(protocolOf());
    old.opened();
    expect(old.hear(rec({ error: "Requested protocol 'json' is not available." })).acts).toEqual([
      { kind: 'refused', login: false, message: "Requested protocol 'json' is not available" },
    ]);
    const call = sessionOf(protocolOf([{ target: 'Join' }]));
    call.opened();
    call.hear(shaken);
    expect(call.hear(rec({ type: 3, invocationId: '2', error: 'User is unauthorized' })).acts).toEqual([
      { kind: 'refused', login: true, message: 'Join: User is unauthorized' },
    ]);
  });

  it.each([
    [
      { type: 7, allowReconnect: true },
      { kind: 'ended', how: 'planned', message: '', afterMs: 0 },
    ],
    [
      { type: 7, allowReconnect: true, error: 'oh' },
      { kind: 'ended', how: 'error', message: 'oh', afterMs: 0 },
    ],
    [
      { type: 7, error: 'banned' },
      { kind: 'ended', how: 'stop', message: 'banned', afterMs: 0 },
    ],
  ])('ends as the hub says: %j', (said, act) => {
    const session = sessionOf(protocolOf());
    session.opened();
    session.hear(shaken);
    expect(session.hear(rec(said)).acts).toEqual([act]);
    expect(session.wakeAt()).toBeNull();
  });

  it('begins streams again once all there are have ended, unless something else was asked for', () => {
    const session = sessionOf(
      protocolOf([
        { target: 'A', stream: true },
        { target: 'B', stream: true },
      ]),
    );
    session.opened();
    session.hear(shaken);
    expect(session.hear(rec({ type: 3, invocationId: '2' })).acts).toEqual([]);
    expect(session.hear(rec({ type: 3, invocationId: '3' })).acts).toMatchObject([{ kind: 'ended', how: 'whole' }]);
    const mixed = sessionOf(protocolOf([{ target: 'A', stream: true }, { target: 'Join' }]));
    mixed.opened();
    mixed.hear(shaken);
    mixed.hear(rec({ type: 3, invocationId: '3' }));
    expect(mixed.hear(rec({ type: 3, invocationId: '2' })).acts).toEqual([]);
    expect(mixed.hear(rec({ type: 3, invocationId: '2', error: 'broke' })).acts).toEqual([
      { kind: 'ended', how: 'error', message: 'A: broke', afterMs: 0 },
    ]);
  });

  it('takes whatever else comes without an exception', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    expect(session.hear('no record').messages).toMatchObject([{ kind: 'undecodable' }]);
    expect(session.hear('').messages).toEqual([]);
    expect(session.hear(`x${end}`).messages).toMatchObject([{ kind: 'undecodable' }]);
    expect(
      session.hear(`{}${end}null${end}7${end}{"type":1}${end}{"type":2}${end}{"type":99}${end}`).messages,
    ).toHaveLength(6);
    expect(session.hear(new Uint8Array([1])).messages).toMatchObject([{ kind: 'undecodable' }]);
    const many = session.hear(`{"type":6}${end}`.repeat(100_001)).messages;
    expect(many.at(-1)).toMatchObject({ kind: 'undecodable', why: expect.stringContaining('more than') });
  });
});

describe('the address of a hub', () => {
  it('is recognised', () => {
    const claims = (url: string) => signalr.claims?.(new URL(url));
    expect(
      ['wss://h/chatHub', 'wss://h/chathub', 'wss://h/hubs/prices', 'wss://h/hub?access_token=x'].map(claims),
    ).toEqual([true, true, true, true]);
    expect(['https://h/chatHub', 'wss://h/github', 'wss://h/thubs'].map(claims)).toEqual([false, false, false]);
  });
});
