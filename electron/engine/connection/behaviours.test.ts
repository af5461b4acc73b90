import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../simulation/seeded-random';
import { backoffDelay } from './backoff';
import {
  type Bench,
  byRung,
  createBench,
  facts,
  fails,
  failure,
  refusal,
  refuses,
  type Script,
  silent,
  untrusted,
  works,
} from './testing/bench';
import { defaultTiming } from './timing';

/** Opens and is cut by a middlebox after `ms`, without a frame. */
function cutAfter(bench: () => Bench, ms: number): Script {
  return (session) => {
    session.pongs = 'stuck';
    session.open();
    bench().clock.after(ms, () => {
      if (session.state === 'open') session.end({ kind: 'closed', code: 1006, reason: '' });
    });
  };
}

const onRung = (bench: Bench, rung: number): readonly number[] =>
  bench.sessions.filter((session) => session.rung === rung).map((session) => session.at);

describe('reconnecting', () => {
  it('behaviour 1: cut right after the 101, three in a row with a control succeeding, leads to the next rung', () => {
    const bench: Bench = createBench({ answer: (session) => script(session) });
    const script = byRung(
      cutAfter(() => bench, 300),
      works,
    );
    bench.connection.start();
    bench.clock.advance(60_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
    expect(onRung(bench, 0).slice(0, 3)).toHaveLength(3);
    const down = bench.transitions.find((transition) => transition.code === 'stepped-down');
    expect(down?.evidence).toContainEqual({ kind: 'count', what: 'cut young', count: 3, withinMs: 600_000 });
    expect(bench.transitions.filter((one) => one.to.kind === 'waiting').map((one) => one.code)).toEqual([
      'cut-young',
      'cut-young',
    ]);
    const counted = bench.transitions.flatMap(({ to }) => (to.kind === 'waiting' ? [to.attempt] : []));
    expect(counted).toEqual([1, 2]);
  });

  it('behaviour 1: opening alone resets nothing, so that the delay keeps growing', () => {
    const bench: Bench = createBench({ rungs: [facts('websocket')], answer: (session) => script(session) });
    const script = cutAfter(() => bench, 300);
    bench.connection.start();
    bench.clock.advance(120_000);
    const attempts = bench.transitions.flatMap(({ to }) => (to.kind === 'waiting' ? [to.attempt] : []));
    expect(attempts).toEqual(attempts.map((_, index) => index + 1));
    expect(bench.sessions.length).toBeLessThan(20);
  });

  it('behaviour 1: a frame within the first moments keeps it from counting', () => {
    const bench: Bench = createBench({ answer: (session) => script(session) });
    const script = byRung((session) => {
      session.open();
      session.frame();
      bench.clock.after(300, () => session.end({ kind: 'closed', code: 1000, reason: '' }));
    }, works);
    bench.connection.start();
    bench.clock.advance(60_000);
    expect(onRung(bench, 1)).toEqual([]);
  });

  it('behaviour 2: a slow server is no broken transport, and a step down carries a probe back up', () => {
    const bench: Bench = createBench({
      answer: (session) => bench.clock.after(9_000, () => session.state === 'opening' && works(session)),
    });
    bench.connection.start();
    bench.clock.advance(20_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });

    const blocked = createBench({ answer: byRung(refuses(403), works) });
    blocked.connection.start();
    blocked.clock.advance(2_000);
    const view = blocked.connection.view();
    expect(view.state).toMatchObject({ kind: 'live', rung: 1 });
    expect(view.nextProbeAt).toBeGreaterThan(blocked.clock.wall());
    expect(view.nextProbeAt).toBeLessThanOrEqual(blocked.clock.wall() + 72_000);
    expect(view.ladder[0]?.nextProbeAt).toBe(view.nextProbeAt);
  });

  it('behaviour 2: neither a silent host nor one in trouble makes it step down', () => {
    for (const script of [silent, refuses(503), refuses(429), fails('ECONNRESET', 'tls')]) {
      const bench = createBench({ answer: script });
      bench.connection.start();
      bench.clock.advance(1_200_000);
      expect(bench.codes()).not.toContain('stepped-down');
      bench.answer = works;
      bench.clock.advance(80_000);
      expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
    }
  });

  it('behaviour 3: at most 2 attempts in 500 ms, whatever fails', () => {
    for (const script of [fails('ECONNRESET', 'handshake'), refuses(404), refuses(401), fails('ECONNREFUSED')]) {
      for (const rungs of [undefined, [facts('sse')]]) {
        const bench = createBench({ answer: script, ...(rungs ? { rungs } : {}) });
        bench.connection.start();
        for (let i = 0; i < 50; i += 1) {
          bench.clock.advance(10);
          bench.connection.retryNow();
        }
        bench.clock.advance(30_000);
        const times = bench.sessions.map((session) => session.at);
        for (const at of times) expect(times.filter((time) => time >= at && time < at + 500).length).toBeLessThan(3);
      }
    }
  });

  it('behaviour 4: ten offline and online cycles, connected after each', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(100);
    for (let cycle = 0; cycle < 10; cycle += 1) {
      bench.online = false;
      bench.signal({ kind: 'offline' });
      bench.last().end(failure('ENETDOWN', 'body'));
      bench.clock.advance(3_000);
      expect(bench.connection.state()).toEqual({ kind: 'offline', cause: 'no-network' });
      bench.online = true;
      bench.signal({ kind: 'online' });
      bench.clock.advance(31_000);
      expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
    }
  });

  it('behaviour 5: 5xx retries the rung, and steps down after the third only if the host works otherwise', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(40_000);
    bench.answer = byRung(refuses(502), works);
    bench.last().end({ kind: 'closed', code: 1012, reason: '' });
    bench.clock.advance(120_000);
    expect(onRung(bench, 0).length).toBeGreaterThanOrEqual(3);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
    const codes = bench.codes();
    expect(codes.indexOf('stepped-down')).toBeGreaterThan(codes.indexOf('server-restarting'));
    expect(codes.slice(0, codes.indexOf('stepped-down')).filter((code) => code === 'server-trouble')).toHaveLength(1);
  });

  it('behaviour 6: a close with 1000 is followed by a normal retry', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(40_000);
    bench.last().end({ kind: 'closed', code: 1000, reason: 'bye' });
    const state = bench.connection.state();
    expect(state).toMatchObject({ kind: 'waiting', cause: 'closed-normally' });
    const wait = state.kind === 'waiting' ? state.until - bench.clock.wall() : 0;
    expect(wait).toBeGreaterThanOrEqual(300);
    expect(wait).toBeLessThanOrEqual(1_000);
    bench.clock.advance(1_100);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });

  it('behaviour 7: 401 on the upgrade and below: refreshed once, then stopped until something changes', async () => {
    const bench = createBench({ answer: refuses(401) });
    let refreshes = 0;
    bench.refresh = () => {
      refreshes += 1;
      return Promise.resolve({ kind: 'refreshed' });
    };
    bench.connection.start();
    await bench.clock.advanceAsync(10_000);
    expect(bench.connection.state()).toEqual({
      kind: 'stopped',
      cause: 'unauthorized',
      recheckAt: null,
      rechecking: false,
    });
    expect(refreshes).toBe(1);
    expect(bench.sessions.length).toBeLessThanOrEqual(4);
    const asked = bench.sessions.length;
    await bench.clock.advanceAsync(3_600_000);
    expect(bench.sessions).toHaveLength(asked);
    bench.answer = works;
    bench.connection.credentialChanged();
    await bench.clock.advanceAsync(1_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });

  it('behaviour 7: a refreshed credential that is accepted leads back to the top', async () => {
    let valid = false;
    const bench: Bench = createBench({
      answer: (session) => (valid ? works(session) : session.end(refusal(401))),
    });
    bench.refresh = async () => {
      valid = true;
      return { kind: 'refreshed' };
    };
    bench.connection.start();
    await bench.clock.advanceAsync(3_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
    expect(bench.codes()).not.toContain('stepped-down');
  });

  it('behaviour 7: 401 on the upgrade alone means that the transport is refused', () => {
    const bench = createBench({ answer: byRung(refuses(401), works) });
    bench.connection.start();
    bench.clock.advance(3_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
  });

  it('behaviour 7: 503 with Retry-After 7 waits at least 7 s, and the hint is a floor of the control request too', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const bench = createBench({ answer: refuses(503, 7_000), seed });
      bench.connection.start();
      bench.clock.advance(100_000);
      const times = bench.sessions.map((session) => session.at);
      for (let i = 1; i < times.length; i += 1) {
        expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(
          bench.sessions[i]?.purpose === 'control' || bench.sessions[i - 1]?.purpose === 'control' ? 300 : 7_000,
        );
      }
    }
  });

  it('behaviour 8: on wake a socket that says open is ended, and one attempt goes at once', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(60_000);
    const old = bench.last();
    bench.clock.sleep(3_600_000);
    old.frame();
    bench.clock.advance(1_000);
    expect(old.state).toBe('destroyed');
    expect(bench.codes().slice(-4)).toEqual(['asleep', 'woke-up', 'opened', 'caught-up']);
    const asleep = bench.transitions.find((transition) => transition.code === 'asleep');
    expect(bench.clock.wall() - (asleep?.at ?? 0)).toBeGreaterThan(3_599_000);
    bench.clock.advance(1_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
    expect(bench.alive()).toHaveLength(1);
  });

  it('behaviour 8: never before a running Retry-After', () => {
    const bench = createBench({ answer: refuses(503, 600_000) });
    bench.connection.start();
    bench.clock.advance(1_000);
    bench.clock.sleep(60_000);
    bench.clock.advance(2_000);
    expect(bench.sessions).toHaveLength(1);
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting' });
    bench.answer = works;
    bench.clock.sleep(600_000);
    bench.clock.advance(2_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });
  });

  it('behaviour 8: five wakes in 10 s, one immediate attempt, counter kept', () => {
    const bench = createBench({ answer: fails('ECONNREFUSED') });
    bench.connection.start();
    bench.clock.advance(100_000);
    const before = bench.sessions.length;
    const failures = bench.transitions.flatMap(({ to }) => (to.kind === 'waiting' ? [to.attempt] : []));
    bench.answer = silent;
    for (let wake = 0; wake < 5; wake += 1) {
      bench.signal({ kind: 'suspend' });
      bench.clock.advance(20);
      bench.signal({ kind: 'resume' });
      bench.clock.advance(20);
    }
    expect(bench.sessions.length - before).toBe(1);
    const state = bench.connection.state();
    expect(state).toMatchObject({ kind: 'waiting' });
    if (state.kind === 'waiting') expect(state.attempt).toBe(Math.max(...failures) + 1);
  });

  it('behaviour 9: two endings of one attempt make one retry', () => {
    const bench = createBench({ rungs: [facts('sse')], answer: silent });
    bench.connection.start();
    bench.clock.advance(10);
    const first = bench.last();
    first.end(failure('ECONNRESET', 'handshake'));
    first.sink.onEnd({ kind: 'ended', whole: false });
    first.sink.onEnd({ kind: 'closed', code: 1006, reason: '' });
    bench.clock.advance(1_100);
    expect(bench.sessions).toHaveLength(2);
    expect(bench.alive()).toHaveLength(1);
    expect(bench.transitions.filter((transition) => transition.to.kind === 'waiting')).toHaveLength(1);
  });

  it('behaviour 10: a token provider that hangs or throws fails the attempt with that cause, and retry works', async () => {
    for (const provider of [
      () => new Promise<never>(() => {}),
      () => Promise.reject(new Error('no such user')),
      () => {
        throw new Error('no such user');
      },
    ]) {
      const bench = createBench({ answer: refuses(401) });
      bench.refresh = provider;
      bench.connection.start();
      await bench.clock.advanceAsync(11_000);
      expect(bench.codes()).toContain('credential-failed');
      const asked = bench.sessions.length;
      await bench.clock.advanceAsync(60_000);
      // The credential is known to be bad: the server is not bothered with it again.
      expect(bench.sessions).toHaveLength(asked);
      bench.refresh = () => Promise.resolve({ kind: 'refreshed' });
      bench.answer = works;
      bench.connection.retryNow();
      await bench.clock.advanceAsync(12_000);
      expect(bench.connection.state()).toMatchObject({ kind: 'live' });
    }
  });

  it('behaviour 11: over 1,000 clients at attempt 10 the delays spread over the whole range', () => {
    const random = createSeededRandom(11);
    const delays = Array.from({ length: 1_000 }, () =>
      backoffDelay({ failures: 10, spreadMs: 0, floorMs: 0, roll: random.next() }, defaultTiming),
    );
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...delays)).toBeLessThanOrEqual(30_000);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const low = 300 + tenth * 2_970;
      const share = delays.filter((delay) => delay >= low && delay < low + 2_970).length;
      expect(share).toBeGreaterThan(60);
      expect(share).toBeLessThan(140);
    }
  });
});

describe('dead or alive', () => {
  it('behaviour 12: a server that stopped is half-open within interval and deadline', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(100_000);
    bench.last().pongs = 'flush-only';
    const stoppedAt = bench.clock.now();
    bench.answer = silent;
    while (bench.connection.state().kind === 'live' && bench.clock.now() < stoppedAt + 60_000) bench.clock.advance(100);
    expect(bench.clock.now() - stoppedAt).toBeLessThanOrEqual(20_100);
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting', cause: 'heartbeat-missed' });
    expect(bench.transitions.at(-1)?.evidence).toContainEqual(expect.objectContaining({ kind: 'timer', name: 'pong' }));
  });

  it('behaviour 13: a ping that cannot leave is no pong timeout while bytes come in', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(1_000);
    const session = bench.last();
    session.pongs = 'stuck';
    for (let second = 0; second < 120; second += 1) {
      bench.clock.advance(1_000);
      session.bytes += 10;
    }
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });
    // The one at the start, and one that never left.
    expect(session.pings).toBe(2);
  });

  it('behaviour 13: a queue that stands still for one interval arms the deadline', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(1_000);
    bench.last().pongs = 'stuck';
    bench.answer = silent;
    // Pinged at 15 s, stuck for one interval until 30 s, dead 5 s later.
    bench.clock.advance(33_900);
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });
    bench.clock.advance(200);
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting', cause: 'send-queue-stuck' });
  });

  it('behaviour 13: a large slow frame is life although it raises no event', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(1_000);
    const session = bench.last();
    session.pongs = 'flush-only';
    for (let second = 0; second < 300; second += 1) {
      bench.clock.advance(1_000);
      session.bytes += 1;
    }
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });
    expect(bench.connection.view().lastByteAt).toBeGreaterThan(bench.clock.wall() - 2_000);
  });

  it('behaviour 14: SSE with comments only is alive', () => {
    const bench = createBench({ rungs: [facts('sse')], options: { heartbeatMs: 10_000 } });
    bench.connection.start();
    bench.clock.advance(100);
    const session = bench.last();
    for (let beat = 0; beat < 60; beat += 1) {
      bench.clock.advance(10_000);
      session.comment();
    }
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });
    expect(bench.sessions).toHaveLength(1);
    expect(bench.connection.view().quiet).toBe(false);
    bench.answer = silent;
    bench.clock.advance(25_100);
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting', cause: 'silence-too-long' });
  });

  it('behaviour 14: a cadence nobody promised is learnt', () => {
    const bench = createBench({ rungs: [facts('sse')] });
    bench.connection.start();
    bench.clock.advance(100);
    const session = bench.last();
    for (let beat = 0; beat < 6; beat += 1) {
      bench.clock.advance(20_000);
      session.comment();
    }
    bench.answer = silent;
    bench.clock.advance(44_900);
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });
    bench.clock.advance(200);
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting', cause: 'silence-too-long' });
  });

  it('behaviour 15: an idle SSE of unknown cadence is quiet, never dead by silence, and renewed after 5 min', () => {
    const bench = createBench({ rungs: [facts('sse')] });
    bench.connection.start();
    bench.clock.advance(299_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });
    expect(bench.connection.view().quiet).toBe(true);
    bench.clock.advance(2_000);
    expect(bench.codes().slice(-2)).toEqual(['recycle-started', 'recycled']);
    expect(bench.transitions.every(({ to }) => to.kind !== 'waiting')).toBe(true);
    expect(bench.alive()).toHaveLength(1);
    expect(bench.sessions[0]?.state).toBe('closed');
  });

  it('behaviour 16: SSE retries after 502 and stops at 204', () => {
    const bench = createBench({ rungs: [facts('sse')], answer: refuses(502) });
    bench.connection.start();
    bench.clock.advance(60_000);
    expect(bench.sessions.length).toBeGreaterThan(3);
    bench.answer = (session) => session.end({ kind: 'no-content' });
    bench.clock.advance(31_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'stopped', cause: 'no-content', recheckAt: null });
    const asked = bench.sessions.length;
    bench.clock.advance(3_600_000);
    expect(bench.sessions).toHaveLength(asked);
  });
});

describe('telling the truth', () => {
  it('behaviour 37: a half-open connection tells when it was last heard', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(31_000);
    const heardAt = bench.connection.view().lastByteAt;
    bench.last().pongs = 'flush-only';
    bench.answer = silent;
    bench.clock.advance(20_000);
    const lost = bench.transitions.find((transition) => transition.code === 'heartbeat-missed');
    const timer = lost?.evidence.find((piece) => piece.kind === 'timer');
    const ago = timer?.kind === 'timer' ? timer.lastByteAgoMs : null;
    expect((lost?.at ?? 0) - (ago ?? 0)).toBe(heardAt);
  });

  it('behaviour 39: 1006 never stands alone: what is known of the way is told', () => {
    const bench = createBench({ rungs: [facts('websocket')] });
    bench.connection.start();
    bench.clock.advance(60_000);
    bench.last().end({ kind: 'closed', code: 1006, reason: '' });
    expect(bench.transitions.at(-1)?.text).toMatch(/WebSocket was cut without a close \(1006\) after \d+\.\d s/);

    const tls = createBench({ rungs: [facts('websocket')], answer: (session) => session.end(untrusted) });
    tls.connection.start();
    tls.clock.advance(10);
    expect(tls.connection.state()).toMatchObject({ kind: 'stopped', cause: 'certificate-invalid' });
    expect(tls.transitions.at(-1)?.text).toContain('unable to verify the first certificate');
    expect(tls.transitions.at(-1)?.text).toContain('CN=feed.example');
  });
});
