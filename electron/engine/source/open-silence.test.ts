import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../shared/recipe';
import type { ServerSocket } from '../simulation/fake-server';
import { startEngineBench } from './testing/engine-bench';

/** A WebSocket of JSON, and what its source shows. */
async function start(recipe: unknown, greet: (socket: ServerSocket) => void = () => {}) {
  const sockets: ServerSocket[] = [];
  const raised: string[] = [];
  const codes: string[] = [];
  const bench = await startEngineBench({
    server: () => ({
      exchange: (exchange) => exchange.head(404, []),
      socket(socket) {
        sockets.push(socket);
        socket.accept();
        greet(socket);
        socket.onMessage(() => socket.send('{"ok":true}'));
      },
    }),
    source: {
      protocol: 'json',
      ladder: [['websocket', '/']],
      ...(recipe ? { recipe: recipeSchema.parse({ name: 'r', title: 'R', ...recipe }) } : {}),
    },
    listen(engine) {
      engine.onTransition((_, { code }) => codes.push(code));
      const silence = { severity: 'warning', enabled: true, condition: { kind: 'stale' } } as const;
      engine.setAlertRules([{ id: 'r', name: 'Silence', source: null, ...silence }]);
      engine.onAlerts((news) => {
        if ('changes' in news)
          raised.push(...news.changes.flatMap(({ alert, raised: now }) => (now ? [alert.text] : [])));
      });
    },
  });
  const said = () => ({
    badge: bench.view()?.badge,
    silent: /^Open and silent/m.test(bench.view()?.findings?.join('\n') ?? ''),
  });
  return { ...bench, sockets, said, raised, codes: () => codes };
}

/** Open, and what is expected is not here yet. */
const waits = { badge: 'silent', silent: false };
/** It is so for so long that something is missing. */
const silent = { badge: 'silent', silent: true };
const live = { badge: 'live', silent: false };

describe('a WebSocket that is open and says nothing', () => {
  it('is never plainly live: open and silent from the first moment, until an event comes', async () => {
    const it_ = await start(null);
    expect(it_.said()).toEqual(waits);
    expect(it_.view()?.state).toMatchObject({ kind: 'live', resync: 'silent' });
    expect(it_.view()?.reason).toMatchObject({ code: 'open-silent' });
    expect(it_.codes()).toEqual(['source-started', 'opened', 'open-silent']);
    it_.sockets[0]?.send('{"n":1}');
    await it_.clock.advanceAsync(500);
    expect(it_.said()).toEqual(live);
    expect(it_.view()?.state).toMatchObject({ resync: 'current' });
    expect(it_.codes().at(-1)).toBe('first-event');
  });

  it('asks for no person at first: after 30 s it says what usually helps, also in the list of alerts', async () => {
    const it_ = await start(null);
    // It answers pings, which come every 15 s.
    await it_.clock.advanceAsync(27_000);
    expect(it_.said()).toEqual(waits);
    expect(it_.raised).toEqual([]);
    await it_.clock.advanceAsync(3_000);
    expect(it_.said()).toEqual(silent);
    expect(it_.view()).toMatchObject({ openSilent: true, advice: expect.stringContaining('message that subscribes') });
    expect(it_.view()?.findings?.[0]).toMatch(
      /^Open and silent: nothing that was expected has come for 3\d s\. What usually helps: a message on open that subscribes, the subprotocol/,
    );
    await it_.clock.advanceAsync(2_000);
    expect(it_.raised).toEqual([expect.stringContaining('Open and silent')]);
    it_.sockets[0]?.send('{"n":1}');
    await it_.clock.advanceAsync(2_000);
    expect(it_.said()).toEqual(live);
    // Silence after something was said is the feed's own business.
    await it_.clock.advanceAsync(25_000);
    expect(it_.said()).toEqual(live);
  });

  it('is so too behind a greeting, and behind the answers to what was said on open', async () => {
    const greeted = await start(null, (socket) => socket.send('{"type":"welcome"}'));
    await greeted.clock.advanceAsync(31_000);
    expect(greeted.said()).toEqual(silent);
    const talk = { open: [{ send: 'hello', expect: [{ path: 'ok', is: true }] }] };
    const answered = await start({ talk });
    await answered.clock.advanceAsync(31_000);
    expect(answered.view()?.state.kind).toBe('live');
    expect(answered.said()).toEqual(silent);
  });

  it('is so behind the answer to a message on open, also where none was said to be expected', async () => {
    const it_ = await start({ talk: { open: [{ send: '{"op":"subscribe"}' }] } }, (socket) =>
      socket.send('{"event":"error","code":"60012","msg":"Invalid request"}'),
    );
    await it_.clock.advanceAsync(31_000);
    expect(it_.said()).toEqual(silent);
    it_.sockets[0]?.send('{"event":"trade","price":1}');
    await it_.clock.advanceAsync(500);
    expect(it_.said()).toEqual(live);
  });

  it('is so again after a reconnect that brought no subscription back', async () => {
    const it_ = await start(null);
    it_.sockets[0]?.send('{"n":1}');
    await it_.clock.advanceAsync(5_000);
    it_.sockets[0]?.close(1001, '');
    await it_.clock.advanceAsync(35_000);
    expect(it_.sockets).toHaveLength(2);
    expect(it_.said().silent).toBe(true);
    expect(it_.said().badge).not.toBe('live');
  });

  it.each([
    ['every 40 s is live when it comes back, until three such pauses have passed', 40_000, 'current', 110_000],
    ['every 2 s is silent when it comes back, until it speaks', 2_000, 'silent', 20_000],
  ])('that spoke before %s', async (_, paceMs, cameBack, stillMs) => {
    const it_ = await start(null);
    const shown = () => {
      const state = it_.view()?.state;
      return [state?.kind === 'live' ? state.resync : null, it_.said().silent];
    };
    for (let n = 0; n < 8; n += 1) {
      it_.sockets.at(-1)?.send(`{"n":${n}}`);
      await it_.clock.advanceAsync(paceMs);
    }
    expect(it_.said()).toEqual(live);
    it_.sockets.at(-1)?.close(1001, '');
    await it_.clock.advanceAsync(4_000);
    expect(it_.sockets).toHaveLength(2);
    expect(shown()).toEqual([cameBack, false]);
    await it_.clock.advanceAsync(stillMs);
    expect(shown()).toEqual([cameBack, false]);
    await it_.clock.advanceAsync(20_000);
    expect(shown()).toEqual(['silent', true]);
    expect(it_.codes().at(-1)).toBe('open-silent');
    it_.sockets.at(-1)?.send('{"n":99}');
    await it_.clock.advanceAsync(1_000);
    expect(it_.said()).toEqual(live);
  });

  it('is told after twice the time within which its recipe expects an event, whether or not it spoke before', async () => {
    const it_ = await start({ eventSeconds: 6 });
    await it_.clock.advanceAsync(9_000);
    expect(it_.said()).toEqual(waits);
    await it_.clock.advanceAsync(2_000);
    expect(it_.said()).toEqual(silent);
    it_.sockets[0]?.send('{"n":1}');
    await it_.clock.advanceAsync(11_000);
    expect(it_.said()).toEqual(live);
    await it_.clock.advanceAsync(2_000);
    expect(it_.said()).toEqual(silent);
    expect(it_.codes().slice(-2)).toEqual(['first-event', 'fell-silent']);
  });

  it('is live where its recipe says that events are rare, as long as it is not silent for too long', async () => {
    const rare = await start({ eventSeconds: 3600 });
    await rare.clock.advanceAsync(600_000);
    expect(rare.said()).toEqual(live);
  });

  it('is not live where it asks for a login, however rare its events are', async () => {
    const asks = await start({ eventSeconds: 3600 }, (socket) => socket.send('{"type":"auth_required"}'));
    await asks.clock.advanceAsync(1_000);
    expect(asks.said().badge).toBe('silent');
    asks.sockets[0]?.send('{"n":1}');
    await asks.clock.advanceAsync(500);
    expect(asks.said()).toEqual(live);
  });
});
