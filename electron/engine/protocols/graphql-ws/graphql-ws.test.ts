import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { recipeSchema } from '../../../../shared/recipe';
import { serveFixture } from '../testing/peer';
import { sessionOf } from '../testing/session';
import { graphqlWs } from './graphql-ws';
import { createGraphqlFixture } from './testing/graphql-fixture';

const protocolOf = (told: object = {}, more: object = {}) =>
  graphqlWs.make({
    ladder: [],
    recipe: recipeSchema.parse({
      ...{ name: 'r', title: 'R', ...more },
      speak: { protocol: 'graphql-ws', query: 'subscription { tick { n } }', ...told },
    }),
  });

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe('the vendor’s own client', () => {
  it('takes our fixture for a GraphQL server: greeted, subscribed, pinged, refused, completed', async () => {
    const fixture = createGraphqlFixture({ wants: 't' });
    const server = await serveFixture(fixture);
    closers.push(() => server.close());
    const client = createClient({
      url: `ws://127.0.0.1:${server.port}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { token: 't' },
      keepAlive: 20,
      retryAttempts: 0,
    });
    closers.push(() => client.dispose());
    const results = client.iterate({ query: 'subscription { tick }' });
    const first = results.next();
    await expect.poll(() => fixture.heard).toContain('subscribe');
    fixture.publish({ tick: 1 });
    expect(await first).toEqual({ done: false, value: { data: { tick: 1 } } });
    await expect.poll(() => fixture.heard).toContain('ping');
    fixture.tell({ type: 'ping' });
    await expect.poll(() => fixture.heard).toContain('pong');
    const last = results.next();
    fixture.complete();
    expect(await last).toMatchObject({ done: true });
    await expect(client.iterate({ query: '{ unknown }' }).next()).rejects.toMatchObject([
      { message: expect.stringContaining('unknown') },
    ]);
  });
});

const init = '{"type":"connection_init"}';
const ack = '{"type":"connection_ack"}';
const next = (payload: string) => `{"type":"next","id":"1","payload":${payload}}`;

describe('a session of GraphQL over WebSocket', () => {
  it('greets, subscribes once that is acknowledged, and is settled when it was not refused for a second', () => {
    const session = sessionOf(
      protocolOf({ variables: '{"id":9007199254740993}', operationName: 'Ticks', payload: '{"token":"*secret.t*"}' }),
    );
    expect(session.opened()).toEqual(['{"type":"connection_init","payload":{"token":"*secret.t*"}}']);
    expect(session.hear(ack, 100).acts).toEqual([
      '{"id":"1","type":"subscribe","payload":{"query":"subscription { tick { n } }","variables":{"id":9007199254740993},"operationName":"Ticks"}}',
    ]);
    expect(session.wakeAt()).toBe(1_100);
    expect(session.due(1_100)).toEqual(['settled']);
    expect(session.hear(ack, 1_200).acts).toEqual([]);
    expect(session.wakeAt()).toBeNull();
  });

  it('is settled by the first result, too', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    session.hear(ack);
    expect(session.hear(next('{"data":{"tick":{"n":1}}}')).acts).toEqual(['settled']);
    expect(session.hear(next('{"data":{"tick":{"n":2}}}')).acts).toEqual([]);
    expect(session.wakeAt()).toBeNull();
  });

  it('speaks the older form where the server chooses that', () => {
    const session = sessionOf(protocolOf(), 'graphql-ws');
    expect(session.opened()).toEqual([init]);
    expect(session.hear(ack).acts).toEqual([
      '{"id":"1","type":"start","payload":{"query":"subscription { tick { n } }"}}',
    ]);
    expect(session.hear('{"type":"ka"}').messages).toMatchObject([{ kind: 'heartbeat' }]);
    const data = session.hear('{"type":"data","id":"1","payload":{"data":{"tick":{"n":1}}}}');
    expect(data.acts).toEqual(['settled']);
    expect(data.messages).toMatchObject([{ kind: 'event', event: { type: 'tick' } }]);
    const refused = sessionOf(protocolOf({ payload: '{}' }), 'graphql-ws');
    refused.opened();
    expect(refused.hear('{"type":"connection_error","payload":{"message":"nope"}}').acts).toEqual([
      { kind: 'refused', login: true, message: 'nope' },
    ]);
  });

  it('reads a result: its data is the body as written, its one field the type, errors beside it are told', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    session.hear(ack);
    expect(session.hear(next('{"data":{"tick": {"n":9007199254740993}}}')).messages).toMatchObject([
      { kind: 'event', event: { type: 'tick', stream: 'main', body: '{"tick": {"n":9007199254740993}}' } },
    ]);
    expect(session.hear(next('{"data":{"a":1},"errors":[{"message":"b is ill"}]}')).messages).toMatchObject([
      { kind: 'feed-error', message: 'b is ill' },
      { kind: 'event', event: { body: '{"a":1}' } },
    ]);
    expect(session.hear(next('{"data":null,"errors":[{"message":"all ill"}]}')).messages).toEqual([
      { kind: 'feed-error', message: 'all ill' },
    ]);
    expect(session.hear(next('{}')).messages).toMatchObject([{ kind: 'undecodable' }]);
  });

  it('answers a ping', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    const ping = session.hear('{"type":"ping"}');
    expect(ping.acts).toEqual(['{"type":"pong"}']);
    expect(ping.messages).toMatchObject([{ kind: 'heartbeat' }]);
  });

  it('ends where the greeting is not acknowledged in time', () => {
    const session = sessionOf(protocolOf());
    session.opened();
    expect(session.wakeAt()).toBe(10_000);
    expect(session.due(10_000)).toEqual([{ kind: 'unanswered', step: 1, afterMs: 10_000 }]);
  });

  it('is refused by an error that comes first, and ended by one that comes later; a complete subscription is begun again', () => {
    const error = '{"type":"error","id":"1","payload":[{"message":"no such field"},{"message":"nor this"}]}';
    const refused = sessionOf(protocolOf());
    refused.opened();
    refused.hear(ack);
    expect(refused.hear(error).acts).toEqual([{ kind: 'refused', login: false, message: 'no such field; nor this' }]);
    const login = sessionOf(protocolOf());
    login.opened();
    login.hear(ack);
    expect(
      login.hear('{"type":"error","id":"1","payload":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}').acts,
    ).toEqual([{ kind: 'refused', login: true, message: 'no' }]);
    const ended = sessionOf(protocolOf());
    ended.opened();
    ended.hear(ack);
    ended.due(2_000);
    expect(ended.hear(error).acts).toMatchObject([{ kind: 'ended', how: 'error' }]);
    const complete = sessionOf(protocolOf());
    complete.opened();
    complete.hear(ack);
    complete.due(2_000);
    expect(complete.hear('{"type":"complete","id":"1"}').acts).toEqual([
      { kind: 'ended', how: 'whole', message: 'complete', afterMs: 1_000 },
    ]);
  });

  it('takes results, errors and ends with the id of its subscription alone', () => {
    for (const chosen of ['graphql-transport-ws', 'graphql-ws']) {
      const session = sessionOf(protocolOf(), chosen);
      session.opened();
      session.hear(ack);
      for (const type of ['next', 'data']) {
        expect(session.hear(`{"type":"${type}","id":"2","payload":{"data":{"tick":1}}}`)).toMatchObject({
          acts: [],
          messages: [{ kind: 'undecodable', why: 'it is a result of a subscription that is not ours' }],
        });
      }
      for (const type of ['error', 'complete']) {
        const heard = session.hear(`{"type":"${type}","id":"2","payload":[{"message":"no"}]}`);
        expect(heard).toEqual({ acts: [], messages: [{ kind: 'control', name: type }] });
      }
      expect(session.hear('{"type":"complete"}').acts).toEqual([]);
      expect(session.hear('{"type":"error","id":2}').acts).toEqual([]);
      expect(session.hear(next('{"data":{"tick":1}}'))).toMatchObject({
        acts: ['settled'],
        messages: [{ kind: 'event' }],
      });
      expect(session.hear('{"type":"error","payload":{"message":"cannot read that"}}').acts).toMatchObject([
        { kind: 'ended', how: 'error', message: 'cannot read that' },
      ]);
    }
  });

  it('subscribes to nothing without a query, and takes whatever else comes without an exception', () => {
    const session = sessionOf(protocolOf({ query: '' }));
    session.opened();
    expect(session.hear(ack).acts).toEqual(['settled']);
    for (const text of ['', '[]', 'null', '{', '{"type":7}']) {
      expect(session.hear(text)).toMatchObject({ acts: [], messages: [{ kind: 'undecodable' }] });
    }
    expect(session.hear('{"type":"next"}').messages).toMatchObject([{ kind: 'undecodable' }]);
    expect(session.hear(new Uint8Array([1])).messages).toMatchObject([{ kind: 'undecodable' }]);
  });

  it('says variables of its recipe, as a part of the JSON they stand in', () => {
    const session = sessionOf(
      protocolOf(
        { payload: '{"who":"{{me}}"}', query: 'subscription { tick(of: "{{me}}") }' },
        { variables: [{ name: 'me', title: 'Me', value: 'a"b' }] },
      ),
    );
    expect(session.opened()).toEqual(['{"type":"connection_init","payload":{"who":"a\\"b"}}']);
  });
});

describe('a server that closes for the form it was offered', () => {
  const rung = { transport: 'websocket', url: 'ws://h/graphql', intervalSeconds: 5 } as const;
  const both = ['graphql-transport-ws', 'graphql-ws'];
  const next = 'the older form alone is tried next';
  const neither = 'it takes neither';
  type Made = ReturnType<typeof protocolOf>;
  const offered = (protocol: Made) => protocol.attach(rung, null, { holdMs: 0 }).subprotocols;
  /** A session that opens with a subprotocol and is closed; what is said of that. */
  function closedWith(protocol: Made, code: number, chosen = 'graphql-transport-ws', greeted = false) {
    const session = sessionOf(protocol, chosen);
    session.opened();
    if (greeted) session.hear(ack);
    return session.closed(code);
  }

  it.each([1002, 4406])('is offered the older form alone next, and then spoken to so (%i)', (code) => {
    const protocol = protocolOf();
    expect(offered(protocol)).toEqual(both);
    const said = expect.stringContaining(next);
    expect(closedWith(protocol, code)).toEqual({ kind: 'ended', how: 'error', message: said, afterMs: 0 });
    for (let n = 0; n < 5; n += 1) {
      expect(offered(protocol)).toEqual(['graphql-ws']);
      expect(closedWith(protocol, 1002, 'graphql-ws', true)).toBeNull();
    }
    expect(offered(protocolOf())).toEqual(both);
  });

  it('is told to take neither where that fails too', () => {
    const protocol = protocolOf();
    closedWith(protocol, 1002);
    const said = { kind: 'ended', how: 'error', message: expect.stringContaining(neither) };
    expect(closedWith(protocol, 1002, 'graphql-ws')).toMatchObject(said);
    expect(offered(protocol)).toEqual(both);
    expect(closedWith(protocol, 1002)).toMatchObject(said);
    expect(closedWith(protocol, 4406, 'graphql-ws')).toMatchObject({ ...said, how: 'stop' });
    closedWith(protocol, 1011, 'graphql-transport-ws', true);
    expect(closedWith(protocol, 1002)).toMatchObject({ message: expect.stringContaining(next) });
  });

  it('is offered both again where the older form alone opens nothing', () => {
    const protocol = protocolOf();
    closedWith(protocol, 1002);
    const offers = [1, 2, 3, 4, 5].map(() => offered(protocol)?.length);
    expect(offers).toEqual([1, 1, 1, 2, 2]);
  });

  it('leaves other codes, a session that was greeted, and what a recipe says as they are', () => {
    const protocol = protocolOf();
    expect(closedWith(protocol, 1011)).toBeNull();
    expect(closedWith(protocol, 1002, 'graphql-transport-ws', true)).toBeNull();
    expect(closedWith(protocol, 1002, 'graphql-ws')).toBeNull();
    expect(offered(protocol)).toEqual(both);
    expect(closedWith(protocolOf({}, { ask: { subprotocols: ['graphql-transport-ws'] } }), 1002)).toBeNull();
    expect(closedWith(protocolOf({}, { closes: [{ from: 1002, to: 1002, means: 'stop' }] }), 1002)).toBeNull();
  });
});

describe('the address of a GraphQL server', () => {
  it('offers both forms, today’s first, unless the recipe says which, and is recognised', () => {
    const request = protocolOf().attach({ transport: 'websocket', url: 'ws://h/graphql', intervalSeconds: 5 }, null, {
      holdMs: 0,
    });
    expect(request.subprotocols).toEqual(['graphql-transport-ws', 'graphql-ws']);
    const own = protocolOf({}, { ask: { subprotocols: ['graphql-ws', 'header-abc'] } });
    const asked = own.attach({ transport: 'websocket', url: 'ws://h/graphql', intervalSeconds: 5 }, null, {
      holdMs: 0,
    });
    expect(asked.subprotocols).toEqual(['graphql-ws', 'header-abc']);
    const claims = (url: string) => graphqlWs.claims?.(new URL(url));
    expect(claims('wss://h/v1/graphql')).toBe(true);
    expect(claims('https://h/graphql')).toBe(false);
  });
});
