import { describe, expect, it } from 'vitest';
import { type Recipe, recipeSchema } from '../../../../shared/recipe';
import type { RungConfig } from '../../../../shared/source';
import type { TransportKind } from '../../../../shared/transport';
import type { WallMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import type { DecodedEvent, Message } from '../../core/protocol';
import { createRecipeProtocol } from './recipe-protocol';

const now = 1_760_000_000_000;
const at = (transport: TransportKind): RungConfig => ({ transport, url: 'http://h/x?a=1', intervalSeconds: 5 });

const frame = (data: string | Uint8Array, changed: Partial<Frame> = {}): Frame => ({
  data,
  bytes: data.length,
  receivedAt: now,
  event: null,
  id: null,
  headers: [],
  ...changed,
});

type Said = Omit<Parameters<typeof recipeSchema.parse>[0] & object, 'name' | 'title'>;
const recipeOf = (said: Said): Recipe => recipeSchema.parse({ name: 'r', title: 'R', ...said });

function decoderOf(
  said: Said | null,
  transport: TransportKind,
  resume: Parameters<ReturnType<typeof createRecipeProtocol>['createDecoder']>[1] = null,
) {
  const protocol = createRecipeProtocol(said === null ? null : recipeOf(said), [at(transport)]);
  const decoder = protocol.createDecoder(at(transport), resume);
  return (data: string | Uint8Array, changed?: Partial<Frame>) => decoder.decode(frame(data, changed));
}

const eventsOf = (messages: readonly Message[]): readonly DecodedEvent[] =>
  messages.flatMap((message) =>
    message.kind === 'event' ? [message.event] : message.kind === 'page' ? message.events : [],
  );
const bodiesOf = (messages: readonly Message[]) => eventsOf(messages).map(({ body }) => body);

describe('framing of a recipe, and as it is guessed', () => {
  it.each([[null], [{}], [{ read: { type: 'nothing' } }]])(
    'behaviour 56: values in one frame are events of their own (recipe %j)',
    (said) => {
      const decode = decoderOf(said, 'websocket');
      expect(bodiesOf(decode('{"n":1}\n{"n":2}'))).toEqual(['{"n":1}', '{"n":2}']);
      expect(bodiesOf(decode('{"n":1}\r\n{"n":2.0}\r\n'))).toEqual(['{"n":1}', '{"n":2.0}']);
      expect(bodiesOf(decode('{"n":1}\u001e'))).toEqual(['{"n":1}']);
      expect(bodiesOf(decode('{"n":1}\u001e{"n":2}\u001e'))).toEqual(['{"n":1}', '{"n":2}']);
      expect(bodiesOf(decode('{"n":1}{"n":"} {"} [3]'))).toEqual(['{"n":1}', '{"n":"} {"}', '[3]']);
      // What is no run of JSON is one text.
      expect(bodiesOf(decode('{"n":1} and more'))).toEqual(['{"n":1} and more']);
      expect(bodiesOf(decode('{"n":1}\n{"n":'))).toEqual(['{"n":1}\n{"n":']);
      expect(bodiesOf(decode('one\ntwo'))).toEqual(['one\ntwo']);
      expect(eventsOf(decoderOf(said, 'poll')('{"n":1}\n{"n":2}'))).toHaveLength(2);
      expect(decoderOf(said, 'poll')('{"n":1}\n{"n":2}')).toMatchObject([{ kind: 'page', list: true }]);
    },
  );

  it.each([[null], [{}], [{ read: { framing: 'message' } }]] as const)(
    'behaviour 57: what its producer meant is read, and what is no number is none (recipe %j)',
    (said) => {
      const text = '{"type":"probe","loss": NaN, "worst": -Infinity, "rtt": 3, "note": "NaN \\" Infinity"}';
      expect(eventsOf(decoderOf(said, 'websocket')(text))).toMatchObject([
        { type: 'probe', body: text, value: { loss: null, worst: null, rtt: 3, note: 'NaN " Infinity' } },
      ]);
      expect(eventsOf(decoderOf(said, 'websocket')('NaN is not JSON'))).toMatchObject([
        { type: 'text', value: undefined },
      ]);
    },
  );

  it('lines, records, joined values, arrays either way round: as they are named', () => {
    const cut = (framing: Recipe['read']['framing'], text: string, transport: TransportKind = 'websocket') =>
      decoderOf({ read: { framing } }, transport)(text);
    expect(bodiesOf(cut('message', '[{"a":1},{"a":2}]'))).toEqual(['[{"a":1},{"a":2}]']);
    expect(bodiesOf(cut('message', '[{"a":1},{"a":2}]', 'poll'))).toEqual(['[{"a":1},{"a":2}]']);
    expect(bodiesOf(cut('lines', 'one\n\ntwo\n'))).toEqual(['one', 'two']);
    expect(bodiesOf(cut('records', '7\u001e{"a":1}\u001e'))).toEqual(['7', '{"a":1}']);
    expect(bodiesOf(cut('joined', '[1] [2]'))).toEqual(['[1]', '[2]']);
    expect(bodiesOf(cut('array', '[{"id":2},{"id":1}]', 'poll'))).toEqual(['{"id":2}', '{"id":1}']);
    expect(bodiesOf(cut('array-newest-first', '[1,2.0]', 'poll'))).toEqual(['2.0', '1']);
    expect(cut('array', '[]', 'poll')).toEqual([{ kind: 'page', events: [], list: true }]);
    expect(cut('array', '{"a":1}')).toMatchObject([{ kind: 'undecodable', why: 'it is no list' }]);
  });

  it('a list inside of an answer, also as text, and what is no list is told', () => {
    const decode = decoderOf({ read: { items: 'data.result' } }, 'poll');
    expect(bodiesOf(decode('{"data":{"result":[{"a":1.0},{"a":2}]}}'))).toEqual(['{"a":1.0}', '{"a":2}']);
    expect(bodiesOf(decode('{"data":{"result":"[{\\"a\\":1}]"}}'))).toEqual(['{"a":1}']);
    expect(decode('{"status":"error"}')).toMatchObject([
      { kind: 'unusable', found: 'there is no list where one should be' },
    ]);
    expect(decode('gone')).toMatchObject([{ kind: 'unusable', found: 'it is no JSON' }]);
    const starred = decoderOf({ read: { items: 'rooms[*].events' } }, 'websocket');
    expect(bodiesOf(starred('{"rooms":[{"events":[1,2]},{"events":[3]}]}'))).toEqual(['1', '2', '3']);
  });
});

describe('reading of a recipe', () => {
  it('finds stream, type, time, id in the message, in its body, in text inside of text', () => {
    const binance = decoderOf({ read: { body: 'data', stream: 'stream', type: 'e', time: 'E' } }, 'websocket');
    expect(
      eventsOf(binance('{"stream":"btcusdt@trade","data":{"e":"trade","E":1760000000123,"p":"60000.10","t":9}}')),
    ).toMatchObject([
      {
        stream: 'btcusdt@trade',
        type: 'trade',
        sentAt: now + 123,
        body: '{"e":"trade","E":1760000000123,"p":"60000.10","t":9}',
      },
    ]);
    const mastodon = decoderOf(
      { read: { body: 'payload', stream: 'stream', type: 'event', time: 'created_at' } },
      'websocket',
    );
    expect(
      eventsOf(
        mastodon(
          '{"stream":["hashtag","sun"],"event":"update","payload":"{\\"id\\":\\"9\\",\\"created_at\\":\\"2025-10-09T08:53:20Z\\",\\"n\\":1.0}"}',
        ),
      ),
    ).toMatchObject([
      {
        stream: 'hashtag,sun',
        type: 'update',
        id: '9',
        sentAt: now,
        body: '{"id":"9","created_at":"2025-10-09T08:53:20Z","n":1.0}',
      },
    ]);
    // A payload that is a bare id, or none at all.
    expect(eventsOf(mastodon('{"stream":["user"],"event":"delete","payload":"113502879431620841"}'))).toMatchObject([
      { type: 'delete', body: '113502879431620841' },
    ]);
    expect(eventsOf(mastodon('{"stream":["user"],"event":"filters_changed"}'))).toMatchObject([
      { type: 'filters_changed', body: '{"stream":["user"],"event":"filters_changed"}' },
    ]);
  });

  it.each([
    ['s', 1_760_000_000, now],
    ['ms', 1_760_000_000_000, now],
    ['us', '1760000000000000', now],
    ['100ns', '17600000000000000', now],
    ['ns', '1760000000000000000', now],
    ['iso', '2025-10-09T08:53:20Z', now],
    ['auto', '1760000000', now],
    ['s', 5, 5_000],
    ['iso', 1_760_000_000, null],
    ['ms', 'yesterday', null],
    ['s', 1e300, null],
  ] as const)('behaviour 26: a time in %s (%j)', (timeUnit, written, sentAt) => {
    const decode = decoderOf({ read: { time: 'at', timeUnit } }, 'websocket');
    expect(eventsOf(decode(JSON.stringify({ at: written })))[0]?.sentAt).toBe(sentAt);
  });

  it('keeps the digits of ids and cursors', () => {
    const decode = decoderOf(
      { read: { id: 'meta.n' }, resume: { kind: 'query', name: 'after', cursor: 'meta.n' } },
      'websocket',
    );
    expect(decode('{"meta":{"n":9007199254740993}}')).toMatchObject([
      { event: { id: '9007199254740993' } },
      { kind: 'token', token: '9007199254740993' },
    ]);
  });

  it('classes: the first that matches says what a message is, and only where none does it is guessed', () => {
    const decode = decoderOf(
      {
        classes: [
          {
            when: [
              { path: 'type', is: 'tick' },
              { path: 'n', is: 0 },
            ],
            is: 'event',
          },
          { when: [{ path: 'type', matches: '^(tick|pong)$' }], is: 'life' },
          { when: [{ path: 'result', exists: true }], is: 'control' },
          { when: [{ is: 'bye' }], is: 'end', afterSeconds: 7 },
          { when: [{ path: 'code', is: 410 }], is: 'cannot-resume' },
          { when: [{ path: 'type', is: 'heartbeat' }], is: 'event' },
        ],
      },
      'websocket',
    );
    expect(decode('{"type":"tick","n":0}')).toMatchObject([{ kind: 'event' }]);
    expect(decode('{"type":"tick","n":1}')).toEqual([{ kind: 'heartbeat', stream: null, epoch: null, head: null }]);
    expect(decode('{"result":null,"id":1}')).toMatchObject([{ kind: 'control' }]);
    expect(decode('bye')).toEqual([{ kind: 'goodbye', reason: 'bye', retryAfterMs: 7_000, spreadMs: 0 }]);
    expect(decode('{"code":410}')).toMatchObject([
      { kind: 'cannot-resume', cause: 'retention' },
      { kind: 'token', token: '' },
    ]);
    // Behaviours 48 and 49: what a recipe calls an event is one, and what it does not speak of is guessed.
    expect(decode('{"type":"heartbeat"}')).toMatchObject([{ kind: 'event' }]);
    expect(decode('{"type":"ping"}')).toMatchObject([{ kind: 'heartbeat' }]);
    expect(decode('[DONE]')).toMatchObject([{ kind: 'goodbye' }]);
  });
});

describe('numbers of a recipe', () => {
  const numbered = { read: { stream: 'ch', seq: 'n', epoch: 'run', numbering: 'contiguous' } } as const;

  it('a position for each stream, and none where there is no whole number', () => {
    const decode = decoderOf(numbered, 'websocket');
    expect(eventsOf(decode('{"ch":"a","n":5,"run":"x"}'))[0]?.position).toEqual({ epoch: 'x', seq: 5 });
    expect(eventsOf(decode('{"ch":"a","n":"6","run":"x"}'))[0]?.position).toEqual({ epoch: 'x', seq: 6 });
    expect(eventsOf(decode('{"ch":"a","n":7.5}'))[0]?.position).toBeNull();
    expect(eventsOf(decode('{"ch":"a","n":9007199254740993}'))[0]?.position).toBeNull();
  });

  it('a session that was asked to resume begins where it was, and another numbering is told when it begins', () => {
    const asked = { ...numbered, resume: { kind: 'query', name: 'since', cursor: 'n' } } as const;
    const decode = decoderOf(asked, 'websocket', { positions: { a: { epoch: 'x', seq: 5 } }, token: '5' });
    expect(decode('{"ch":"a","n":8,"run":"x"}')[0]).toEqual({
      kind: 'attached',
      attachment: { stream: 'a', epoch: 'x', from: 5, head: null },
    });
    expect(decode('{"ch":"a","n":9,"run":"x"}')[0]).toMatchObject({ kind: 'event' });
    expect(decode('{"ch":"a","n":1,"run":"y"}')[0]).toMatchObject({
      kind: 'attached',
      attachment: { epoch: 'y', from: 0 },
    });
    expect(decode('{"ch":"b","n":3,"run":"y"}')[0]).toMatchObject({
      kind: 'attached',
      attachment: { stream: 'b', from: 2 },
    });
    // Nothing was asked for: delivery begins with what comes, unless it is of another numbering than it knows.
    const plain = decoderOf(numbered, 'websocket', { positions: { a: { epoch: 'x', seq: 5 } }, token: null });
    expect(plain('{"ch":"a","n":8,"run":"x"}')).toMatchObject([{ kind: 'event' }]);
    expect(plain('{"ch":"a","n":1,"run":"y"}')).toMatchObject([{ kind: 'attached' }, { kind: 'event' }]);
  });
});

describe('resuming of a recipe', () => {
  const protocolOf = (said: Said, transport: TransportKind) => createRecipeProtocol(recipeOf(said), [at(transport)]);
  const resume = { positions: {}, token: 'c/1 &' };

  it('by header, by query, by the last event id, or not at all', () => {
    const attach = (said: Said, transport: TransportKind = 'poll') =>
      protocolOf(said, transport).attach(at(transport), resume, { holdMs: 0 });
    expect(attach({ resume: { kind: 'query', name: 'a' } }).url).toBe('http://h/x?a=c%2F1%20%26');
    expect(attach({ resume: { kind: 'header', name: 'x-cursor' } }).headers).toContainEqual(['x-cursor', 'c/1 &']);
    expect(attach({ resume: { kind: 'last-event-id' } }, 'sse').lastEventId).toBe('c/1 &');
    expect(attach({}, 'sse').lastEventId).toBe('c/1 &');
    for (const kind of ['none', 'message'] as const) {
      expect(attach({ resume: { kind } }, 'websocket')).toMatchObject({
        url: 'http://h/x?a=1',
        lastEventId: null,
        headers: [],
      });
    }
    const injected = protocolOf({ resume: { kind: 'header', name: 'x-cursor' } }, 'poll').attach(
      at('poll'),
      { positions: {}, token: 'a\r\nx-evil: 1' },
      { holdMs: 0 },
    );
    expect(injected.headers).toContainEqual(['x-cursor', 'ax-evil: 1']);
  });

  it('behaviour 47: what is lines by its recipe is read as lines from its beginning', () => {
    const attach = (said: Said, transport: TransportKind) =>
      protocolOf(said, transport).attach(at(transport), null, { holdMs: 0 });
    expect(attach({ read: { framing: 'lines' } }, 'poll').lines).toBe(true);
    expect(attach({ read: { framing: 'lines' } }, 'sse')).not.toHaveProperty('lines');
    expect(attach({}, 'poll')).not.toHaveProperty('lines');
  });

  it('where a transport has no room for the place it cannot resume', () => {
    expect(protocolOf({ resume: { kind: 'message' } }, 'websocket').resumable).toBe(true);
    expect(protocolOf({ resume: { kind: 'message' } }, 'poll').resumable).toBe(false);
    expect(protocolOf({ resume: { kind: 'last-event-id' } }, 'websocket').resumable).toBe(false);
    expect(protocolOf({ resume: { kind: 'header', name: 'x' } }, 'long-poll').resumable).toBe(true);
    expect(protocolOf({ resume: { kind: 'none' } }, 'sse').resumable).toBe(false);
  });

  it('the cursor is what the answer says, else what its last message says, also one that is no event', () => {
    const poll = decoderOf({ read: { items: 'm' }, resume: { kind: 'query', name: 'tt', cursor: 't.t' } }, 'long-poll');
    expect(poll('{"t":{"t":"17"},"m":[{"a":1},{"a":2}]}')).toMatchObject([
      { kind: 'event', event: { body: '{"a":1}' } },
      { kind: 'event' },
      { kind: 'token', token: '17' },
    ]);
    expect(poll('{"t":{"t":"17"},"m":[]}')).toEqual([]);
    const watch = decoderOf(
      {
        classes: [{ when: [{ path: 'type', is: 'BOOKMARK' }], is: 'life' }],
        resume: { kind: 'query', name: 'resourceVersion', cursor: 'object.metadata.resourceVersion' },
      },
      'poll',
    );
    const line = { line: true } as const;
    expect(watch('{"type":"ADDED","object":{"metadata":{"resourceVersion":"5"}}}', line).at(-1)).toEqual({
      kind: 'token',
      token: '5',
    });
    expect(watch('{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}', line)).toMatchObject([
      { kind: 'heartbeat' },
      { kind: 'token', token: '9' },
    ]);
    const ids = decoderOf({ resume: { kind: 'message' } }, 'websocket');
    expect(ids('{"id":"e1"}')).toMatchObject([{ kind: 'event' }, { kind: 'token', token: 'e1' }]);
    expect(ids('{"n":1}')).toHaveLength(1);
  });

  it('a POST carries its body, with variables and the cursor in it', () => {
    const said: Said = {
      ask: { post: { body: '{"q":"{{topic}}","after":"{{cursor}}","x":"{{other}}"}' } },
      variables: [{ name: 'topic', title: 'T', value: 'news' }],
    };
    const request = protocolOf(said, 'poll').attach(at('poll'), { positions: {}, token: 'a"b' }, { holdMs: 0 });
    expect(request.post).toBe('{"q":"news","after":"a\\"b","x":"{{other}}"}');
    expect(request.headers).toContainEqual(['content-type', 'application/json']);
    expect(protocolOf(said, 'websocket').attach(at('websocket'), null, { holdMs: 0 })).not.toHaveProperty('post');
    const timed: Said = { ask: { post: { body: '{"t":{{now}},"n":{{n}},"after":"{{cursor}}"}' } } };
    const asking = { n: 3, wall: 1_700_000_000_000.4 as WallMs };
    expect(protocolOf(timed, 'poll').attach(at('poll'), null, { holdMs: 0, asking }).post).toBe(
      '{"t":1700000000000,"n":3,"after":""}',
    );
    const behind: Said = { ...timed, resume: { kind: 'message', cursor: 'id', first: '0' } };
    expect(protocolOf(behind, 'poll').attach(at('poll'), null, { holdMs: 0, asking }).post).toContain('"after":"0"');
    expect(protocolOf(behind, 'poll').resumable).toBe(true);
    expect(protocolOf({ resume: { kind: 'message', cursor: 'id' } }, 'poll').resumable).toBe(false);
    expect(
      protocolOf({ ask: { subprotocols: ['graphql-ws'] } }, 'websocket').attach(at('websocket'), null, { holdMs: 0 })
        .subprotocols,
    ).toEqual(['graphql-ws']);
  });

  it('the snapshot is of the same origin, with its variables in its address', () => {
    const variables = [
      { name: 'room', title: 'R', value: 'a b/&c' },
      { name: 'host', title: 'H', value: '/evil.test' },
      { name: 'token', title: 'T', value: '*secret.t*' },
    ];
    const of = (path: string, url: string) =>
      protocolOf({ snapshot: path, variables }, 'websocket').snapshotUrl(
        { transport: 'websocket', url, intervalSeconds: 5 },
        'main',
      );
    expect(of('/api/states?x=1', 'wss://h:8443/ws')).toBe('https://h:8443/api/states?x=1');
    expect(of('//evil.test/x', 'wss://h/ws')).toBeNull();
    expect(of('/r/{{room}}?t={{token}}', 'wss://h/ws')).toBe('https://h/r/a%20b%2F%26c?t=*secret.t*');
    expect(of('/{{host}}/x', 'wss://h/ws')).toBe('https://h/%2Fevil.test/x');
  });

  it('promise 24: what it can promise is composed of what it says', () => {
    const promise = (said: Said, transport: TransportKind = 'websocket') => protocolOf(said, transport).promise;
    expect(promise({})).toMatch(/no numbers.*shown as a gap/);
    expect(promise({ read: { seq: 'n', numbering: 'contiguous' } })).toMatch(
      /^In order, by the feed’s own numbers.*cannot be asked again.*both its ends.*None twice/,
    );
    expect(promise({ read: { seq: 'n', numbering: 'rising' }, resume: { kind: 'query', name: 'q' } })).toMatch(
      /goes on where it was.*None twice/,
    );
    expect(promise({ resume: { kind: 'none' } })).toMatch(/cannot go on where it was/);
    expect(promise({ list: { identity: ['id'], endsWhenGone: true } }, 'poll')).toMatch(
      /has changed, and that it has ended/,
    );
    expect(promise({ promise: 'Said.' })).toBe('Said.');
    expect(promise({ resume: { kind: 'none' }, ask: { post: { body: '{}', billed: true } } }, 'sse')).toMatch(
      /not asked for again/,
    );
  });
});

describe('measures of a recipe', () => {
  const measured = (said: Said, ...texts: string[]) => {
    const decode = decoderOf(said, 'websocket');
    return texts.map((text) =>
      eventsOf(decode(text)).flatMap(({ measures = [] }) =>
        measures.map(({ name, labels, value }) => [name, labels.map((label) => label.join('=')).join(','), value]),
      ),
    );
  };

  it('behaviour 58: a number inside text counts, split by a label; a time and an id only where they are named', () => {
    const said: Said = { values: [{ path: 'p', name: 'price' }], labels: [{ path: 's', name: 'symbol' }] };
    expect(measured(said, '{"s":"A","p":"1.5","E":1700000000000,"t":12345}')).toEqual([[['price', 'symbol=A', 1.5]]]);
    expect(measured(said, '{"s":"A","p":"x"}', '{"s":"A"}', '{"s":"A","p":NaN}', '{"s":"A","p":"1e999"}')).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });

  it('behaviour 60: two things never make one line', () => {
    expect(
      measured(
        {
          values: [{ path: 'data.result[*].value[1]', name: 'up' }],
          labels: [{ path: 'data.result[*].metric.instance', name: 'instance' }],
        },
        '{"data":{"result":[{"metric":{"instance":"a:1"},"value":[1,"1"]},{"metric":{"instance":"b:1"},"value":[1,"0"]}]}}',
      ),
    ).toEqual([
      [
        ['up', 'instance=a:1', 1],
        ['up', 'instance=b:1', 0],
      ],
    ]);
    expect(
      measured({ values: [{ path: 'rooms.*.temp' }] }, '{"rooms":{"kitchen":{"temp":21},"hall":{"temp":18}}}'),
    ).toEqual([
      [
        ['rooms.*.temp', 'item=kitchen', 21],
        ['rooms.*.temp', 'item=hall', 18],
      ],
    ]);
  });

  it('a label of the message that its body does not have', () => {
    expect(
      measured(
        { read: { body: 'data' }, values: [{ path: 'p' }], labels: [{ path: 'stream', name: 'stream' }] },
        '{"stream":"x@t","data":{"p":"2"}}',
      ),
    ).toEqual([[['p', 'stream=x@t', 2]]]);
  });

  it('a counter is told as its rate, and one that falls has begun again', () => {
    const said: Said = { read: { time: 'at', timeUnit: 's' }, values: [{ path: 'n', kind: 'counter' }] };
    const ticks = [
      [100, 10],
      [102, 30],
      [102, 31],
      [104, 8],
    ].map(([at, n]) => JSON.stringify({ at, n }));
    expect(measured(said, ...ticks)).toEqual([[], [['n', '', 10]], [], [['n', '', 4]]]);
  });

  it('what is measured of a polled answer is so at each, whether it is news or not', () => {
    const poll = decoderOf({ values: [{ path: 'n' }], labels: [{ path: 'id', name: 'id' }] }, 'poll');
    for (const _ of [1, 2]) {
      expect(poll('[{"id":"a","n":1},{"id":"b","n":"2"},{"id":"c"}]')).toMatchObject([
        {
          kind: 'measured',
          measured: [
            { type: 'message', measures: [{ name: 'n', labels: [['id', 'a']], value: 1 }] },
            { type: 'message', measures: [{ name: 'n', labels: [['id', 'b']], value: 2 }] },
          ],
          left: 0,
        },
        { kind: 'page', events: [{ measures: [] }, { measures: [] }, { measures: [] }] },
      ]);
    }
    const many = JSON.stringify(Array.from({ length: 2_500 }, (_, n) => ({ id: `i${n}`, n })));
    expect(poll(many)[0]).toMatchObject({ kind: 'measured', left: 500 });
  });

  it('without named values the numbers are found elsewhere', () => {
    expect(eventsOf(decoderOf({}, 'websocket')('{"a":1}'))[0]).not.toHaveProperty('measures');
  });
});

describe('hostile bodies', () => {
  it('cost neither an exception nor a place without measure', () => {
    const decode = decoderOf(
      {
        read: { body: 'a', stream: 'stream', id: 'id', type: 'type', items: 'rows' },
        resume: { kind: 'message', cursor: 'id' },
        values: [{ path: 'rows[*].a.*.b[*]' }],
      },
      'websocket',
    );
    const deep = `{"rows":${'['.repeat(60_000)}${']'.repeat(60_000)}}`;
    for (const text of [
      '',
      '{',
      deep,
      '{"rows":[null,1,"x",{"a":null}]}',
      `{"rows":[{"stream":"${'s'.repeat(5_000)}","type":{}}]}`,
    ]) {
      expect(() => decode(text)).not.toThrow();
    }
    const long = 'i'.repeat(20_000);
    const messages = decode(`{"rows":[{"id":"${long}"}]}`);
    expect(messages.at(-1)).toEqual({ kind: 'token', token: '' });
    expect(eventsOf(messages)[0]?.id?.length).toBeLessThan(2_000);
    expect(eventsOf(decode(`{"rows":[{"stream":"${'s'.repeat(5_000)}"}]}`))[0]?.stream).toBe('main');
    const many = decoderOf({ values: [{ path: '*.*' }] }, 'websocket');
    const body = JSON.stringify(Array.from({ length: 100 }, () => Array.from({ length: 100 }, (_, index) => index)));
    expect(eventsOf(many(body))[0]?.measures?.length).toBeLessThanOrEqual(2_000);
  });

  it('hostile 8: of nothing but separators no messages are made', () => {
    const many = '\u001e'.repeat(3_000_000);
    expect(bodiesOf(decoderOf(null, 'websocket')(many))).toEqual([many]);
    expect(decoderOf({ read: { framing: 'records' } }, 'websocket')(many)).toMatchObject([{ kind: 'undecodable' }]);
    expect(decoderOf({ read: { framing: 'lines' } }, 'websocket')('\n'.repeat(3_000_000))).toMatchObject([
      { kind: 'undecodable', why: 'it has more than 100000 messages' },
    ]);
  });

  it('prototype names are data', () => {
    const decode = decoderOf(
      { read: { stream: '__proto__.polluted', seq: 'constructor', numbering: 'rising' } },
      'websocket',
    );
    expect(eventsOf(decode('{"__proto__":{"polluted":"yes"},"constructor":4}'))).toMatchObject([
      { stream: 'yes', position: { seq: 4 } },
    ]);
    expect(eventsOf(decode('{}'))).toMatchObject([{ stream: 'main', position: null }]);
  });
});
