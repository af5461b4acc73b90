import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../simulation/fake-clock';
import { createRungMemory } from './memory';
import { createPortalWatch } from './portals';
import {
  type Bench,
  byRung,
  createBench,
  facts,
  fails,
  failure,
  fullLadder,
  html,
  refusal,
  refuses,
  silent,
  works,
} from './testing/bench';

const wsRefused = byRung(refuses(403), works, works, works);

function liveOn(rung: number, setup: Parameters<typeof createBench>[0] = {}): Bench {
  const blocked = Array.from({ length: rung }, () => refuses(403));
  const bench = createBench({ ...setup, answer: byRung(...blocked, works, works, works, works) });
  bench.connection.start();
  bench.clock.advance(3_000);
  expect(bench.connection.state()).toMatchObject({ kind: 'live', rung });
  return bench;
}

describe('stepping down', () => {
  it('takes three cuts within 10 min and a control that opens', () => {
    const bench = createBench();
    bench.connection.start();
    for (const lived of [20_000, 60_000, 95_000]) {
      bench.clock.advance(lived);
      expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
      bench.last().frame();
      bench.clock.advance(100);
      bench.last().end(failure('ECONNRESET', 'body'));
      bench.clock.advance(1_500);
    }
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
    expect(bench.sessions.filter((session) => session.purpose === 'control')).toHaveLength(1);
  });

  it('is not brought nearer by a connection that spoke before it was cut, however young it was', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(3_000);
    bench.last().frame();
    bench.last().end(failure('ECONNRESET', 'body'));
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting', cause: 'connection-cut' });
    expect(bench.sessions.map(({ purpose }) => purpose)).toEqual(['attach']);
  });

  it('does not blame the rung for an idle timeout, and pings often enough to avoid it', () => {
    const bench = createBench();
    bench.connection.start();
    for (let cut = 0; cut < 2; cut += 1) {
      bench.clock.advance(3_000);
      bench.last().frame();
      bench.clock.advance(9_000);
      bench.last().end({ kind: 'closed', code: 1006, reason: '' });
      bench.clock.advance(2_500);
    }
    expect(bench.codes()).toContain('idle-timeout');
    const before = bench.last().pings;
    bench.clock.advance(10_000);
    expect(bench.last().pings - before).toBeGreaterThanOrEqual(2);
    expect(bench.codes()).not.toContain('stepped-down');
  });

  it('never counts closes that the server sends', () => {
    const bench = createBench();
    bench.connection.start();
    for (const code of [1000, 1001, 1011, 4000, 1000, 1001]) {
      bench.clock.advance(40_000);
      bench.last().end({ kind: 'closed', code, reason: '' });
    }
    bench.clock.advance(60_000);
    expect(bench.sessions.every((session) => session.rung === 0)).toBe(true);
  });

  it('leaves a long-poll whose hold is cut or answered 504, once a poll opens', () => {
    for (const end of [{ kind: 'ended', whole: false } as const, refusal(504)]) {
      const bench = liveOn(2);
      bench.last().end(end);
      bench.clock.advance(1_000);
      expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 3 });
      expect(bench.connection.view().ladder[2]?.reason?.code).toBe('hold-cut');
    }
  });

  it('passes two blocked rungs in a row', () => {
    const bench = createBench({ answer: byRung(silent, silent, works) });
    bench.connection.start();
    bench.clock.advance(90_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 2 });
  });

  it('asks nobody else when the name or the port is dead: that is the same for every transport', () => {
    const bench = createBench({ answer: fails('ENOTFOUND', 'dns') });
    bench.connection.start();
    bench.clock.advance(300_000);
    expect(bench.sessions.every((session) => session.purpose === 'attach')).toBe(true);
  });

  it('keeps to a pinned rung, whatever happens to it', () => {
    const bench = createBench({ options: { pinned: 1 }, answer: byRung(works, fails('ECONNRESET', 'handshake')) });
    bench.connection.start();
    bench.clock.advance(300_000);
    expect(bench.sessions.every((session) => session.rung === 1)).toBe(true);
    bench.answer = works;
    bench.connection.pin(null);
    bench.connection.retryNow();
    bench.clock.advance(11_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });
});

describe('pinning', () => {
  it('goes on from where the ladder stood once the pin is released', () => {
    const bench = createBench({ answer: fails('ECONNREFUSED') });
    bench.connection.start();
    bench.clock.advance(10_000);
    bench.connection.pin(3);
    bench.clock.advance(60_000);
    bench.connection.pin(null);
    bench.answer = works;
    bench.connection.retryNow();
    bench.clock.advance(1_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });
});

describe('climbing back', () => {
  it('makes before it breaks: the better rung catches up while the other still delivers', () => {
    const bench = liveOn(1);
    const lower = bench.last();
    bench.answer = (session) => session.open();
    bench.clock.advance(73_000);
    const better = bench.last();
    expect(better).toMatchObject({ rung: 0, purpose: 'candidate', state: 'open' });
    expect(lower.state).toBe('open');
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1, candidate: { rung: 0 } });
    better.caughtUp();
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0, resync: 'current', candidate: null });
    expect(lower.state).toBe('closed');
  });

  it('gives up at the deadline, and probes ever later: 60 s doubling to 15 min', () => {
    const bench = liveOn(1);
    bench.answer = byRung((session) => session.open(), works);
    bench.clock.advance(4 * 3_600_000);
    const probes = bench.sessions
      .filter(({ purpose, rung }) => purpose === 'candidate' && rung === 0)
      .map(({ at }) => at);
    const gaps = probes.slice(1).map((at, index) => at - (probes[index] ?? 0) - 30_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_080_001);
    expect(Math.min(...gaps.slice(5))).toBeGreaterThanOrEqual(719_000);
    expect(gaps[0]).toBeLessThanOrEqual(144_001);
    expect(bench.codes()).toContain('probe-failed');
    expect(bench.alive().length).toBeLessThanOrEqual(2);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
  });

  it('tries every better rung of a round', () => {
    const bench = liveOn(3);
    const poll = bench.last();
    bench.answer = byRung(refuses(403), works);
    for (let second = 0; second < 80; second += 5) {
      poll.sink.onAnswer(5);
      bench.clock.advance(5_000);
    }
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
  });

  it('resets the doubling only after the promoted rung has held for 10 min', () => {
    const firstProbeAfter = (held: number): number => {
      const bench = liveOn(1);
      bench.answer = byRung(refuses(403), works);
      bench.clock.advance(1_800_000);
      bench.answer = works;
      for (let tries = 0; tries < 1_200 && !bench.codes().includes('promoted'); tries += 1) bench.clock.advance(1_000);
      expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
      bench.clock.advance(held);
      bench.answer = wsRefused;
      bench.last().end({ kind: 'closed', code: 1001, reason: '' });
      bench.clock.advance(3_000);
      expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
      return (bench.connection.view().nextProbeAt ?? 0) - bench.clock.wall();
    };
    expect(firstProbeAfter(1_000)).toBeGreaterThan(300_000);
    expect(firstProbeAfter(1_201_000)).toBeLessThan(73_000);
  });

  it('is broken off without blame by sleep, a pause, another network or a new epoch', () => {
    const breaks: ((bench: Bench) => void)[] = [
      (bench) => bench.signal({ kind: 'suspend' }),
      (bench) => bench.connection.pause(),
      (bench) => bench.signal({ kind: 'network-changed', network: 'office' }),
      (bench) => bench.sessions[0] && bench.alive()[0]?.sink.onAttached({ stream: 's', epoch: 'b', from: 0, head: 0 }),
      (bench) => bench.alive()[1]?.sink.onAttached({ stream: 's', epoch: 'b', from: 0, head: 0 }),
    ];
    for (const interrupt of breaks) {
      const bench = liveOn(1);
      bench.last().sink.onAttached({ stream: 's', epoch: 'a', from: 0, head: 0 });
      bench.answer = (session) => session.open();
      bench.clock.advance(73_000);
      const candidate = bench.last();
      expect(candidate.purpose).toBe('candidate');
      interrupt(bench);
      expect(['closed', 'destroyed']).toContain(candidate.state);
      expect(bench.codes()).not.toContain('probe-failed');
    }
  });

  it('lets an open candidate take over when the old connection dies', () => {
    const bench = liveOn(1);
    const lower = bench.last();
    bench.answer = (session) => session.open();
    bench.clock.advance(73_000);
    bench.last().frame();
    lower.end(failure('ECONNRESET', 'body'));
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0, resync: 'catching-up' });
  });

  it('a candidate that has said nothing takes over only while it is young', () => {
    const afterSilence = (ms: number): unknown => {
      const bench = liveOn(1);
      const lower = bench.last();
      bench.answer = (session) => session.open();
      bench.connection.probeNow();
      bench.clock.advance(ms);
      expect(bench.last()).toMatchObject({ purpose: 'candidate', rung: 0, state: 'open' });
      lower.end(failure('ECONNRESET', 'body'));
      return bench.connection.state();
    };
    expect(afterSilence(1_000)).toMatchObject({ kind: 'live', rung: 0 });
    expect(afterSilence(20_000)).toMatchObject({ kind: 'waiting' });
  });

  it('breaks before it makes where an overlap would repeat events', () => {
    const bench = liveOn(1, { options: { overlap: false } });
    const lower = bench.last();
    bench.answer = works;
    bench.clock.advance(73_000);
    expect(lower.state).toBe('destroyed');
    expect(bench.sessions.every((session) => session.purpose !== 'candidate')).toBe(true);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });

  it('goes up by the attempt itself when a probe is due while nothing is open', () => {
    const bench = liveOn(1);
    bench.answer = silent;
    bench.last().end(failure('ECONNRESET', 'body'));
    bench.clock.advance(120_000);
    bench.answer = works;
    bench.clock.advance(120_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });

  it('probes at the moment that is shown for it', () => {
    const bench = liveOn(1);
    const at = bench.connection.view().nextProbeAt ?? 0;
    bench.clock.advance(at - bench.clock.wall() - 1);
    expect(bench.sessions.some(({ purpose }) => purpose === 'candidate')).toBe(false);
    bench.clock.advance(1);
    expect(bench.sessions.some(({ purpose }) => purpose === 'candidate')).toBe(true);
  });

  it('probes now when asked', () => {
    const bench = liveOn(1);
    bench.answer = works;
    bench.connection.probeNow();
    bench.clock.advance(500);
    expect(bench.codes()).toContain('user-probe');
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });
});

describe('the lowest rung', () => {
  it('that is refused asks those above before anything is said of the host', () => {
    const bench = liveOn(3);
    const before = bench.sessions.length;
    bench.answer = byRung(refuses(403), works);
    bench.last().end(refusal(403));
    bench.clock.advance(60_000);
    const asked = bench.sessions.slice(before).map(({ purpose, rung }) => [purpose, rung]);
    expect(asked.slice(0, 2)).toEqual([
      ['control', 0],
      ['control', 1],
    ]);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
  });
});

describe('memory', () => {
  it('starts on the rung that worked on this network within the hour, and probes above it', () => {
    const clock = createFakeClock();
    const memory = createRungMemory(clock);
    const first = createBench({ shared: { clock, memory }, answer: wsRefused });
    first.connection.start();
    clock.advance(2_000);
    first.connection.close();
    const second = createBench({ shared: { clock, memory }, answer: wsRefused, id: 'two' });
    second.connection.start();
    clock.advance(100);
    expect(second.sessions.map(({ rung }) => rung)).toEqual([1]);
    expect(second.connection.view()).toMatchObject({ remembered: true, state: { kind: 'live', rung: 1 } });
    expect(second.connection.view().ladder[0]).toMatchObject({ status: 'blocked', reason: { code: 'forbidden' } });
    second.connection.close();
    clock.sleep(3_600_000);
    const third = createBench({ shared: { clock, memory }, id: 'three' });
    third.connection.start();
    clock.advance(100);
    expect(third.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });

  it('is not written by pages in place of a feed', () => {
    const clock = createFakeClock();
    const memory = createRungMemory(clock);
    const bench = createBench({ shared: { clock, memory }, answer: byRung((session) => session.end(html()), works) });
    bench.connection.start();
    clock.advance(2_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
    expect(memory.recall('http://feed.example:80', 'home')).toBeNull();
  });
});

describe('stop or go', () => {
  it('stops when every rung refuses, and looks once every 10 min and after a wake, a clock or a network change', () => {
    const bench = createBench({ answer: refuses(404) });
    bench.connection.start();
    bench.clock.advance(5_000);
    expect(bench.sessions.map(({ rung }) => rung)).toEqual([0, 1, 2, 3]);
    expect(bench.connection.state()).toMatchObject({ kind: 'stopped', cause: 'not-found', rechecking: false });
    bench.clock.advance(600_000);
    expect(bench.sessions).toHaveLength(5);
    bench.signal({ kind: 'network-changed', network: 'office' });
    bench.clock.advance(1_000);
    expect(bench.sessions).toHaveLength(6);
    bench.clock.shiftWall(3_600_000);
    bench.clock.advance(2_000);
    expect(bench.sessions).toHaveLength(7);
    bench.clock.sleep(60_000);
    bench.clock.advance(2_000);
    expect(bench.sessions).toHaveLength(8);
    expect(bench.sessions.slice(4).every(({ purpose }) => purpose === 'recheck')).toBe(true);
    expect(bench.connection.state()).toMatchObject({ kind: 'stopped', cause: 'not-found' });
    bench.answer = works;
    bench.clock.advance(601_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });
  });

  it('stops at 1008 and at configured codes, and retries after others', () => {
    for (const [code, kind] of [
      [1008, 'stopped'],
      [4001, 'stopped'],
      [4002, 'waiting'],
    ] as const) {
      const bench = createBench({ options: { stopCodes: [4001] } });
      bench.connection.start();
      bench.clock.advance(1_000);
      bench.last().end({ kind: 'closed', code, reason: 'no' });
      expect(bench.connection.state().kind).toBe(kind);
      bench.connection.retryNow();
      bench.clock.advance(1_000);
      expect(bench.connection.state()).toMatchObject({ kind: 'live' });
    }
  });

  it('waits after a reset during the TLS handshake', () => {
    const bench = createBench({ answer: fails('ECONNRESET', 'tls') });
    bench.connection.start();
    bench.clock.advance(2_000);
    expect(['waiting', 'connecting']).toContain(bench.connection.state().kind);
    expect(bench.codes()).not.toContain('certificate-invalid');
  });

  it('stops at a page on every rung, but waits when two origins answer with pages', () => {
    const clock = createFakeClock();
    const portals = createPortalWatch(clock);
    const shared = { clock, portals };
    const page = (session: { end(end: ReturnType<typeof html>): void }): void => session.end(html());
    const one = createBench({ shared, answer: page });
    one.connection.start();
    clock.advance(5_000);
    expect(one.connection.state()).toMatchObject({ kind: 'stopped', cause: 'not-a-feed' });
    const rungs = fullLadder.map(({ transport }) => facts(transport, 'https://other.example:443'));
    const two = createBench({ shared, answer: page, rungs, id: 'two' });
    two.connection.start();
    clock.advance(1_000);
    for (const bench of [one, two]) {
      expect(bench.connection.state()).toMatchObject({ kind: 'waiting', cause: 'captive-portal' });
    }
    clock.advance(130_000);
    expect(one.connection.state()).toMatchObject({ kind: 'waiting', cause: 'captive-portal' });
    one.answer = works;
    two.answer = works;
    two.signal({ kind: 'network-changed', network: 'office' });
    clock.advance(61_000);
    for (const bench of [one, two]) expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
  });

  it('waits at 511, which is a portal by itself', () => {
    const bench = createBench({ answer: refuses(511) });
    bench.connection.start();
    bench.clock.advance(1_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting', cause: 'captive-portal' });
    expect(bench.sessions).toHaveLength(1);
  });

  it('says a wait beyond the limit, and asks hourly', () => {
    const bench = createBench({ rungs: [facts('sse')], answer: refuses(503, 3 * 3_600_000) });
    bench.connection.start();
    bench.clock.advance(1_000);
    expect(bench.transitions.at(-1)?.text).toContain('3.0 h');
    bench.clock.advance(3_700_000);
    expect(bench.sessions).toHaveLength(2);
    bench.connection.retryNow();
    bench.clock.advance(1_000);
    expect(bench.sessions).toHaveLength(3);
    expect(bench.transitions.find(({ code }) => code === 'user-retry')?.evidence).toContainEqual(
      expect.objectContaining({ message: 'floor passed' }),
    );
  });
});

describe('buffered SSE', () => {
  const buffered = (): Bench => {
    const bench = liveOn(1, { options: { heartbeatMs: 15_000 } });
    bench.answer = (session) => {
      session.open();
      if (session.purpose !== 'proof') works(session);
    };
    return bench;
  };

  it('is suspected when a promised heartbeat is missing, and left once a poll proves it', () => {
    const bench = buffered();
    bench.clock.advance(18_000);
    const proof = bench.last();
    expect(proof).toMatchObject({ purpose: 'proof', rung: 3 });
    expect(bench.connection.view().ladder[1]).toMatchObject({ status: 'suspected' });
    proof.sink.onProof(4);
    bench.clock.advance(1_500);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 2 });
    expect(bench.connection.view().ladder[1]).toMatchObject({ status: 'blocked', reason: { code: 'sse-buffered' } });
  });

  it('is acquitted when the poll returns nothing new, or the stream delivers after all', () => {
    for (const undelivered of [0, 4]) {
      const bench = buffered();
      const stream = bench.last();
      bench.clock.advance(18_000);
      bench.last().sink.onProof(undelivered);
      bench.clock.advance(500);
      stream.frame();
      bench.clock.advance(1_500);
      expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
      expect(bench.connection.view().ladder[1]).toMatchObject({ status: 'current' });
    }
  });

  it('is not accused when a stream that was in time falls silent: that one has died', () => {
    const bench = buffered();
    const stream = bench.last();
    bench.answer = byRung(refuses(403), works, works, (session) => session.open());
    for (let beat = 0; beat < 3; beat += 1) {
      bench.clock.advance(12_000);
      stream.comment();
    }
    bench.clock.advance(20_500);
    const proof = bench.alive().find(({ purpose }) => purpose === 'proof');
    expect(proof).toBeDefined();
    proof?.sink.onProof(3);
    bench.clock.advance(1_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting', cause: 'silence-too-long' });
    bench.clock.advance(1_100);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
  });

  it('does not accuse a producer that batches: bursts alone are a suspicion, and once it is cleared a poll is left alone', () => {
    const bench = liveOn(1);
    const stream = bench.last();
    bench.answer = (session) => session.open();
    const burst = (): void => {
      bench.clock.advance(5_000);
      for (let back = 4; back >= 0; back -= 1) {
        stream.frame();
        stream.sink.onEvent(bench.clock.wall() - back * 1_000, bench.clock.wall());
      }
    };
    for (let bursts = 0; bursts < 4; bursts += 1) burst();
    const proof = bench.last();
    expect(proof.purpose).toBe('proof');
    proof.sink.onProof(0);
    bench.clock.advance(2_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
    for (let bursts = 0; bursts < 5; bursts += 1) burst();
    expect(bench.sessions.filter(({ purpose }) => purpose === 'proof')).toHaveLength(1);
  });

  it('stays suspected where there is no poll rung to prove it', () => {
    const bench = createBench({ rungs: [facts('websocket'), facts('sse')], answer: byRung(refuses(403), works) });
    bench.connection.start();
    bench.clock.advance(2_000);
    const stream = bench.last();
    for (let burst = 0; burst < 4; burst += 1) {
      bench.clock.advance(5_000);
      for (let back = 4; back >= 0; back -= 1) {
        stream.sink.onEvent(bench.clock.wall() - back * 1_000, bench.clock.wall());
      }
    }
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 1 });
    expect(bench.connection.view().ladder[1]).toMatchObject({ status: 'suspected', reason: { code: 'sse-suspected' } });
  });
});

describe('politeness', () => {
  it('never asks a sick poll server more often than a healthy one', () => {
    const bench = createBench({ rungs: [facts('poll')] });
    bench.connection.start();
    bench.clock.advance(100);
    bench.answer = refuses(500);
    bench.last().end(refusal(500));
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting' });
    bench.clock.advance(120_000);
    const times = bench.sessions.map(({ at }) => at);
    for (let i = 2; i < times.length; i += 1) {
      expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(5_000);
    }
  });

  it('is live on a poll rung only while the last answer is young enough', () => {
    const bench = createBench({ rungs: [facts('poll')] });
    bench.connection.start();
    bench.clock.advance(100);
    bench.last().sink.onAnswer(5);
    bench.answer = silent;
    bench.clock.advance(19_900);
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });
    bench.clock.advance(200);
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting', cause: 'poll-overdue' });
  });

  it('spreads over what hello asked for when the connection is lost', () => {
    const waits = Array.from({ length: 200 }, (_, seed) => {
      const bench = createBench({ seed: seed + 1 });
      bench.connection.start();
      bench.clock.advance(40_000);
      bench.last().sink.onTerms({ spreadMs: 20_000, heartbeatMs: null });
      bench.last().end({ kind: 'closed', code: 1006, reason: '' });
      const state = bench.connection.state();
      return state.kind === 'waiting' ? state.until - bench.clock.wall() : 0;
    });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...waits)).toBeGreaterThan(17_000);
    expect(waits.filter((wait) => wait > 10_000).length).toBeGreaterThan(60);
  });

  it('keeps to what goodbye asked for', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(40_000);
    bench.last().sink.onGoodbye({ reason: 'restart', retryAfterMs: 4_000, spreadMs: 8_000 });
    // Not with 1012: its own floor of 5 s would hide the 4 s asked for.
    bench.last().end({ kind: 'closed', code: 1001, reason: '' });
    const state = bench.connection.state();
    expect(state).toMatchObject({ kind: 'waiting', cause: 'goodbye' });
    if (state.kind === 'waiting') expect(state.until - bench.clock.wall()).toBeGreaterThanOrEqual(4_000);
    expect(bench.transitions.at(-1)?.text).toContain('restart');
  });

  it('names flapping and slows it', () => {
    const bench = createBench();
    bench.connection.start();
    for (let loss = 0; loss < 7; loss += 1) {
      bench.clock.advance(45_000);
      if (bench.connection.state().kind !== 'live') continue;
      bench.last().end({ kind: 'closed', code: 1011, reason: '' });
    }
    const flapping = bench.transitions.filter(({ code }) => code === 'flapping');
    expect(flapping.length).toBeGreaterThan(0);
    for (const { to, at } of flapping) {
      if (to.kind === 'waiting') expect(to.until - at).toBeGreaterThanOrEqual(15_000);
    }
    expect(bench.connection.view().flapping).toBe(true);
  });

  it('holds the heartbeat while we hold the socket, and asks afresh afterwards', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(1_000);
    const session = bench.last();
    bench.connection.hold(true);
    expect(session.paused).toBe(true);
    const pings = session.pings;
    bench.clock.advance(600_000);
    expect(bench.connection.view()).toMatchObject({ throttled: true, state: { kind: 'live' } });
    expect(session.pings).toBe(pings);
    bench.connection.hold(false);
    bench.clock.advance(25);
    expect(session.paused).toBe(false);
    expect(session.pings).toBe(pings + 1);
  });

  it('lets the clock of silence stand still while we hold the socket, and go on after: short holds keep nothing dead alive', () => {
    const bench = createBench({ rungs: [facts('sse')] });
    bench.connection.start();
    bench.clock.advance(100);
    for (let turn = 0; turn < 2; turn += 1) {
      bench.clock.advance(100_000);
      bench.connection.hold(true);
      bench.clock.advance(20_000);
      bench.connection.hold(false);
    }
    bench.clock.advance(99_000);
    expect(bench.codes()).not.toContain('recycle-started');
    bench.clock.advance(2_000);
    expect(bench.codes()).toContain('recycle-started');
  });

  it('lets a ping stay owed over short holds: they keep no dead WebSocket alive either', () => {
    const bench = createBench({ rungs: [facts('websocket')] });
    bench.connection.start();
    bench.clock.advance(100);
    bench.last().pongs = 'flush-only';
    for (let turn = 0; turn < 20; turn += 1) {
      bench.clock.advance(2_000);
      bench.connection.hold(true);
      bench.clock.advance(500);
      bench.connection.hold(false);
    }
    expect(bench.codes()).toContain('heartbeat-missed');
  });

  it('attaches again once, under backoff, when delivery asks for it', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(40_000);
    bench.connection.reattach('another epoch');
    bench.connection.reattach('another epoch');
    expect(bench.connection.state()).toMatchObject({ kind: 'waiting', cause: 'reattach' });
    bench.clock.advance(1_100);
    expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
    expect(bench.sessions).toHaveLength(2);
  });
});

describe('host', () => {
  it('does not take the word of the system over a transport that hears bytes, nor for loopback', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(1_000);
    bench.online = false;
    bench.signal({ kind: 'offline' });
    bench.clock.advance(60_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });

    const local = createBench({ rungs: [{ ...facts('websocket'), loopback: true }] });
    local.online = false;
    local.connection.start();
    local.clock.advance(100);
    expect(local.connection.state()).toMatchObject({ kind: 'live' });
  });

  it('tests life by a ping when only the wall clock jumped', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(5_000);
    const pings = bench.last().pings;
    bench.clock.shiftWall(-7_200_000);
    bench.clock.advance(1_100);
    expect(bench.last().pings).toBe(pings + 1);
    expect(bench.sessions).toHaveLength(1);
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });
  });

  it('promise 21: a tick that comes far too late on a machine that was awake: said as it is, and the connection kept', () => {
    for (const transport of ['websocket', 'sse', 'poll'] as const) {
      const bench = createBench({ rungs: [facts(transport)] });
      bench.connection.start();
      bench.clock.advance(5_000);
      const session = bench.last();
      if (transport === 'poll') session.sink.onAnswer(5);
      // Nothing was asked meanwhile, so that nothing is overdue.
      bench.clock.jump(22_000, () => {});
      bench.clock.advance(5_000);
      if (transport === 'poll') session.sink.onAnswer(5);
      bench.clock.advance(5_000);
      expect(bench.codes()).not.toContain('asleep');
      expect(bench.codes()).not.toContain('woke-up');
      expect(bench.transitions.find(({ code }) => code === 'stood-still')?.text).toMatch(
        /^Wirewatch stood still for 2[12]\.\d s/,
      );
      expect(bench.sessions).toHaveLength(1);
      expect(bench.connection.state()).toMatchObject({ kind: 'live' });
    }
  });

  it('wakes by itself when the system went to sleep in word only', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(5_000);
    bench.signal({ kind: 'suspend' });
    expect(bench.connection.state()).toEqual({ kind: 'offline', cause: 'asleep' });
    expect(bench.alive()).toHaveLength(0);
    bench.clock.advance(31_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'live' });
  });
});

describe('a page where a feed was live before', () => {
  it('promise 13: is something on the way or maintenance: asked again under backoff, and said so, on one rung as on all', () => {
    for (const rungs of [[facts('sse')], fullLadder]) {
      const bench = createBench({ rungs });
      bench.connection.start();
      bench.clock.advance(40_000);
      expect(bench.connection.state().kind).toBe('live');
      bench.answer = (session) => session.end(html());
      bench.last().end({ kind: 'ended', whole: false });
      bench.clock.advance(60_000);
      expect(bench.codes()).toContain('page-instead');
      expect(bench.codes()).not.toContain('not-a-feed');
      expect(bench.connection.state().kind).not.toBe('stopped');
      bench.answer = works;
      bench.clock.advance(61_000);
      expect(bench.connection.state()).toMatchObject({ kind: 'live' });
    }
  });

  it('is asked for on two rungs of an origin a round, and on another one each time', () => {
    const bench = createBench({ rungs: fullLadder });
    bench.connection.start();
    bench.clock.advance(40_000);
    bench.answer = (session) => session.end(html());
    const before = bench.sessions.length;
    bench.last().end({ kind: 'ended', whole: false });
    bench.clock.advance(60_000);
    const asked = bench.sessions.slice(before);
    const rounds = bench.codes().filter((code) => code === 'page-instead').length;
    expect(rounds).toBeGreaterThan(2);
    expect(asked.length).toBeLessThanOrEqual(2 * rounds + 2);
    expect(new Set(asked.map(({ rung }) => rung)).size).toBe(fullLadder.length);
  });

  it('is a wrong address where it never was', () => {
    const bench = createBench({ rungs: [facts('sse')], answer: (session) => session.end(html()) });
    bench.connection.start();
    bench.clock.advance(60_000);
    expect(bench.connection.state()).toMatchObject({ kind: 'stopped', cause: 'not-a-feed' });
  });
});
