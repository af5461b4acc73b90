import { Encoder, PacketType } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../../shared/recipe';
import { monotonicMs, wallMs } from '../../core/clock';
import type { ConversationAct } from '../../core/protocol';
import { frameOf } from '../testing/session';
import { socketIo } from './socket-io';

const speaking = (speak: object = {}, more: object = {}) =>
  socketIo.make({
    ladder: [],
    recipe: recipeSchema.parse({ name: 'r', title: 'R', speak: { protocol: 'socket-io', ...speak }, ...more }),
  });

const now = 1_790_000_000_000;
/** As the in-memory adapter makes it of `now`. */
const offset = (() => {
  const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_';
  let text = '';
  for (let left = now; left > 0; left = Math.floor(left / 64)) text = `${letters[left % 64]}${text}`;
  return text;
})();

function sessionOf(
  protocol = speaking(),
  { token = null, polled = false }: { token?: string | null; polled?: boolean } = {},
) {
  const url = polled ? 'http://h/socket.io/?room=1' : 'ws://h/socket.io/?room=1';
  const rung = { transport: polled ? 'long-poll' : 'websocket', url, intervalSeconds: 5 } as const;
  const resume = { positions: {}, token };
  const decoder = protocol.createDecoder(rung, resume);
  const { conversation } = decoder;
  if (!conversation) throw new Error('It says nothing.');
  const moment = (ms: number) => ({ now: monotonicMs(1_000 + ms), wall: wallMs(now + ms) });
  const done = (acts: readonly ConversationAct[], ms: number) => {
    for (const act of acts) if (act.kind === 'send' && act.step !== null) conversation.sent(act.step, moment(ms));
    return acts.map((act) => (act.kind === 'send' ? act.said : act.kind === 'settled' ? 'settled' : act));
  };
  done(conversation.opened(moment(0), resume), 0);
  return {
    conversation,
    speak: decoder.speak,
    request: () => decoder.attach?.({ holdMs: 1 }) ?? protocol.attach(rung, resume, { holdMs: 1 }),
    hear(data: string | Uint8Array, ms = 0) {
      const frame = { ...frameOf(data), receivedAt: now };
      return { acts: done(conversation.heard(frame, moment(ms)), ms), messages: decoder.decode(frame) };
    },
    due: (ms: number) => done(conversation.due(moment(ms)), ms),
  };
}

const greeting =
  '0{"sid":"eio1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';
const connected = (more: object = {}) => `40${JSON.stringify({ sid: 's', ...more })}`;

/** One that is connected. */
function open(protocol = speaking(), options: Parameters<typeof sessionOf>[1] = {}) {
  const session = sessionOf(protocol, options);
  session.hear(greeting);
  session.hear(connected({ pid: 'p1' }));
  return session;
}

const eventIn = (session: ReturnType<typeof sessionOf>, ...data: (string | Uint8Array)[]) =>
  data.flatMap((each) => session.hear(each).messages);

describe('a session of Socket.IO', () => {
  it('connects to its namespace once greeted, and is settled when that is answered', () => {
    const session = sessionOf(
      speaking({ namespace: '/admin', auth: '{"token":"*secret.t*"}', emit: ['["join","a"]'] }),
    );
    expect(session.hear(greeting)).toEqual({
      acts: ['40/admin,{"token":"*secret.t*"}'],
      messages: [{ kind: 'terms', spreadMs: null, heartbeatMs: 45_000 }],
    });
    expect(session.hear(connected()).acts).toEqual([]);
    expect(session.hear('40/admin,{"sid":"x"}').acts).toEqual(['42/admin,["join","a"]', 'settled']);
    expect(session.hear('40/admin,{"sid":"x"}').acts).toEqual([]);
  });

  it('ends where it is not greeted, and where its CONNECT is not answered, in time', () => {
    expect(sessionOf().due(10_000)).toEqual([{ kind: 'unanswered', step: 1, afterMs: 10_000 }]);
    const half = sessionOf();
    half.hear(greeting, 3_000);
    expect(half.due(12_999)).toEqual([]);
    expect(half.due(13_000)).toEqual([{ kind: 'unanswered', step: 2, afterMs: 10_000 }]);
  });

  it('answers a ping, which is a heartbeat; what keeps a held answer alive is nothing', () => {
    const session = open();
    expect(session.hear('2')).toMatchObject({ acts: ['3'], messages: [{ kind: 'heartbeat' }] });
    for (const idle of ['6', '3probe', '5']) {
      expect(session.hear(idle)).toMatchObject({ acts: [], messages: [{ kind: 'control' }] });
    }
  });

  it.each([
    ['{"message":"Invalid namespace"}', false, 'Invalid namespace'],
    ['{"message":"invalid credentials","data":{"content":"x"}}', true, 'invalid credentials'],
    ['{"message":"no","data":{"code":401}}', true, 'no'],
    ['"thou shalt not pass"', false, 'thou shalt not pass'],
  ])('is refused in the words of the server: %s', (payload, login, message) => {
    const session = sessionOf();
    session.hear(greeting);
    expect(session.hear(`44${payload}`).acts).toEqual([{ kind: 'refused', login, message }]);
    expect(session.hear('2').acts).toEqual([]);
  });

  it('ends where the server leaves the namespace or the session', () => {
    expect(open().hear('41').acts).toMatchObject([{ kind: 'ended', how: 'error' }]);
    expect(open().hear('1').acts).toMatchObject([{ kind: 'ended', how: 'error' }]);
    expect(open().hear('41/other,').acts).toEqual([]);
  });

  it('says what else is there: an older Socket.IO, and something else altogether', () => {
    expect(sessionOf(speaking(), { polled: true }).hear('96:0{"sid":"x"}2:40').acts).toMatchObject([
      { kind: 'refused', message: 'it speaks Engine.IO 3, as Socket.IO 2 has it' },
    ]);
    const older = sessionOf();
    older.hear(greeting);
    expect(older.hear('40').acts).toMatchObject([{ kind: 'refused', message: expect.stringContaining('Socket.IO 2') }]);
    expect(sessionOf().hear('{"hello":1}').acts).toMatchObject([{ kind: 'refused', login: false }]);
  });

  it('says so where what a person has it say is no such thing', () => {
    expect(sessionOf(speaking({ auth: '"token"' })).hear(greeting).acts).toMatchObject([{ kind: 'refused' }]);
    expect(sessionOf(speaking({ emit: ['{"join":1}'] })).hear(greeting).acts).toMatchObject([{ kind: 'refused' }]);
  });
});

describe('an event of Socket.IO', () => {
  it('has its name as type and its argument as body, digit by digit; several are a list, none an empty one', () => {
    const session = open();
    const read = (text: string) => eventIn(session, text).map((each) => (each.kind === 'event' ? each.event : each));
    expect(read('42["tick",{"id":5,"n":9007199254740993,"p":1.50}]')).toMatchObject([
      { stream: 'main', type: 'tick', id: null, body: '{"id":5,"n":9007199254740993,"p":1.50}', value: { id: 5 } },
    ]);
    expect(read('4217["ask", 1.0 , "b,]"]')).toMatchObject([{ type: 'ask', body: '[1.0,"b,]"]' }]);
    expect(read('42["nothing"]')).toMatchObject([{ type: 'nothing', body: '[]' }]);
    expect(read('42[7,"x"]')).toMatchObject([{ type: '7', body: '"x"' }]);
    expect(read('42/other,["tick",1]')).toMatchObject([{ kind: 'control' }]);
    expect(read('431[1]')).toMatchObject([{ kind: 'control' }]);
  });

  it('is cut as the reference encoder writes it', () => {
    for (const namespace of ['/', '/a/b']) {
      for (const id of [undefined, 12]) {
        const session = sessionOf(speaking({ namespace }));
        session.hear(greeting);
        session.hear(namespace === '/' ? connected() : `40${namespace},{"sid":"s"}`);
        const args = [{ a: [1, '/,"x"'] }, 'two', new Uint8Array([1, 2, 255])];
        const packets = new Encoder().encode({
          type: PacketType.EVENT,
          nsp: namespace,
          data: ['e', ...args],
          ...(id === undefined ? {} : { id }),
        });
        const [text, ...bytes]: unknown[] = packets;
        const said = [
          `4${String(text)}`,
          ...bytes.map((each) => (each instanceof Uint8Array ? each : new Uint8Array())),
        ];
        expect(eventIn(session, ...said)).toMatchObject([
          {
            kind: 'event',
            event: {
              type: 'e',
              stream: namespace === '/' ? 'main' : namespace,
              body: '[{"a":[1,"/,\\"x\\""]},"two",{"base64":"AQL/"}]',
            },
          },
        ]);
      }
    }
  });

  it('that is bytes alone is delivered as bytes; what does not come whole is counted', () => {
    const session = open();
    const binary = '451-["raw",{"_placeholder":true,"num":0}]';
    expect(eventIn(session, binary, new Uint8Array([0, 255]))).toMatchObject([
      { event: { type: 'raw', body: new Uint8Array([0, 255]) } },
    ]);
    expect(eventIn(session, binary, '42["next",1]')).toMatchObject([
      { kind: 'undecodable' },
      { event: { type: 'next' } },
    ]);
    expect(eventIn(session, new Uint8Array([1]))).toMatchObject([{ kind: 'undecodable' }]);
    expect(eventIn(session, '45101-["x"]')).toMatchObject([{ kind: 'undecodable' }]);
    expect(eventIn(session, '461-1[{"_placeholder":true,"num":0}]', new Uint8Array([1]))).toMatchObject([
      { kind: 'control' },
    ]);
  });

  it('comes in one answer with others on a poll, bytes in base64', () => {
    const session = open(speaking(), { polled: true });
    const answer = ['42["a",1]', '451-["raw",{"_placeholder":true,"num":0}]', 'bAP8=', '2'].join('\u001e');
    const { acts, messages } = session.hear(answer);
    expect(messages).toMatchObject([
      { event: { type: 'a', body: '1' } },
      { event: { type: 'raw', body: new Uint8Array([0, 255]) } },
      { kind: 'heartbeat' },
    ]);
    expect(acts).toEqual(['3']);
  });

  it('is read on as its recipe says', () => {
    const session = open(speaking({}, { values: [{ path: 'p', name: 'price' }], read: { id: 'id' } }));
    expect(eventIn(session, '42["t",{"p":"12.5","id":9}]')).toMatchObject([
      { event: { id: '9', measures: [{ name: 'price', value: 12.5 }] } },
    ]);
  });

  it('of any other shape is counted, without an exception', () => {
    const session = open();
    for (const text of [
      '',
      '4',
      '42',
      '42[',
      '42[]',
      '42{}',
      '42[{}]',
      '4x',
      '9',
      '42["a",{]',
      '45-["x"]',
      '429999999999999999999',
    ]) {
      expect(session.hear(text), text).toMatchObject({ acts: [], messages: [{ kind: 'undecodable' }] });
    }
  });
});

describe('the state that a server keeps', () => {
  it('is a token of the session and its last offset, which is no part of the event', () => {
    const session = open();
    expect(eventIn(session, `42["tick",{"n":1},"${offset}"]`)).toMatchObject([
      { event: { type: 'tick', id: offset, body: '{"n":1}' } },
      { kind: 'token', token: `p1 ${offset}` },
    ]);
    expect(eventIn(session, `42["tick","${offset}.0"]`)).toMatchObject([{ event: { body: '[]' } }, { kind: 'token' }]);
    for (const other of ['42["t","message"]', `425["t","${offset}"]`, '42["t","Qabcdefgh"]']) {
      expect(eventIn(session, other)).toMatchObject([{ kind: 'event', event: { id: null } }]);
    }
    const keepsNothing = sessionOf();
    keepsNothing.hear(greeting);
    keepsNothing.hear(connected());
    expect(eventIn(keepsNothing, `42["t","${offset}"]`)).toMatchObject([{ event: { id: null, body: `"${offset}"` } }]);
  });

  it('is asked for, beside what else is said; what was missed comes before the answer', () => {
    const session = sessionOf(speaking({ auth: '{ "token": 1 }' }), { token: `p1 ${offset}` });
    expect(session.hear(greeting).acts).toEqual([`40{"pid":"p1","offset":"${offset}","token": 1}`]);
    expect(eventIn(session, `42["tick",1,"${offset}.1"]`)).toMatchObject([
      { kind: 'event' },
      { token: `p1 ${offset}.1` },
    ]);
    expect(session.hear(connected({ pid: 'p1' }))).toMatchObject({
      acts: ['settled'],
      messages: [{ kind: 'control' }],
    });
  });

  it.each([[{ pid: 'p2' }], [{}]])('that is another one is a gap, and the place is none any more: %j', (more) => {
    const session = sessionOf(speaking(), { token: `p1 ${offset}` });
    session.hear(greeting);
    expect(session.hear(connected(more)).messages).toMatchObject([
      { kind: 'control' },
      { kind: 'cannot-resume', cause: 'retention', requested: null },
      { kind: 'token', token: '' },
    ]);
  });

  it('that is no plain name is not taken, since it is said again', () => {
    const session = sessionOf();
    session.hear(greeting);
    session.hear(connected({ pid: '*secret.t*' }));
    expect(eventIn(session, `42["t",1,"${offset}"]`)).toMatchObject([{ event: { id: null } }]);
    const other = sessionOf(speaking(), { token: '*secret.t* x' });
    expect(other.hear(greeting).acts).toEqual(['40']);
  });
});

describe('the requests of Socket.IO', () => {
  it('name the protocol and, on polls, the session once there is one, where what is said goes too', () => {
    expect(sessionOf().request()).toMatchObject({ url: 'ws://h/socket.io/?room=1&EIO=4&transport=websocket' });
    const session = sessionOf(speaking(), { polled: true });
    const first = session.request();
    expect(first).toMatchObject({ url: 'http://h/socket.io/?room=1&EIO=4&transport=polling', sends: { url: null } });
    expect(first.endsWith?.(400, '{"code":1}')).toBeNull();
    expect(session.hear(greeting).messages).toMatchObject([{ kind: 'terms' }, { kind: 'more' }]);
    const next = session.request();
    expect(next.url).toBe('http://h/socket.io/?room=1&EIO=4&transport=polling&sid=eio1');
    expect(next.sends?.url).toBe(next.url);
    expect(next.endsWith?.(400, '{"code":1,"message":"Session ID unknown"}')).toContain('Session ID unknown');
    expect(next.endsWith?.(400, '{"code":3,"message":"Bad request"}')).toBeNull();
  });

  it('go to the usual path unless another is typed, without what a browser had in the address', () => {
    const ladder = (url: string) => {
      const rungs = socketIo.ladder(new URL(url));
      return 'message' in rungs ? rungs : rungs.map(([transport, { href }]) => `${transport} ${href}`);
    };
    expect(ladder('https://h')).toEqual(['websocket wss://h/socket.io/', 'long-poll https://h/socket.io/']);
    expect(ladder('ws://h/x/?EIO=3&transport=polling&t=a&sid=b&room=1')).toEqual([
      'websocket ws://h/x/?room=1',
      'long-poll http://h/x/?room=1',
    ]);
    expect(ladder('mqtt://h')).toMatchObject({ fix: expect.stringContaining('https://') });
    expect(socketIo.claims?.(new URL('https://h/a/socket.io/?EIO=4'))).toBe(true);
    expect(socketIo.claims?.(new URL('https://h/socket.io/x'))).toBe(false);
  });

  it('a person emits an event by its name', () => {
    const protocol = speaking({ namespace: '/a' });
    const { outlet } = protocol;
    const { speak } = sessionOf(protocol);
    expect(speak?.({ key: 'k', type: 'message', body: ' ["say",{"x":1}] ' })).toBe('42/a,["say",{"x":1}]');
    expect(outlet?.problemOf('["say"]', '')).toBeNull();
    for (const wrong of ['', '{}', '[]', '[1]', '["say"'])
      expect(outlet?.problemOf(wrong, '')).toContain('begins with its name');
  });

  it('what asks for an answer is numbered, and known by its number', () => {
    const session = open();
    const ask = (key: string) => session.speak?.({ key, type: 'ask', body: '["say"]' });
    expect([ask('k-1'), ask('k-2'), ask('k-1')]).toEqual(['420["say"]', '421["say"]', '420["say"]']);
    const answers = ['431["ok",{"n":1}]', '430[]', '431["twice"]', '439[]', '43/other,1[]', '43[]'];
    expect(answers.flatMap((said) => session.hear(said).messages)).toEqual([
      { kind: 'published', ref: 'k-2', position: null, repeated: false, note: 'It answered ["ok",{"n":1}].' },
      { kind: 'published', ref: 'k-1', position: null, repeated: false, note: 'It answered.' },
      ...[0, 1, 2, 3].map(() => ({ kind: 'control', name: 'answer' })),
    ]);
  });
});
