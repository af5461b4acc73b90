import fc from 'fast-check';
import { generate, type Packet } from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { type Recipe, recipeSchema } from '../../../../shared/recipe';
import { type Clock, monotonicMs, wallMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import type { ConversationAct, DecodedEvent, Message, Protocol } from '../../core/protocol';
import { isSealed } from '../../core/said';
import { createFakeClock } from '../../simulation/fake-clock';
import { createPackets } from '../../transports/packets';
import { protocolOf } from '../registry';
import { mqttPackets } from './packet-length';
import { createFakeBroker, type FakeBroker, packetsIn } from './testing/broker';
import { topicMatches } from './topics';

const rung = { transport: 'tcp', url: 'mqtt://broker.test', intervalSeconds: 5 } as const;

function recipeOf(speak: object = {}, more: object = {}): Recipe {
  return recipeSchema.parse({ name: 'm', title: 'M', speak: { protocol: 'mqtt', topics: ['a/#'], ...speak }, ...more });
}

const make = (recipe: Recipe | null = recipeOf(), source: string | undefined = 'source-1'): Protocol =>
  protocolOf({ protocol: 'mqtt', ladder: [rung], recipe: recipe ?? undefined, ...(source ? { source } : {}) });

interface Run {
  readonly messages: Message[];
  readonly acts: ConversationAct[];
  readonly sent: Uint8Array[];
  settled(): boolean;
  /** All that was heard is on disk. */
  store(): void;
  /** What came and is not on disk never will be. */
  drop(): void;
  wake(): void;
  cut(): void;
  events(): readonly DecodedEvent[];
  /** A person's message; what is said of it comes as a message. */
  say(key: string, topic: string, body: string): 'said' | 'not now' | string;
  token(): string | null;
}

const secrets = (text: string) => text.replace(/\*secret\.(\w+)\*/g, (_, name: string) => `the ${name}`);

let queue: (() => void)[] | null = null;

/** What is written is read behind what is being read, as on a wire. */
function later(task: () => void): void {
  if (queue !== null) {
    queue.push(task);
    return;
  }
  queue = [task];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) next();
  queue = null;
}

/** One session, as the source runs it. */
function open(protocol: Protocol, broker: FakeBroker, token: string | null, clock: Clock = createFakeClock()): Run {
  const resume = { positions: {}, token };
  const decoder = protocol.createDecoder(rung, resume);
  const { conversation } = decoder;
  if (!conversation) throw new Error('It says nothing.');
  const at = () => ({ now: clock.now(), wall: clock.wall() });
  let frames = 0;
  let over = false;
  let place = token;
  const run: Run = {
    messages: [],
    acts: [],
    sent: [],
    settled: () => run.acts.some(({ kind }) => kind === 'settled'),
    store: () => act(conversation.stored?.(frames, at()) ?? []),
    drop: () => act(conversation.dropped?.() ?? []),
    wake: () => act(conversation.due(at())),
    cut() {
      over = true;
      link.closed();
    },
    say(key, topic, body) {
      const said = decoder.speak?.({ key, type: topic, body });
      if (!said) return 'not now';
      if (typeof said === 'object' && 'refused' in said) return said.refused;
      act([{ kind: 'send', said, step: null }]);
      return 'said';
    },
    events: () => run.messages.flatMap((message) => (message.kind === 'event' ? [message.event] : [])),
    token: () => place,
  };
  const packets = createPackets(mqttPackets, 1_000_000, {
    onPacket(data) {
      const frame: Frame = { data, bytes: data.length, receivedAt: 0, event: null, id: null, headers: [] };
      frames += 1;
      act(conversation.heard(frame, at()));
      for (const message of decoder.decode(frame)) {
        run.messages.push(message);
        if (message.kind === 'token') place = message.token === '' ? null : message.token;
      }
    },
    onEnd: () => run.cut(),
  });
  const link = broker.connect(
    (bytes) => later(() => over || packets.add(bytes)),
    () =>
      later(() => {
        over = true;
      }),
  );
  function act(acts: readonly ConversationAct[]): void {
    for (const one of acts) {
      run.acts.push(one);
      if (one.kind !== 'send' || over) continue;
      const said = Buffer.from(isSealed(one.said) ? one.said.compose(secrets) : one.said);
      run.sent.push(said);
      if (one.step !== null) conversation?.sent(one.step, at());
      later(() => link.receive(said));
    }
  }
  act(conversation.opened(at(), resume));
  return run;
}

const bodies = (run: Run) => run.events().map(({ body }) => String(body));
const kinds = (run: Run) => run.messages.map(({ kind }) => kind);

describe.each([
  ['3.1.1', 4],
  ['5', 5],
] as const)('MQTT %s', (version, number) => {
  const told = (speak: object = {}) => recipeOf({ version, ...speak });

  it('connects, subscribes, and is settled once it is subscribed', () => {
    const broker = createFakeBroker();
    const run = open(make(told()), broker, null);
    expect(run.settled()).toBe(true);
    expect(broker.heard).toEqual(['connect', 'subscribe 1']);
    expect(packetsIn(run.sent[0] ?? new Uint8Array(), number)[0]).toMatchObject({
      cmd: 'connect',
      protocolVersion: number,
      clean: false,
      keepalive: 30,
    });
    broker.publish('a/b', '{"n":1}');
    expect(run.events()[0]).toMatchObject({ stream: 'a/b', type: 'message', body: '{"n":1}', of: ['topic', 'a/b'] });
  });

  it('promise 6: acknowledges only what is on disk, all of it together, and takes no identifier for another', () => {
    const broker = createFakeBroker();
    const run = open(make(told()), broker, null);
    for (let n = 1; n <= 5; n += 1) broker.publish('a/b', String(n));
    expect(broker.heard).not.toContain('puback 1');
    const before = run.sent.length;
    run.store();
    expect(run.sent.length - before).toBe(1);
    expect(broker.heard.slice(-5)).toEqual(['puback 1', 'puback 2', 'puback 3', 'puback 4', 'puback 5']);
    expect(broker.owed(broker.clients()[0] ?? '')).toBe(0);
  });

  it('promise 1: what is stored and comes again, marked, is known as that however much it is; in a session that begins anew it is news', () => {
    const broker = createFakeBroker();
    const protocol = make(told());
    const first = open(protocol, broker, null);
    for (let n = 1; n <= 3; n += 1) broker.publish('a/b', String(n));
    first.cut();
    // It was on its way to the disk when the connection was cut.
    first.store();
    const second = open(protocol, broker, first.token());
    expect(second.events().map(({ redelivery }) => redelivery)).toEqual(
      [1, 2, 3].map((n) => ({ key: String(n), again: true, stored: true })),
    );
    broker.publish('a/b', '4');
    expect(second.events().at(-1)?.redelivery).toEqual({ key: '4', again: false });
  });

  it('promise 3: what never reaches the disk is not acknowledged: the session ends, so that it is sent again', () => {
    const broker = createFakeBroker();
    const run = open(make(told()), broker, null);
    broker.publish('a/b', 'one');
    run.drop();
    expect(run.acts.at(-1)).toMatchObject({ kind: 'ended', how: 'error' });
    run.store();
    expect(broker.heard).not.toContain('puback 1');
  });

  it('quality 2 goes all the way: PUBREC, PUBREL, PUBCOMP', () => {
    const broker = createFakeBroker();
    const run = open(make(told({ qos: 2 })), broker, null);
    broker.publish('a/b', 'x', 2);
    run.store();
    expect(broker.heard.slice(-2)).toEqual(['pubrec 1', 'pubcomp 1']);
    expect(broker.owed(broker.clients()[0] ?? '')).toBe(0);
  });

  it('promise 1: what was cut before it was acknowledged comes again, marked, and nothing subscribes twice', () => {
    const broker = createFakeBroker();
    const protocol = make(told());
    const first = open(protocol, broker, null);
    broker.publish('a/b', 'one');
    first.store();
    broker.publish('a/b', 'two');
    expect(first.token()).not.toBeNull();
    first.cut();
    broker.publish('a/b', 'three');
    const second = open(protocol, broker, first.token());
    expect(second.settled()).toBe(true);
    expect(second.events().map(({ body, redelivery }) => [body, redelivery?.again])).toEqual([
      ['two', true],
      ['three', false],
    ]);
    expect(broker.heard.filter((packet) => packet.startsWith('subscribe'))).toHaveLength(1);
    expect(kinds(second)).not.toContain('cannot-resume');
    const [sent, again] = [first.events()[1]?.redelivery?.key, second.events()[0]?.redelivery?.key];
    expect(again).toBe(sent);
  });

  it('publishes with quality 1, and knows by the acknowledgement that the broker has it', () => {
    const broker = createFakeBroker();
    broker.denyPublish = ['a/closed'];
    const run = open(make(told()), broker, null);
    expect(run.say('k-1', 'a/x', '{"on":true}')).toBe('said');
    run.say('k-2', 'a/closed', 'no');
    const answers = run.messages.filter(({ kind }) => kind === 'published' || kind === 'send-refused');
    expect(answers).toMatchObject([
      { kind: 'published', ref: 'k-1' },
      version === '5'
        ? { kind: 'send-refused', ref: 'k-2', message: 'not authorized', laterMs: null }
        : { kind: 'published', ref: 'k-2' },
    ]);
    expect(bodies(run)).toEqual(['{"on":true}', 'no']);
    expect(run.sent.at(-1)).toEqual(
      generate(
        { cmd: 'publish', topic: 'a/closed', payload: 'no', qos: 1, dup: false, retain: false, messageId: 3 },
        { protocolVersion: number },
      ),
    );
  });

  it('a session that the broker no longer has is a gap, and is said before anything else', () => {
    const broker = createFakeBroker();
    const protocol = make(told());
    const first = open(protocol, broker, null);
    broker.publish('a/b', 'one');
    first.store();
    broker.forget();
    const second = open(protocol, broker, first.token());
    expect(second.messages.slice(0, 2)).toMatchObject([
      { kind: 'cannot-resume', cause: 'retention', requested: null },
      { kind: 'token', token: '' },
    ]);
    expect(second.settled()).toBe(true);
    expect(second.token()).toBeNull();
    broker.publish('a/b', 'two');
    expect(second.token()).toBe(first.token());
  });

  it('what is published with quality 0 is not kept: then there is no place, so that a break is a gap', () => {
    const broker = createFakeBroker();
    const protocol = make(told());
    const first = open(protocol, broker, null);
    broker.publish('a/b', 'one');
    expect(first.token()).not.toBeNull();
    broker.publish('a/b', 'two', 0);
    expect(first.token()).toBeNull();
    broker.publish('a/b', 'three');
    expect(first.token()).toBeNull();
  });

  it('a message that is too large is asked for no more once its place is given up: in 3.1.1 the broker would send it for ever', () => {
    const broker = createFakeBroker();
    broker.versions = [4];
    const protocol = make(recipeOf({ version: '3.1.1' }));
    const first = open(protocol, broker, null);
    broker.publish('a/b', 'one', 1);
    first.store();
    const place = first.token();
    expect(place).not.toBeNull();
    first.cut();
    broker.publish('a/b', 'x'.repeat(1_000_001), 1);
    broker.publish('a/b', 'behind it', 1);
    expect(open(protocol, broker, place).events()).toEqual([]);
    const givenUp = open(protocol, broker, null);
    expect(givenUp.settled()).toBe(true);
    broker.publish('a/b', 'after', 1);
    expect(givenUp.events().map(({ body }) => body)).toEqual(['after']);
    givenUp.store();
    givenUp.cut();
    // What began clean is not kept in 3.1.1; the session after it is.
    const next = open(protocol, broker, givenUp.token());
    broker.publish('a/b', 'more', 1);
    next.store();
    next.cut();
    broker.publish('a/b', 'kept', 1);
    expect(
      open(protocol, broker, next.token())
        .events()
        .map(({ body }) => body),
    ).toEqual(['kept']);
  });

  it('other topics than before: what the broker kept for the old ones is forgotten, and that is a gap', () => {
    const broker = createFakeBroker();
    const first = open(make(told()), broker, null);
    broker.publish('a/b', 'one');
    first.store();
    first.cut();
    broker.publish('a/b', 'two');
    const second = open(make(told({ topics: ['c/#'] })), broker, first.token());
    broker.publish('a/b', 'three');
    broker.publish('c', 'four');
    expect(second.messages[0]).toMatchObject({ kind: 'cannot-resume', cause: 'no-replay' });
    expect(bodies(second)).toEqual(['four']);
    expect(second.token() === null).toBe(number === 4);
  });

  it('retained messages are how things stand: of their own type, not charted, and told once', () => {
    const broker = createFakeBroker();
    broker.publish('a/door', 'open', 1, true);
    const protocol = make(told({ keepSession: false }));
    const first = open(protocol, broker, null);
    expect(first.events()).toMatchObject([{ type: 'retained', body: 'open', measures: [] }]);
    broker.publish('a/door', 'shut', 1, true);
    expect(first.events()[1]).toMatchObject({ type: 'text', body: 'shut' });
    first.cut();
    const second = open(protocol, broker, null);
    expect(bodies(second)).toEqual([]);
    second.cut();
    broker.publish('a/door', 'ajar', 1, true);
    expect(bodies(open(protocol, broker, null))).toEqual(['ajar']);
  });

  it('a login that is not taken is a refused login, and user and password are filled in as they leave', () => {
    const broker = createFakeBroker();
    broker.login = 'ada:the pass';
    const recipe = recipeSchema.parse({
      ...{ name: 'm', title: 'M', variables: [{ name: 'who', title: 'Who', value: 'ada' }] },
      speak: { protocol: 'mqtt', version, topics: ['a'], user: '{{who}}', password: '*secret.pass*' },
    });
    const run = open(make(recipe), broker, null);
    expect(run.settled()).toBe(true);
    expect(JSON.stringify(run.acts)).not.toContain('the pass');
    broker.login = 'ada:another';
    expect(open(make(recipe), broker, null).acts.at(-1)).toEqual({
      kind: 'refused',
      login: true,
      message: 'bad user name or password',
    });
  });

  it('a subscription that is refused is refused in words; where others are granted it goes on and says so', () => {
    const broker = createFakeBroker();
    broker.deny = ['x'];
    const words = number === 5 ? 'x: not authorized' : 'x: not granted';
    expect(open(make(told({ topics: ['x'] })), broker, null).acts.at(-1)).toEqual({
      kind: 'refused',
      login: false,
      message: words,
    });
    const some = open(make(told({ topics: ['x', 'a'] })), broker, null);
    expect(some.settled()).toBe(true);
    expect(some.messages).toContainEqual({ kind: 'feed-error', message: `some topics were refused: ${words}` });
  });

  it('pings by half of the keep-alive, and the answer is life', () => {
    const clock = createFakeClock();
    const broker = createFakeBroker();
    const run = open(make(told()), broker, null, clock);
    clock.advance(15_000);
    run.wake();
    expect(broker.heard.at(-1)).toBe('pingreq');
    expect(run.messages.at(-1)).toMatchObject({ kind: 'heartbeat' });
  });

  it('an answer that does not come ends it, by the number of its question', () => {
    const clock = createFakeClock();
    const broker = createFakeBroker();
    const mute: FakeBroker = { ...broker, connect: () => ({ receive() {}, closed() {} }) };
    const run = open(make(told()), mute, null, clock);
    clock.advance(10_000);
    run.wake();
    expect(run.acts.at(-1)).toEqual({ kind: 'unanswered', step: 1, afterMs: 10_000 });
  });

  it('only the answer to its own subscription is one: another does not make it live', () => {
    const clock = createFakeClock();
    const broker = createFakeBroker();
    let foreign = 7;
    const strange: FakeBroker = {
      ...broker,
      connect(send) {
        const write = (packet: Packet) => send(generate(packet, { protocolVersion: number }));
        return {
          receive(bytes) {
            for (const { cmd, messageId = 0 } of packetsIn(bytes, number)) {
              if (cmd === 'connect') write({ cmd: 'connack', sessionPresent: false, returnCode: 0, reasonCode: 0 });
              if (cmd === 'subscribe') write({ cmd: 'suback', messageId: messageId + foreign, granted: [1] });
            }
          },
          closed() {},
        };
      },
    };
    const run = open(make(told()), strange, null, clock);
    expect(run.settled()).toBe(false);
    expect(run.messages.at(-1)).toEqual({ kind: 'control', name: 'suback' });
    clock.advance(10_000);
    run.wake();
    expect(run.acts.at(-1)).toEqual({ kind: 'unanswered', step: 2, afterMs: 10_000 });
    foreign = 0;
    expect(open(make(told()), strange, null, clock).settled()).toBe(true);
  });
});

describe('MQTT', () => {
  it('left open, tries 5 first and remembers that a broker speaks only 3.1.1', () => {
    const broker = createFakeBroker();
    broker.versions = [4];
    const protocol = make();
    expect(open(protocol, broker, null).acts.at(-1)).toMatchObject({ kind: 'ended', how: 'error', afterMs: 0 });
    expect(open(protocol, broker, null).settled()).toBe(true);
    const third = open(protocol, broker, null);
    expect(packetsIn(third.sent[0] ?? new Uint8Array(), 4)[0]).toMatchObject({ protocolVersion: 4 });
  });

  it('a broker that only closes at what it does not know is asked in the older version next', () => {
    const broker = createFakeBroker();
    const protocol = make();
    const mute: FakeBroker = { ...broker, connect: () => ({ receive() {}, closed() {} }) };
    open(protocol, mute, null).cut();
    const next = open(protocol, broker, null);
    expect(packetsIn(next.sent[0] ?? new Uint8Array(), 4)[0]).toMatchObject({ protocolVersion: 4 });
  });

  it('says who took over, and does not fight; an end in order is planned', () => {
    const broker = createFakeBroker();
    const protocol = make(recipeOf({ clientId: 'desk' }));
    const first = open(protocol, broker, null);
    open(protocol, broker, null);
    expect(first.acts.at(-1)).toMatchObject({ kind: 'ended', how: 'stop', message: expect.stringContaining('desk') });
    const second = open(protocol, broker, null);
    broker.stop();
    expect(second.acts.at(-1)).toMatchObject({ kind: 'ended', how: 'planned', message: 'the server is shutting down' });
  });

  it('publishes no more at once, and nothing larger or of another quality, than the broker takes', () => {
    const broker = createFakeBroker();
    broker.terms = { receiveMaximum: 1, maximumPacketSize: 60 };
    const run = open(make(recipeOf({ version: '5' })), broker, null);
    expect(run.say('k-1', 'a', 'x'.repeat(100))).toContain('60 bytes at most');
    // The acknowledgement has not come yet.
    later(() => {
      expect([run.say('k-1', 'a', '1'), run.say('k-2', 'a', '2'), run.say('k-1', 'a', '1')]).toEqual([
        'said',
        'not now',
        'said',
      ]);
    });
    expect(run.say('k-2', 'a', '2')).toBe('said');
    broker.terms = { maximumQoS: 0 };
    const other = open(make(recipeOf({ version: '5', clientId: 'other' })), broker, null);
    expect(other.say('k-3', 'a', '3')).toContain('quality 0');
  });

  it('a topic to publish to is one topic', () => {
    const { outlet } = make();
    expect(outlet?.problemOf('x', 'a/b')).toBeNull();
    expect([' ', 'a/+', '#', 'a\u0000'].map((topic) => outlet?.problemOf('x', topic))).not.toContain(null);
  });

  it('one that is only looked at leaves nothing with the broker', () => {
    const broker = createFakeBroker();
    const run = open(make(recipeOf(), ''), broker, null);
    expect(packetsIn(run.sent[0] ?? new Uint8Array(), 5)[0]).toMatchObject({ clientId: '', clean: true });
    run.cut();
    expect(broker.clients()).toEqual([]);
  });

  it('has a client id of the source, the same each time, that every broker takes', () => {
    const ids = ['source-1', 'source-1', 'source-2'].map((source) => {
      const run = open(make(recipeOf(), source), createFakeBroker(), null);
      const [packet] = packetsIn(run.sent[0] ?? new Uint8Array(), 5);
      return packet?.cmd === 'connect' ? packet.clientId : '';
    });
    expect(ids[0]).toMatch(/^[0-9a-zA-Z]{10,23}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('names that the broker shortens to numbers are the topics they stand for; others are said', () => {
    const decoder = make().createDecoder(rung);
    const publish = (topic: string, topicAlias: number) => {
      const head = Buffer.from([
        0x30,
        0,
        0,
        topic.length,
        ...Buffer.from(topic),
        3,
        0x23,
        topicAlias >> 8,
        topicAlias & 255,
      ]);
      head[1] = head.length - 2;
      return { data: head, bytes: head.length, receivedAt: 0, event: null, id: null, headers: [] };
    };
    expect(decoder.decode(publish('a/b', 1))[0]).toMatchObject({ kind: 'event', event: { stream: 'a/b' } });
    expect(decoder.decode(publish('', 1))[0]).toMatchObject({ kind: 'event', event: { stream: 'a/b' } });
    expect(decoder.decode(publish('', 2))[0]).toMatchObject({ kind: 'undecodable' });
    expect(decoder.decode(publish('a/c', 500))[0]).toMatchObject({ kind: 'undecodable' });
  });

  it('bytes are bytes, text is text, and a bare number is one of its topic', () => {
    const broker = createFakeBroker();
    const run = open(make(), broker, null);
    broker.publish('a/raw', Buffer.from([0xff, 0, 1]), 0);
    broker.publish('a/temp', '21.5', 0);
    broker.publish('a/none', '', 0);
    expect(run.events()).toMatchObject([
      { type: 'binary', body: Buffer.from([0xff, 0, 1]) },
      { value: 21.5, of: ['topic', 'a/temp'] },
      { body: '' },
    ]);
  });

  it('numbers that a recipe names are of their topic too, unless it says what they are of', () => {
    const broker = createFakeBroker();
    const values = [{ path: 't' }];
    const named = open(make(recipeOf({}, { values })), broker, null);
    const labelled = open(
      make(recipeOf({}, { values, labels: [{ path: 'room', name: 'room' }] }), 'other'),
      broker,
      null,
    );
    broker.publish('a/b', '{"t":1,"room":"hall"}', 0);
    expect(named.events()[0]?.measures).toEqual([{ name: 't', labels: [['topic', 'a/b']], value: 1, unit: null }]);
    expect(labelled.events()[0]?.measures).toEqual([{ name: 't', labels: [['room', 'hall']], value: 1, unit: null }]);
  });

  it.each([
    ['#', 'a/b', true],
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['a/+', 'a/b', true],
    ['a/+', 'a/b/c', false],
    ['a/+/c', 'a//c', true],
    ['+', '/a', false],
    ['a', 'a/b', false],
    ['a/b', 'a', false],
    ['$share/group/a/+', 'a/b', true],
  ])('%s means %s: %s', (filter, topic, meant) => expect(topicMatches(filter, topic)).toBe(meant));

  it('what is no packet of a broker ends it by its first byte', () => {
    expect(mqttPackets(Buffer.from('HTTP/1.1 400 Bad'))).toMatchObject({
      kind: 'none',
      why: expect.stringContaining('HTTP'),
    });
    expect(mqttPackets(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80]))).toMatchObject({ kind: 'none' });
    expect(mqttPackets(Buffer.from([0x30, 0x82]))).toEqual({ kind: 'more', bytes: null });
    expect(mqttPackets(Buffer.from([0x30, 0x82, 1, 0]))).toEqual({ kind: 'more', bytes: 133 });
  });

  it('a reason that is broken off ends it as its number says; a topic that is numbered twice is no topic', () => {
    const decoder = make().createDecoder(rung);
    const at = { now: monotonicMs(0), wall: wallMs(0) };
    const hear = (...bytes: number[]) => {
      const frame: Frame = {
        data: new Uint8Array(bytes),
        bytes: bytes.length,
        receivedAt: 0,
        event: null,
        id: null,
        headers: [],
      };
      return { acts: decoder.conversation?.heard(frame, at), messages: decoder.decode(frame) };
    };
    decoder.conversation?.opened(at, null);
    const twice = hear(0x30, 12, 0, 1, 0x61, 6, 0x23, 0, 1, 0x23, 0, 2, 0x78, 0x79);
    expect(twice.messages).toMatchObject([{ kind: 'undecodable', why: expect.stringContaining('not agreed') }]);
    expect(hear(0xe0, 5, 0x8b, 3, 0x1f, 0, 5).acts).toMatchObject([{ kind: 'ended', how: 'planned' }]);
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 60 }), (first, rest) => {
        const data = Buffer.from([first, rest.length, ...rest]);
        const frame: Frame = { data, bytes: data.length, receivedAt: 0, event: null, id: null, headers: [] };
        const decoder = make().createDecoder(rung, { positions: {}, token: 't' });
        const at = { now: createFakeClock().now(), wall: createFakeClock().wall() };
        decoder.conversation?.opened(at, null);
        decoder.conversation?.heard(frame, at);
        expect(decoder.decode(frame).length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
