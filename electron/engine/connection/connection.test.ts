import { describe, expect, it } from 'vitest';
import { byRung, createBench, fails, failure, refuses, silent, works } from './testing/bench';

describe('connection', () => {
  it('starts at the top and is live once it opened and caught up', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(10);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0, resync: 'current', candidate: null });
    expect(bench.codes()).toEqual(['source-started', 'opened', 'caught-up']);
    for (const transition of bench.transitions) expect(transition.evidence.length).toBeGreaterThan(0);
  });

  it('waits with the cause when the host is not there, and does not step down', () => {
    const bench = createBench({ answer: fails('ECONNREFUSED') });
    bench.connection.start();
    bench.clock.advance(120_000);
    expect(bench.sessions.every((session) => session.rung === 0)).toBe(true);
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting', cause: 'connection-refused' });
    bench.answer = works;
    bench.clock.advance(31_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });

  it('keeps in sight what it waited for while it tries again', () => {
    const bench = createBench({ answer: fails('ECONNREFUSED') });
    bench.connection.start();
    bench.clock.advance(500);
    bench.answer = silent;
    bench.clock.advance(4_000);
    const { state, reason, evidence, lastByteAt } = bench.connection.view();
    expect(state.kind).toBe('connecting');
    expect(reason).toMatchObject({ code: 'retry-due', text: expect.stringContaining('refused the connection') });
    expect(evidence.map(({ kind }) => kind)).toEqual(['timer', 'errno', 'address']);
    expect(lastByteAt, 'nothing was ever heard').toBeNull();
  });

  it('steps down when the upgrade is refused and a control request opens, and probes back up', () => {
    const bench = createBench({ answer: byRung(refuses(403), works) });
    bench.connection.start();
    bench.clock.advance(1_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
    expect(bench.codes()).toEqual(['source-started', 'control-request', 'stepped-down', 'caught-up']);
    expect(bench.connection.view().ladder[0]).toMatchObject({ status: 'blocked', reason: { code: 'forbidden' } });
    bench.answer = works;
    bench.clock.advance(80_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
    expect(bench.codes().slice(-2)).toEqual(['probe-started', 'promoted']);
    expect(bench.alive()).toHaveLength(1);
  });

  it('leaves nothing when it is closed, whatever was under way', () => {
    const scripts = [works, silent, refuses(503), byRung(silent, works), byRung(refuses(403), silent)];
    for (const script of scripts) {
      for (const after of [0, 5, 350, 700, 12_000, 61_000, 75_000]) {
        const bench = createBench({ answer: script });
        bench.connection.start();
        bench.clock.advance(after);
        bench.connection.close();
        expect(bench.connection.state()).toEqual({ kind: 'closed' });
        expect(bench.alive()).toHaveLength(0);
        expect(bench.listeners()).toBe(0);
        bench.clock.advance(1_000);
        expect(bench.clock.pending()).toBe(0);
        const before = bench.transitions.length;
        bench.connection.retryNow();
        bench.connection.start();
        bench.clock.advance(100_000);
        expect(bench.transitions).toHaveLength(before);
      }
    }
  });

  it('that is paused before it was ever started is paused, and goes on from there', () => {
    const bench = createBench();
    bench.connection.pause();
    expect(bench.connection.state()).toEqual({ kind: 'idle', cause: 'paused' });
    bench.connection.resume();
    bench.clock.advance(1_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });

  it('does not hear a session that lost its place', () => {
    const bench = createBench({ answer: silent });
    bench.connection.start();
    bench.clock.advance(1);
    const late = bench.last();
    bench.connection.pause();
    expect(late.state).toBe('closed');
    late.sink.onOpen({
      head: { status: 101, headers: [] },
      timings: { dnsMs: null, tcpMs: null, proxyMs: null, tlsMs: null, answerMs: null },
      roundTripMs: null,
    });
    late.sink.onEnd(failure('ECONNRESET'));
    expect(bench.connection.state()).toEqual({ kind: 'idle', cause: 'paused' });
  });
});
