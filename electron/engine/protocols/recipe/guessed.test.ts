import { describe, expect, it } from 'vitest';
import type { RungConfig } from '../../../../shared/source';
import type { TransportKind } from '../../../../shared/transport';
import type { Frame } from '../../core/frame';
import { createRecipeProtocol } from './recipe-protocol';

const at = (transport: TransportKind): RungConfig => ({ transport, url: 'http://h/x', intervalSeconds: 5 });

function frame(data: string | Uint8Array, changed: Partial<Frame> = {}): Frame {
  return { data, bytes: data.length, receivedAt: 1_760_000_000_000, event: null, id: null, headers: [], ...changed };
}

function decoderOf(transport: TransportKind) {
  const decoder = createRecipeProtocol(null, [at(transport)]).createDecoder(at(transport));
  return (data: string | Uint8Array, changed?: Partial<Frame>) => decoder.decode(frame(data, changed));
}

const bodies = (messages: ReturnType<ReturnType<typeof decoderOf>>) =>
  messages.flatMap((message) =>
    message.kind === 'event'
      ? [message.event.body]
      : message.kind === 'page'
        ? message.events.map(({ body }) => body)
        : [],
  );

describe('json', () => {
  it('guesses type, id and time', () => {
    const decode = decoderOf('websocket');
    expect(
      decode('{"event":"build","id":9007199254740993,"created_at":"2025-10-09T08:53:20.5Z","n":127.0}'),
    ).toMatchObject([
      {
        kind: 'event',
        event: {
          stream: 'main',
          type: 'build',
          id: '9007199254740993',
          sentAt: Date.parse('2025-10-09T08:53:20.500Z'),
          body: '{"event":"build","id":9007199254740993,"created_at":"2025-10-09T08:53:20.5Z","n":127.0}',
        },
      },
    ]);
    expect(decode('{"meta":{"id":"u-1","dt":"2025-10-09T08:53:20Z"}}')).toMatchObject([
      { event: { id: 'u-1', type: 'message', sentAt: 1_760_000_000_000 } },
    ]);
  });

  it.each([
    '{"status":"up","updated_at":"2025-10-09T08:53:20Z"}',
    '{"page":{"id":"p","name":"n","updated_at":"2025-10-09T08:53:20Z"},"status":{"indicator":"none"}}',
    '{"ok":1,"lastUpdated":1760000000000}',
  ])('takes for its time when a status says that it was updated: %s', (body) => {
    expect(decoderOf('sse')(body)).toMatchObject([{ kind: 'event', event: { sentAt: 1_760_000_000_000 } }]);
  });

  it.each([
    ['{"a":1,"b":', 'cut, after 11 bytes'],
    ['{"a":"x', 'cut'],
    [`)]}'\n{"a":1}`, `begins with )]}'`],
    ['for(;;);{"a":1}', 'begins with for'],
    ['', 'empty'],
    ['oops', 'is none: oops'],
  ])('an answer that calls itself JSON and is %j is unusable, and says what is wrong', (body, why) => {
    const named = { headers: [['content-type', 'application/json; charset=utf-8'] as const] };
    expect(decoderOf('poll')(body, named)).toEqual([{ kind: 'unusable', found: expect.stringContaining(why) }]);
    // What a feed of texts says is text.
    expect(decoderOf('sse')(body || ' ', named)).toMatchObject([{ kind: 'event', event: { type: 'text' } }]);
    const plain = decoderOf('poll')(body || ' ', { headers: [['content-type', 'text/plain'] as const] });
    expect(plain).toMatchObject([{ kind: 'page', events: [{ type: 'text' }] }]);
  });

  it('behaviour 25: text, an empty frame and bytes are shown for what they are', () => {
    const decode = decoderOf('websocket');
    expect(decode('hello')).toMatchObject([{ event: { type: 'text', body: 'hello', value: undefined } }]);
    expect(decode('')).toMatchObject([{ event: { type: 'text', body: '', bytes: 0 } }]);
    expect(decode(new Uint8Array([0, 255]))).toMatchObject([{ event: { type: 'binary', bytes: 2 } }]);
  });

  it.each([
    ['objects', `[${'{},'.repeat(600_000)}{}]`],
    ['brackets', '['.repeat(600_000) + ']'.repeat(600_000)],
    ['members', `{"k0":0${Array.from({ length: 600_000 }, (_, each) => `,"k${each}":1`).join('')}}`],
  ])('hostile 8: of more %s than are worth making a message is its text, and none of them is made', (_what, text) => {
    for (const decode of [decoderOf('websocket'), decoderOf('sse')]) {
      const messages = decode(text);
      expect(messages).toHaveLength(1);
      expect(messages).toMatchObject([{ kind: 'event', event: { type: 'text', value: undefined } }]);
      expect(bodies(messages)[0]).toHaveLength(text.length);
    }
  });

  it('hostile 8: a large list of things as they are is read', () => {
    const things = Array.from({ length: 10_000 }, (_, id) => `{"id":${id},"at":[1,2,3],"name":"${'n'.repeat(80)}"}`);
    expect(bodies(decoderOf('poll')(`[${things.join(',')}]`))).toHaveLength(10_000);
  });

  it('behaviour 49: signs of life dressed as messages are life, not content', () => {
    const sse = decoderOf('sse');
    const ws = decoderOf('websocket');
    const life = [
      sse('{"type":"keepalive"}', { event: 'keepalive' }),
      sse('{}', { event: 'keepalive' }),
      sse('1760000000', { event: 'keepalive' }),
      sse('2026-01-01T00:00:00Z', { event: 'keepalive' }),
      sse('null', { event: 'keepalive' }),
      sse('', { event: 'heartbeat' }),
      sse('ping'),
      sse('ping', { event: 'ping' }),
      ws('{"type":"heartbeat"}'),
      ws('{"type":"heartbeat","time":"2026-01-01T00:00:00Z","interval":30}'),
      ws('{"type":"ping","ts":1760000000}'),
      ws('{"event":"pong"}'),
      ws('"ping"'),
      ws(':thump'),
    ];
    for (const messages of life) {
      expect(messages).toEqual([{ kind: 'heartbeat', stream: null, epoch: null, head: null }]);
    }
    // The id in force stays that of the event before; one of its own makes it an event of the feed.
    sse('{"n":1}', { id: '7' });
    expect(sse('ping', { id: '7' })).toMatchObject([{ kind: 'heartbeat' }]);
    expect(sse('ping', { id: '8' })).toMatchObject([{ kind: 'event' }, { kind: 'token', token: '8' }]);
    const resumed = createRecipeProtocol(null, [at('sse')]).createDecoder(at('sse'), { positions: {}, token: '8' });
    expect(resumed.decode(frame('ping', { id: '8' }))).toMatchObject([{ kind: 'heartbeat' }, { kind: 'token' }]);
    // News about pings are news.
    for (const news of [
      '{"type":"ping","host":"db1","rtt":3}',
      '{"type":"ping","data":{"ms":3}}',
      'ping of db1 took 3 ms',
    ]) {
      expect(ws(news)).toMatchObject([{ kind: 'event' }]);
    }
    expect(ws('{"type":"shipping"}')).toMatchObject([{ kind: 'event' }]);
    // What a poll answers is what there is, not a sign of life.
    expect(decoderOf('poll')('{"type":"heartbeat","at":5}')).toMatchObject([{ kind: 'page' }]);
  });

  it('hostile 9: an id without measure is no place, and goes with its event as its beginning', () => {
    const decode = decoderOf('sse');
    const [event, token] = decode('{"n":1}', { id: `a${'x'.repeat(1_000_000)}` });
    expect(token).toEqual({ kind: 'token', token: '' });
    expect(event?.kind === 'event' && (event.event.id?.length ?? 0)).toBeLessThan(2_000);
    expect(decode('{"n":2}', { id: 'y'.repeat(2_000) })[1]).toEqual({ kind: 'token', token: 'y'.repeat(2_000) });
  });

  it('behaviour 49: life in the words of known feeds: a channel, an empty address, a bare frame behind its greeting', () => {
    const life = [{ kind: 'heartbeat', stream: null, epoch: null, head: null }];
    for (const text of [
      '{"channel":"heartbeat"}',
      '{"id":"k7","time":1760000000,"event":"keepalive","topic":"alerts"}',
      '{"type":"ka"}',
      '{"type":"ping","message":1760000000}',
      '{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"heartbeat"}}',
      '[17,"hb"]',
      '{"type":6}\u001e',
    ]) {
      expect(decoderOf('websocket')(text), text).toEqual(life);
    }
    for (const [greeting, beats] of [
      ['0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000}', ['2', '3', '6']],
      ['o', ['h']],
      ['CONNECTED\nversion:1.2\n\n\0', ['\n', '\r\n']],
    ] as const) {
      const ws = decoderOf('websocket');
      expect(ws(greeting)).toMatchObject([{ kind: 'event' }]);
      for (const beat of beats) {
        expect(ws(beat), beat).toEqual(life);
        // Without the greeting a bare text is what the feed says, and so it is over another transport.
        expect(decoderOf('websocket')(beat)).toMatchObject([{ kind: 'event' }]);
        const sse = decoderOf('sse');
        sse(greeting);
        expect(sse(beat)).toMatchObject([{ kind: 'event' }]);
      }
      expect(ws('42["news",{"a":1}]')).toMatchObject([{ kind: 'event' }]);
    }
    // A greeting is the first that comes.
    const late = decoderOf('websocket');
    late('{"n":1}');
    late('o');
    expect(late('h')).toMatchObject([{ kind: 'event' }]);
    for (const news of [
      '{"channel":"heartbeat","type":"update","data":[{"system":"down"}]}',
      '{"channel":"heartbeat","symbol":"BTC/USD"}',
      '{"channel":"alerts"}',
      '{"event":"keepalive","topic":"alerts","message":"disk full"}',
      '{"event":"keepalive","topic":{"disk":"full"}}',
      '{"type":"ping","message":3}',
      '{"type":"ping","message":"db1 is down"}',
      '{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}',
      '{"topic":"alerts","id":4}',
      '{"type":"heartbeat","topic":"alerts"}',
      '[17,"hb",3]',
      '[17,"down"]',
      '{"type":7}\u001e',
    ]) {
      expect(decoderOf('websocket')(news), news).toMatchObject([{ kind: 'event' }]);
    }
  });

  it('behaviour 49: what has a name of life and says anything more is content', () => {
    const sse = decoderOf('sse');
    const deep = `{"type":"heartbeat","a":${'['.repeat(3000)}${']'.repeat(3000)}}`;
    for (const news of [
      sse('{"type":"heartbeat","service":"billing","status":"down"}'),
      sse('{"bpm":62,"alarm":"asystole"}', { event: 'heartbeat' }),
      sse('service billing DOWN', { event: 'heartbeat' }),
      sse('{"type":"heartbeat"}', { event: 'heartbeat', id: '5' }),
      sse('{"x":1}', { event: 'keepalive', id: '5' }),
      sse('{"type":"alarm"}', { event: 'keepalive', id: '5' }),
      sse('{"type":"heartbeat","event":"disk failed"}', { id: '5' }),
      sse('{"type":"heartbeat","time":"too late"}', { id: '5' }),
      sse('false', { event: 'heartbeat', id: '5' }),
      sse('[]', { event: 'heartbeat', id: '5' }),
      sse('x', { event: 'ping', id: '5' }),
      sse('10.0.0.5', { event: 'heartbeat', id: '5' }),
      sse('ping', { event: 'alarm', id: '5' }),
      sse(deep, { event: 'heartbeat', id: '5' }),
      decoderOf('websocket')('{"type":"heartbeat","bpm":61}'),
      decoderOf('websocket')('{"type":"heartbeat","id":4}'),
    ]) {
      expect(news[0]).toMatchObject({ kind: 'event' });
    }
  });

  it('behaviour 48: the marker of an end announces it, and is no event', () => {
    expect(decoderOf('sse')('[DONE]', { id: '9' })).toMatchObject([
      { kind: 'goodbye', reason: '[DONE]', retryAfterMs: 0 },
      { kind: 'token', token: '9' },
    ]);
    expect(decoderOf('sse')('{"text":"[DONE]"}')).toMatchObject([{ kind: 'event' }]);
  });

  it('a list of objects is a batch, any other list one message', () => {
    const decode = decoderOf('websocket');
    expect(bodies(decode('[{"a":1.0}, {"b":2}]'))).toEqual(['{"a":1.0}', '{"b":2}']);
    expect(bodies(decode('["join", {"b":2}]'))).toEqual(['["join", {"b":2}]']);
    expect(bodies(decode('[{"a":1}'))).toEqual(['[{"a":1}']);
  });

  it('SSE: name is the type, the id is the token, after its event and only when it changes', () => {
    const decode = decoderOf('sse');
    expect(decode('{"a":1}', { event: 'tick', id: '7' })).toMatchObject([
      { kind: 'event', event: { type: 'tick', id: '7' } },
      { kind: 'token', token: '7' },
    ]);
    expect(decode('{"a":2}', { id: '7' })).toHaveLength(1);
    expect(decode('', { id: '8', idOnly: true })).toEqual([{ kind: 'token', token: '8' }]);
    const protocol = createRecipeProtocol(null, [at('sse')]);
    expect(protocol.resumable).toBe(true);
    expect(protocol.attach(at('sse'), { positions: {}, token: '8' }, { holdMs: 0 }).lastEventId).toBe('8');
  });

  it('poll: a whole page, oldest first, and the Etag as token', () => {
    const decode = decoderOf('poll');
    const first = decode('[{"id":3},{"id":2},{"id":1}]', { headers: [['etag', '"v1"']] });
    expect(bodies(first)).toEqual(['{"id":1}', '{"id":2}', '{"id":3}']);
    expect(first.at(-1)).toEqual({ kind: 'token', token: 'etag "v1"' });
    expect(first).toMatchObject([{ kind: 'page', list: true }, {}]);
    expect(decode('[ ]')).toEqual([{ kind: 'page', events: [], list: true }]);
    expect(decode('')).toEqual([]);
    const attach = createRecipeProtocol(null, [at('poll')]).attach(
      at('poll'),
      { positions: {}, token: 'etag "v1"' },
      { holdMs: 0 },
    );
    expect(attach.headers).toContainEqual(['if-none-match', '"v1"']);
  });

  it('poll: a document is one thing as it is now', () => {
    const decode = decoderOf('poll');
    expect(decode('{"unread":1}')).toMatchObject([{ kind: 'page', list: false, events: [{ body: '{"unread":1}' }] }]);
  });

  it("behaviour 41: the stream's own id stands above one in the body", () => {
    const decode = decoderOf('sse');
    expect(decode('{"id":"door","on":true}', { id: '1' })).toMatchObject([{ event: { id: '1' } }, {}]);
  });

  it('promise 24: nothing is promised that the feed at hand cannot keep', () => {
    const protocol = createRecipeProtocol(null, [at('sse')]);
    expect(protocol.promise).toMatch(/behind the last id/);
    expect(protocol.promiseWithoutPlace).not.toMatch(/behind the last id/);
    expect(protocol.promiseWithoutPlace).not.toMatch(/none twice/);
  });

  it('promise 9: numbers tell which place is older; of other ids nobody knows', () => {
    const { comparePlaces, placeOf } = createRecipeProtocol(null, [at('sse')]);
    expect(comparePlaces?.('9007199254740993', '9007199254740992')).toBeGreaterThan(0);
    expect(comparePlaces?.('36', '5000')).toBeLessThan(0);
    expect(comparePlaces?.('a', 'b')).toBeNull();
    expect(placeOf?.('etag "v1"')).toBeNull();
  });

  it('hostile: prototype names and depth are data', () => {
    const decode = decoderOf('websocket');
    expect(decode('{"__proto__":{"type":"evil"},"constructor":{"id":"x"}}')).toMatchObject([
      { event: { type: 'message', id: null } },
    ]);
    expect(bodies(decode(`${'[{"a":'.repeat(50_000)}`))).toHaveLength(1);
  });
});
