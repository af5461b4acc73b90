import { describe, expect, it } from 'vitest';
import type { Gap } from '../../../shared/gap';
import { defaultReach } from '../../../shared/reach';
import { recipeSchema } from '../../../shared/recipe';
import type { ServerSocket } from '../simulation/fake-server';
import { createSimOutboxStore } from '../simulation/memory-stores';
import { startEngineBench } from './testing/engine-bench';

const is = (path: string, value: unknown) => [{ path, is: value }];

/** Logs in when asked to, then subscribes: each waits for its answer. */
const home = {
  open: [
    {
      after: is('type', 'auth_required'),
      send: '{"type":"auth","access_token":"secret"}',
      login: true,
      expect: is('type', 'auth_ok'),
      refused: is('type', 'auth_invalid'),
      withinSeconds: 30,
    },
    { send: '{"id":1,"type":"subscribe"}', expect: is('id', 1), refused: is('success', false) },
  ],
};

interface Times {
  readonly socket: ServerSocket;
  /** How many connections there were with this one. */
  readonly nth: number;
}

/** A feed with a talk, and what it heard on each connection. */
async function start(
  talk: unknown,
  { greet, answer }: { greet?: (to: Times) => void; answer?: (text: string, to: Times) => void },
  more: { readonly sendsPerSecond?: number; readonly rate?: number; readonly classes?: unknown } = {},
) {
  const heard: string[][] = [];
  const sent: number[] = [];
  const sockets: ServerSocket[] = [];
  const states: string[] = [];
  const gaps: Gap[] = [];
  const bench = await startEngineBench({
    server: () => ({
      exchange: (exchange) => exchange.head(404, []),
      socket(socket) {
        const said: string[] = [];
        heard.push(said);
        sockets.push(socket);
        const to = { socket, nth: heard.length };
        socket.accept();
        greet?.(to);
        socket.onMessage((data) => {
          const text = String(data);
          said.push(text);
          answer?.(text, to);
        });
      },
    }),
    source: {
      protocol: 'json',
      ladder: [['websocket', '/']],
      recipe: recipeSchema.parse({ name: 'r', title: 'R', talk, sendsPerSecond: more.rate, classes: more.classes }),
      reach: { ...defaultReach, sendsPerSecond: more.sendsPerSecond ?? 10 },
    },
    listen: (engine) => {
      engine.onTransition((_source, { to }) => states.push(to.kind));
      engine.onGaps((_source, told) => gaps.push(...told));
    },
    parts: (clock) => ({
      outboxStore: createSimOutboxStore(),
      dressTransport: (transport) => ({
        kind: transport.kind,
        open(attach, options, sink) {
          const session = transport.open(attach, options, sink);
          const counted =
            <Args extends unknown[], Answer>(send: (...args: Args) => Answer) =>
            (...args: Args) => {
              sent.push(clock.now());
              return send(...args);
            };
          return { ...session, send: counted(session.send), ping: counted(session.ping) };
        },
      }),
    }),
  });
  const busiest = () => Math.max(...sent.map((from) => sent.filter((at) => at >= from && at < from + 1000).length));
  return { ...bench, heard, sent, sockets, states, gaps, busiest };
}

const auth = '{"type":"auth","access_token":"secret"}';
const subscribe = '{"id":1,"type":"subscribe"}';

describe('what is said when a connection opens', () => {
  it('is said on every reconnect again, in order, and nothing is live before the last answer', async () => {
    const it_ = await start(home, {
      greet: ({ socket }) => socket.send('{"type":"auth_required"}'),
      answer(text, { socket }) {
        if (text === auth) socket.send('{"type":"auth_ok"}');
      },
    });
    expect(it_.heard).toEqual([[auth, subscribe]]);
    expect(it_.view()?.state.kind).toBe('connecting');
    it_.sockets[0]?.send('{"id":1,"type":"result","success":true}');
    await it_.clock.advanceAsync(1_000);
    expect(it_.view()?.state.kind).toBe('live');
    it_.sockets[0]?.close(1001, '');
    await it_.clock.advanceAsync(5_000);
    expect(it_.heard).toEqual([
      [auth, subscribe],
      [auth, subscribe],
    ]);
    expect(it_.view()?.state.kind).toBe('connecting');
  });

  it('may take as long as its own deadlines say, which is longer than a handshake may', async () => {
    const it_ = await start(home, { greet: ({ socket }) => socket.send('{"type":"auth_required"}') });
    await it_.clock.advanceAsync(26_000);
    expect(it_.view()?.state.kind).toBe('connecting');
    expect(it_.heard).toEqual([[auth]]);
    it_.sockets[0]?.send('{"type":"auth_ok"}');
    it_.sockets[0]?.send('{"id":1,"success":true}');
    await it_.clock.advanceAsync(1_000);
    expect(it_.view()?.state.kind).toBe('live');
  });

  it('ends the attempt where it is not answered in time, says which message it was, and tries again under backoff', async () => {
    const it_ = await start(home, {
      greet: ({ socket }) => socket.send('{"type":"auth_required"}'),
      answer(text, { socket }) {
        if (text === auth) socket.send('{"type":"auth_ok"}');
      },
    });
    await it_.clock.advanceAsync(8_500);
    expect(it_.view()).toMatchObject({
      state: { kind: 'waiting' },
      reason: {
        code: 'opening-unanswered',
        text: 'The feed did not answer opening message 2 within 10.0 s.',
      },
    });
    await it_.clock.advanceAsync(120_000);
    expect(it_.heard.length).toBeGreaterThan(3);
    expect(it_.heard.length).toBeLessThan(13);
    expect(it_.states).not.toContain('live');
    expect(it_.states).not.toContain('stopped');
  });

  it('was heard, also where a sign of life came in the middle of it', async () => {
    const it_ = await start(
      { open: [{ send: '{"id":1}', expect: is('id', 1) }] },
      {
        answer(text, { socket }) {
          socket.send('{"type":"heartbeat"}');
          socket.send(text);
          socket.send('{"n":1}');
        },
      },
      { classes: [{ when: is('type', 'heartbeat'), is: 'life' }] },
    );
    await it_.clock.advanceAsync(2_000);
    it_.sockets[0]?.close(1006, '');
    await it_.clock.advanceAsync(100);
    expect(it_.view()?.reason.code).toBe('connection-cut');
  });

  it('shows no gap of a feed that broke off before it was subscribed to, and one of what broke while it was', async () => {
    const it_ = await start(
      { open: [{ send: '{"id":1}', expect: is('id', 1) }] },
      {
        answer(text, { socket, nth }) {
          if (nth === 1 || nth === 2) socket.close(1011, '');
          else socket.send(text);
        },
      },
    );
    await it_.clock.advanceAsync(20_000);
    expect(it_.states.filter((state) => state === 'waiting')).toHaveLength(2);
    expect(it_.view()?.state.kind).toBe('live');
    expect(it_.gaps).toEqual([]);
    it_.sockets[2]?.close(1011, '');
    await it_.clock.advanceAsync(20_000);
    expect(it_.view()?.state.kind).toBe('live');
    expect(it_.gaps).toMatchObject([{ cause: 'no-replay', status: 'lost' }]);
  });

  it('stops where the login is refused, and where another message is, in the words of the feed', async () => {
    const login = await start(home, {
      greet: ({ socket }) => socket.send('{"type":"auth_required"}'),
      answer: (_text, { socket }) => socket.send('{"type":"auth_invalid","message":"Invalid password"}'),
    });
    expect(login.view()).toMatchObject({
      state: { kind: 'stopped', recheckAt: null },
      reason: { code: 'login-refused', text: 'The feed refused the login (Invalid password).' },
    });
    const room = await start(
      { open: [{ send: 'join', expect: is('ok', true), refused: is('ok', false) }] },
      { answer: (_text, { socket }) => socket.send('{"ok":false,"error":"no such room"}') },
    );
    expect(room.view()).toMatchObject({
      state: { kind: 'stopped' },
      reason: { code: 'opening-refused', text: 'The feed refused an opening message: no such room.' },
    });
    await room.clock.advanceAsync(60_000);
    expect([login.heard.length, room.heard.length]).toEqual([1, 1]);
  });

  it('keeps everything that is sent within one budget: what is said again and again, answers, messages and pings', async () => {
    const it_ = await start(
      {
        open: [{ send: 'hello' }],
        every: [{ seconds: 1, send: 'alive {{n}}' }],
        answers: [{ when: is('ping', true), send: 'pong {{n}}' }],
      },
      {},
      { rate: 2, sendsPerSecond: 50 },
    );
    for (let n = 0; n < 600; n += 1) {
      if (n % 3 === 0) it_.sockets[0]?.send('{"ping":true}');
      if (n % 10 === 0) await it_.engine.outbox.send('s', 'note', `m${n}`);
      await it_.clock.advanceAsync(100);
    }
    const said = it_.heard[0] ?? [];
    expect(it_.heard).toHaveLength(1);
    expect(it_.busiest()).toBeLessThanOrEqual(2 * 3);
    expect(it_.sent.length).toBeLessThanOrEqual(4 + 2 * 63);
    expect(said[0]).toBe('hello');
    expect(said.some((text) => text.startsWith('alive'))).toBe(true);
    expect(said.some((text) => text.startsWith('pong'))).toBe(true);
    await it_.clock.advanceAsync(120_000);
    expect(said.filter((text) => text.startsWith('m')).length).toBeGreaterThan(10);
  });
});
