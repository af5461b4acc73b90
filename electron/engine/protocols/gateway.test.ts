import { describe, expect, it } from 'vitest';
import type { Frame } from '../core/frame';
import type { Message } from '../core/protocol';
import { gatewayAddress, gatewayProtocol } from './gateway';

function frame(data: string | Uint8Array, changed: Partial<Frame> = {}): Frame {
  return { data, bytes: data.length, receivedAt: 1_000, event: null, id: null, headers: [], ...changed };
}

const rung = {
  websocket: { transport: 'websocket', url: 'ws://h:1/v1/host/ws?access_token=t', intervalSeconds: 5 },
  sse: { transport: 'sse', url: 'http://h:1/v1/host/sse', intervalSeconds: 5 },
  'long-poll': { transport: 'long-poll', url: 'http://h:1/v1/host/poll', intervalSeconds: 5 },
  poll: { transport: 'poll', url: 'http://h:1/v1/host/poll', intervalSeconds: 5 },
} as const;

const decode = (data: string | Uint8Array, changed?: Partial<Frame>) =>
  gatewayProtocol.createDecoder(rung.websocket).decode(frame(data, changed));

function event(messages: readonly Message[]) {
  const [message] = messages;
  if (message?.kind !== 'event') throw new Error(`Got ${JSON.stringify(messages)}`);
  return message.event;
}

const head = '{"kind":"event","stream":"host","epoch":"e-1","seq":121,"time":1760000000123,"type":"cpu","data":';

describe('decoding', () => {
  it('reads an event as the gateway writes it', () => {
    expect(event(decode(`${head}{"percent":12.5}}`))).toEqual({
      stream: 'host',
      position: { epoch: 'e-1', seq: 121 },
      id: null,
      type: 'cpu',
      sentAt: 1_760_000_000_123,
      receivedAt: 1_000,
      body: '{"percent":12.5}',
      bytes: 16,
      value: { percent: 12.5 },
    });
  });

  it('promise 7: waits that no gateway may ask for are bounded where they are read', () => {
    for (const many of ['9e15', '3600001']) {
      const goodbye = `{"kind":"goodbye","reason":"r","retryAfterMs":${many},"spreadMs":${many}}`;
      expect(decode(goodbye)).toEqual([{ kind: 'goodbye', reason: 'r', retryAfterMs: 3_600_000, spreadMs: 60_000 }]);
      const refused = `{"kind":"refused","ref":"r","error":"rate","message":"m","retryAfterMs":${many}}`;
      expect(decode(refused)).toMatchObject([{ kind: 'send-refused', laterMs: 3_600_000 }]);
      const hello = `{"kind":"hello","stream":"s","epoch":"e","from":1,"head":1,"spreadMs":${many},"heartbeatMs":1000}`;
      expect(decode(hello)).toContainEqual({ kind: 'terms', spreadMs: 60_000, heartbeatMs: 1000 });
    }
  });

  it('reads a goodbye with what it asks of us', () => {
    const goodbye = { kind: 'goodbye', reason: 'restart', retryAfterMs: 45_000, spreadMs: 20_000 };
    expect(decode(JSON.stringify(goodbye))).toEqual([goodbye]);
  });

  it('behaviour 24: integers beyond 2⁵³ and 127.0 keep their digits', () => {
    const body = '{"n": 9007199254740993, "x":127.0, "e":1E400}';
    expect(event(decode(`${head}${body}}`)).body).toBe(body);
    expect(
      event(decode(`{ "data" : ${body} , "type":"cpu","seq":1,"epoch":"e","stream":"s","kind":"event"}`)).body,
    ).toBe(body);
  });

  it('reads of a body like the one before it only the numbers, and all of what differs', () => {
    const decoder = gatewayProtocol.createDecoder(rung.websocket);
    const bodies = ['{"host":"a","percent":1}', '{"host":"b","percent":-0.25}', '{"host":"c","percent":"1"}'];
    const events = bodies.map((body) => event(decoder.decode(frame(`${head}${body}}`))));
    expect(events.map(({ body, bytes }) => [body, bytes])).toEqual(bodies.map((body) => [body, body.length]));
    expect(events.map(({ value }) => value)).toMatchObject([
      { host: 'a', percent: 1 },
      { shape: { tree: { host: null, percent: 0 } }, numbers: [-0.25] },
      { host: 'c', percent: '1' },
    ]);
    expect(decoder.decode(frame(`${head}{"host":"d","percent":01}}`))).toMatchObject([{ kind: 'undecodable' }]);
    const named = event(decoder.decode(frame(`${head}{"host":"e","percent":7},"id":"x-1"}`)));
    expect(named).toMatchObject({ id: 'x-1', body: '{"host":"e","percent":7}', value: { numbers: [7] } });
  });

  it('reads an id after the data, also when the data looks like one', () => {
    expect(event(decode(`${head}1,"id":"abc"}`))).toMatchObject({ id: 'abc', body: '1' });
    expect(event(decode(`${head}{"id":"x"}}`))).toMatchObject({ id: null, body: '{"id":"x"}' });
    expect(event(decode(`${head}"a,\\"id\\":\\"b\\""}`))).toMatchObject({ id: null, body: '"a,\\"id\\":\\"b\\""' });
    expect(event(decode(`${head}{"a":1},"id":"q\\"uote"}`))).toMatchObject({ id: 'q"uote', body: '{"a":1}' });
  });

  it('takes members in any order, with white space and unknown ones', () => {
    const text =
      ' {"new":{"data":[1]}, "type":"t", "data" : [ 1 , "]" ] ,"seq":7,"epoch":"e","stream":"s","kind":"event","time":5}\n';
    expect(event(decode(text))).toMatchObject({
      body: '[ 1 , "]" ]',
      position: { epoch: 'e', seq: 7 },
      value: [1, ']'],
    });
  });

  it('tells what a hello says', () => {
    const hello =
      '{"kind":"hello","stream":"s","epoch":"e","from":3,"head":9,"spreadMs":1000,"heartbeatMs":10000,"x":1}';
    expect(decode(hello, { event: 'hello', id: 'e:3' })).toEqual([
      { kind: 'attached', attachment: { stream: 's', epoch: 'e', from: 3, head: 9 } },
      { kind: 'terms', spreadMs: 1000, heartbeatMs: 10_000 },
    ]);
  });

  it('an SSE id without data says nothing new', () => {
    expect(decode('', { idOnly: true, id: 'e:4' })).toEqual([]);
  });

  it('slices a poll answer into its events and keeps the order of a session', () => {
    const answer = `{"kind":"answer","stream":"s","epoch":"e","from":9,"head":12,"spreadMs":1,"heartbeatMs":2,"events":[ ${head}1.0}, ${head}"]}"}],"more":true,"cannotResume":{"kind":"cannot-resume","stream":"s","epoch":"e","cause":"retention","requested":{"epoch":"e","seq":2},"oldest":10,"head":12},"goodbye":{"kind":"goodbye","reason":"drain","retryAfterMs":5,"spreadMs":6}}`;
    const messages = decode(answer);
    expect(messages.map(({ kind }) => kind)).toEqual([
      'cannot-resume',
      'attached',
      'terms',
      'event',
      'event',
      'more',
      'goodbye',
    ]);
    expect(messages.flatMap((message) => (message.kind === 'event' ? [message.event.body] : []))).toEqual([
      '1.0',
      '"]}"',
    ]);
  });

  it('a log that lost its end is another numbering', () => {
    const text =
      '{"kind":"cannot-resume","stream":"s","epoch":"e","cause":"ahead","requested":{"epoch":"e","seq":99},"oldest":1,"head":9}';
    expect(decode(text)).toMatchObject([{ kind: 'cannot-resume', cause: 'epoch-changed', requested: { seq: 99 } }]);
  });

  it('completes a replay with the stream it is attached to', () => {
    const decoder = gatewayProtocol.createDecoder(rung.websocket);
    decoder.decode(frame('{"kind":"hello","stream":"s","epoch":"e","from":3,"head":9}'));
    expect(
      decoder.decode(frame('{"kind":"replayed","ref":"r","after":3,"to":5,"oldest":1,"missing":false}')),
    ).toMatchObject([{ kind: 'replayed', stream: 's', epoch: 'e', after: 3, to: 5, missing: false, oldest: 1 }]);
  });

  it('a snapshot becomes events in the order of their numbers', () => {
    const text =
      '{"kind":"snapshot","stream":"s","epoch":"e","seq":9,"time":1,"state":{"b":{"seq":9,"time":8,"data":2.0},"__proto__":{"seq":4,"time":7,"data":1}}}';
    const found = decode(text).flatMap((message) => (message.kind === 'event' ? [message.event] : []));
    expect(found.map(({ type, body, position }) => [type, body, position?.seq])).toEqual([
      ['__proto__', '1', 4],
      ['b', '2.0', 9],
    ]);
  });

  it('an older gateway refuses a message for now without saying so: its word for why tells it', () => {
    const refused = (error: string) =>
      decode(JSON.stringify({ kind: 'refused', ref: 'r', error, message: 'Not now.', retryAfterMs: 2000 }));
    expect(refused('busy')).toMatchObject([{ kind: 'send-refused', ref: 'r', laterMs: 2000 }]);
    expect(refused('closing')).toMatchObject([{ kind: 'send-refused', ref: 'r', laterMs: 2000 }]);
    expect(refused('bad-message')).toMatchObject([{ kind: 'send-refused', ref: 'r', laterMs: null }]);
  });

  it.each([
    ['', 'an empty frame'],
    ['nonsense', 'not a JSON object'],
    ['[1,2]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['{}', 'an object without a kind'],
    [`${head}{"a":1}`, 'not a JSON object'],
    [`${head}}`, 'not a JSON object'],
    [
      '{"kind":"event","stream":"s","epoch":"e","seq":-1,"type":"t","data":1}',
      'an event without its stream, epoch or seq',
    ],
    [
      '{"kind":"event","stream":"s","epoch":"e","seq":1.5,"type":"t","data":1}',
      'an event without its stream, epoch or seq',
    ],
    ['{"kind":"event","stream":"s","epoch":"e","seq":3,"type":"t"}', 'an event without type or data'],
    ['{"kind":"hello"}', 'a hello without stream, epoch or from'],
    ['{"kind":"answer","events":[{]}', 'a poll answer without whole events'],
    ['{"kind":"answer","events":{"0":1}}', 'a poll answer without whole events'],
    ['{"kind":"cannot-resume","cause":"whim"}', 'a cannot-resume without stream, epoch or cause'],
  ])('behaviour 25: %s is undecodable and counted, not thrown', (text, why) => {
    expect(decode(text)).toMatchObject([{ kind: 'undecodable', why }]);
  });

  it('an undecodable event still tells its place where it can', () => {
    expect(decode('{"kind":"event","stream":"s","epoch":"e","seq":3}')).toMatchObject([
      { kind: 'undecodable', stream: 's', position: { epoch: 'e', seq: 3 } },
    ]);
  });

  it('hostile: prototype names, depth and bytes change nothing and throw nothing', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(event(decode(`${head}${deep}}`)).body).toHaveLength(400_000);
    expect(decode(`{"kind":"answer","stream":"s","epoch":"e","from":1,"events":[${deep}]}`).at(-1)?.kind).toBe(
      'undecodable',
    );
    expect(decode('{"__proto__":{"kind":"hello"}}')).toMatchObject([{ kind: 'undecodable' }]);
    expect(decode('{"kind":"constructor"}')).toEqual([{ kind: 'control', name: 'constructor' }]);
    expect(decode(new Uint8Array([1, 2]))).toMatchObject([{ kind: 'undecodable' }]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('asking', () => {
  const resume = { positions: { host: { epoch: 'e', seq: 5 } }, token: null };
  const ask = (kind: keyof typeof rung, from: typeof resume | null = resume) =>
    gatewayProtocol.attach(rung[kind], from, { holdMs: 25_000 });

  it('carries the cursor the way each transport wants it', () => {
    expect(ask('websocket').url).toBe('ws://h:1/v1/host/ws?access_token=t&after=e%3A5');
    expect(ask('sse')).toMatchObject({ url: 'http://h:1/v1/host/sse', lastEventId: 'e:5' });
    expect(ask('long-poll').url).toBe('http://h:1/v1/host/poll?after=e%3A5&wait=25&limit=5000');
    expect(ask('poll').url).toBe('http://h:1/v1/host/poll?after=e%3A5&wait=0&limit=5000');
  });

  it('begins at the head where there is no cursor of this stream', () => {
    expect(ask('websocket', null).url).toBe('ws://h:1/v1/host/ws?access_token=t');
    const other = gatewayProtocol.attach(rung.sse, { positions: {}, token: 'x' }, { holdMs: 0 });
    expect(other.lastEventId).toBeNull();
  });

  it('asks for a range again over HTTP from any rung, with its token', () => {
    const request = gatewayProtocol.replayRequest(rung.websocket, 'host', { epoch: 'e', seq: 5 }, 9);
    expect(request?.url).toBe('http://h:1/v1/host/poll?access_token=t&after=e%3A5&wait=0&limit=4');
    expect(gatewayProtocol.replayRequest(rung.websocket, 'other', { epoch: 'e', seq: 5 }, 9)).toBeNull();
    expect(gatewayProtocol.snapshotUrl(rung.websocket, 'host')).toBe('http://h:1/v1/host/snapshot?access_token=t');
  });

  it('finds base and stream of an address', () => {
    expect(gatewayAddress('https://h/a/v1/x.y/')?.base.href).toBe('https://h/a/v1/x.y');
    expect(gatewayAddress('https://h/v1/')).toBeNull();
    expect(gatewayAddress('https://h/v2/x')).toBeNull();
    expect(gatewayAddress('nonsense')).toBeNull();
  });
});
