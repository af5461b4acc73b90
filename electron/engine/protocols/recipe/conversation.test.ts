import { describe, expect, it } from 'vitest';
import { type Recipe, recipeSchema } from '../../../../shared/recipe';
import { monotonicMs, wallMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import type { Conversation, ConversationAct } from '../../core/protocol';
import { createTalks } from './conversation';

const recipe = (talk: unknown, variables: unknown = []): Recipe =>
  recipeSchema.parse({ name: 'r', title: 'R', talk, variables });

const frame = (text: string): Frame => ({
  data: text,
  bytes: text.length,
  receivedAt: 0,
  event: null,
  id: null,
  headers: [],
});

const is = (path: string, value: unknown) => [{ path, is: value }];

/** A conversation on a socket that takes everything at once. `ms`: since it opened. */
function talkOf(talk: unknown, variables: unknown = [], cursor = '') {
  const conversation = createTalks(recipe(talk, variables))?.();
  if (!conversation) throw new Error('It has nothing to say.');
  const moment = (ms: number) => ({ now: monotonicMs(1_000 + ms), wall: wallMs(1_700_000_000_000 + ms) });
  const done = (acts: readonly ConversationAct[], ms: number) => {
    for (const act of acts) if (act.kind === 'send' && act.step !== null) conversation.sent(act.step, moment(ms));
    return acts.map((act) => (act.kind === 'send' ? act.said : act.kind === 'settled' ? 'settled' : act));
  };
  return {
    conversation: conversation as Conversation,
    moment,
    opened: (ms = 0) => done(conversation.opened(moment(ms), { positions: {}, token: cursor }), ms),
    heard: (value: unknown, ms = 0) =>
      done(conversation.heard(frame(typeof value === 'string' ? value : JSON.stringify(value)), moment(ms)), ms),
    due: (ms: number) => done(conversation.due(moment(ms)), ms),
    wakeAt: () => (conversation.wakeAt === null ? null : conversation.wakeAt - 1_000),
  };
}

/** As Home Assistant does it. */
const home = {
  open: [
    {
      after: is('type', 'auth_required'),
      send: '{"type":"auth","access_token":"{{token}}"}',
      login: true,
      expect: is('type', 'auth_ok'),
      refused: is('type', 'auth_invalid'),
    },
    { send: '{"id":1,"type":"subscribe_events"}', expect: is('id', 1), refused: is('success', false) },
  ],
};
const token = [{ name: 'token', title: 'Token', secret: true, value: '*secret.n*' }];

describe('a conversation', () => {
  it('says its opening messages in order, each when the one before was answered, and is settled behind the last answer', () => {
    const talk = talkOf(home, token);
    expect(talk.opened()).toEqual([]);
    expect(talk.heard({ type: 'auth_required' })).toEqual(['{"type":"auth","access_token":"*secret.n*"}']);
    expect(talk.heard({ type: 'event' })).toEqual([]);
    expect(talk.heard({ type: 'auth_ok' })).toEqual(['{"id":1,"type":"subscribe_events"}']);
    expect(talk.heard({ id: 1, type: 'result', success: true })).toEqual(['settled']);
    // The same answer once more means nothing.
    expect(talk.heard({ id: 1, type: 'result', success: true })).toEqual([]);
    expect(talk.wakeAt()).toBeNull();
  });

  it('is settled at once where nothing is waited for', () => {
    const talk = talkOf({ open: [{ send: 'a' }, { send: 'b', refused: is('error', true) }] });
    expect(talk.conversation.openingMs).toBe(0);
    expect(talk.opened()).toEqual(['a', 'b', 'settled']);
    expect(talk.heard({ error: true, message: 'no such room' }, 9_999)).toEqual([
      { kind: 'refused', login: false, message: 'no such room' },
    ]);
    expect(createTalks(recipe({}))).toBeNull();
  });

  it('takes the answer to one message for what the next one waits for', () => {
    const talk = talkOf({
      open: [
        { send: 'a', expect: is('at', 1) },
        { after: is('at', 1), send: 'b' },
      ],
    });
    expect(talk.opened()).toEqual(['a']);
    expect(talk.heard({ at: 1 })).toEqual(['b', 'settled']);
  });

  it('ends when an answer does not come in its time, counted from when the message has left', () => {
    const talk = talkOf({ open: [{ send: 'a' }, { send: 'b', expect: is('ok', true), withinSeconds: 3 }] });
    const { conversation, moment } = talk;
    expect(conversation.openingMs).toBe(3_000);
    expect(conversation.opened(moment(0), null).map(({ kind }) => kind)).toEqual(['send', 'send']);
    conversation.sent(1, moment(1_000));
    expect(conversation.wakeAt).toBeNull();
    conversation.sent(2, moment(5_000));
    expect(talk.wakeAt()).toBe(8_000);
    expect(talk.due(7_999)).toEqual([]);
    expect(talk.due(8_000)).toEqual([{ kind: 'unanswered', step: 2, afterMs: 3_000 }]);
    expect(talk.heard({ ok: true }, 8_001)).toEqual([]);
    expect(talk.wakeAt()).toBeNull();
  });

  it('ends as well when what a message waits for before it is said does not come', () => {
    const talk = talkOf(home, token);
    talk.opened();
    expect(talk.wakeAt()).toBe(10_000);
    expect(talk.due(10_000)).toEqual([{ kind: 'unanswered', step: 1, afterMs: 10_000, unsaid: true }]);
  });

  it('tells a refused login from another refusal, in the words of the feed', () => {
    const login = talkOf(home, token);
    login.opened();
    login.heard({ type: 'auth_required' });
    expect(login.heard({ type: 'auth_invalid', message: 'Invalid access token' })).toEqual([
      { kind: 'refused', login: true, message: 'Invalid access token' },
    ]);
    const other = talkOf(home, token);
    other.opened();
    other.heard({ type: 'auth_required' });
    other.heard({ type: 'auth_ok' });
    expect(other.heard({ id: 1, success: false, error: { code: 'x', message: 'No such event' } })).toEqual([
      { kind: 'refused', login: false, message: 'No such event' },
    ]);
    expect(other.heard({ id: 1, success: true })).toEqual([]);
    const text = talkOf({
      open: [{ send: 'LOGIN', login: true, expect: [{ matches: '^OK' }], refused: [{ matches: '^NO' }] }],
    });
    text.opened();
    expect(text.heard('NO, not you')).toEqual([{ kind: 'refused', login: true, message: 'NO, not you' }]);
  });

  it('takes nothing that comes behind the answer that was expected for a refusal of what was answered', () => {
    const talk = talkOf({
      open: [
        { send: 'a', login: true, expect: is('ok', true), refused: is('ok', false) },
        { send: 'b', refused: is('no', true) },
      ],
    });
    talk.opened();
    expect(talk.heard({ ok: true }, 100)).toEqual(['b', 'settled']);
    // An answer to something else looks the same.
    expect(talk.heard({ ok: false }, 900)).toEqual([]);
    expect(talk.heard({ no: true }, 950)).toHaveLength(1);
  });

  it('says again and again what is to be said so, from when it is settled', () => {
    const talk = talkOf({
      open: [{ send: 'a', expect: is('ok', true) }],
      every: [{ seconds: 20, send: '{"op":"ping","n":{{n}}}' }],
    });
    talk.opened();
    expect(talk.due(5_000)).toEqual([]);
    talk.heard({ ok: true }, 6_000);
    expect(talk.wakeAt()).toBe(26_000);
    expect(talk.due(25_999)).toEqual([]);
    expect(talk.due(26_000)).toEqual(['{"op":"ping","n":2}']);
    expect(talk.wakeAt()).toBe(46_000);
    // A timer that comes late makes up for nothing.
    expect(talk.due(100_000)).toEqual(['{"op":"ping","n":3}']);
    expect(talk.wakeAt()).toBe(120_000);
  });

  it('answers the pings of a feed, with what stood in them, before it is settled too', () => {
    const talk = talkOf({
      open: [{ send: 'a', expect: is('ok', true) }],
      answers: [
        { when: [{ path: 'ping', exists: true }], send: '{"pong":{{.ping}},"as":"{{.ping}}"}' },
        { when: is('', '2'), send: '3' },
      ],
    });
    talk.opened();
    expect(talk.heard({ ping: 1492420473027 })).toEqual(['{"pong":1492420473027,"as":"1492420473027"}']);
    talk.heard({ ok: true });
    expect(talk.heard('2')).toEqual(['3']);
    expect(talk.heard({ ping: 1, text: 'x'.repeat(5_000) })).toEqual([]);
  });

  it('fills in variables, the cursor, the time and the number of the message, and leaves a name that nobody knows', () => {
    const variables = [{ name: 'room', title: 'Room', value: 'a "b"' }];
    const open = [{ send: '{"room":"{{room}}","from":"{{cursor}}"}' }, { send: '{{n}} {{now}} {{other}} {{room}}' }];
    expect(talkOf({ open }, variables, '12-3').opened(5)).toEqual([
      '{"room":"a \\"b\\"","from":"12-3"}',
      '2 1700000000005 {{other}} a "b"',
      'settled',
    ]);
  });
});
