import { describe, expect, it } from 'vitest';
import { byRung, createBench, facts, fails, failure, refuses, silent, works } from './testing/bench';

const troubled = ['connecting', 'waiting', 'stopped'];

describe('since', () => {
  it('promise 17: is when the trouble began, kept over all attempts, also of an address that always refuses', () => {
    const bench = createBench({ answer: fails('ECONNREFUSED') });
    bench.clock.advance(5_000);
    const began = bench.clock.wall();
    bench.connection.start();
    expect(bench.connection.view()).toMatchObject({ since: began, downSince: null });
    while (bench.sessions.length < 4) bench.clock.advance(500);
    expect(bench.connection.view()).toMatchObject({ since: began, downSince: began });
    const steps = bench.transitions.filter(({ to }) => troubled.includes(to.kind));
    expect(steps.length).toBeGreaterThan(5);
    expect(new Set(steps.map(({ since }) => since))).toEqual(new Set([began]));
  });

  it('promise 17: begins at the last sign of life, not when we noticed', () => {
    const bench = createBench();
    bench.connection.start();
    bench.clock.advance(31_000);
    const heardAt = bench.connection.view().lastByteAt;
    bench.last().pongs = 'flush-only';
    bench.answer = silent;
    bench.clock.advance(20_000);
    expect(bench.codes()).toContain('heartbeat-missed');
    bench.clock.advance(60_000);
    expect(bench.connection.view()).toMatchObject({ since: heardAt, downSince: heardAt });
    bench.answer = works;
    bench.clock.advance(60_000);
    const view = bench.connection.view();
    expect(view).toMatchObject({ state: { kind: 'live' }, downSince: null });
    expect(view.since).toBeGreaterThan(heardAt ?? 0);
    expect(bench.transitions.at(-1)).not.toHaveProperty('since');
  });

  it('promise 17: does not count the sleep and the lost network of this machine', () => {
    const bench = createBench({ answer: fails('ECONNREFUSED') });
    bench.connection.start();
    bench.clock.advance(10_000);
    bench.clock.sleep(3_600_000);
    bench.clock.advance(1_100);
    const woke = bench.transitions.find(({ code }) => code === 'woke-up')?.at ?? 0;
    bench.clock.advance(30_000);
    expect(bench.connection.view().downSince).toBe(woke);
  });
});

describe('reconnects and downtime', () => {
  const excused = (bench: ReturnType<typeof createBench>) =>
    bench.transitions.map(({ to, excused }) => `${to.kind} ${excused === true}`);

  it('promise 25: the first connection is no reconnect, and the time until it opened no downtime', () => {
    const bench = createBench({ answer: fails('ECONNREFUSED') });
    bench.connection.start();
    bench.clock.advance(20_000);
    bench.answer = works;
    bench.clock.advance(40_000);
    expect(bench.connection.view()).toMatchObject({ state: { kind: 'live' }, counters: { reconnects: 0 } });
    expect(excused(bench).filter((one) => !one.endsWith('true'))).toEqual(['live false']);
    bench.last().end(failure('ECONNRESET', 'body'));
    bench.clock.advance(2_000);
    expect(bench.connection.view()).toMatchObject({ state: { kind: 'live' }, counters: { reconnects: 1 } });
    expect(excused(bench).slice(-4)).toEqual(['waiting false', 'connecting false', 'live false', 'live false']);
  });

  it('promise 15: a probe that has to break first is told as that, and is neither a reconnect nor downtime', () => {
    const bench = createBench({ options: { overlap: false }, answer: byRung(refuses(403), works) });
    bench.connection.start();
    bench.clock.advance(2_000);
    const before = bench.transitions.length;
    bench.clock.advance(80_000);
    const seam = bench.transitions.slice(before);
    expect(seam[0]).toMatchObject({ code: 'probe-breaks-first', to: { kind: 'connecting', rung: 0 } });
    expect(seam[0]?.text).toBe(
      'Trying WebSocket in place of the running connection: this feed has no numbers, so two at once would repeat events.',
    );
    expect(seam.map(({ to, excused }) => `${to.kind} ${excused === true}`)).toEqual([
      'connecting true',
      'connecting true',
      'live true',
      'live false',
    ]);
    expect(bench.connection.view()).toMatchObject({ state: { kind: 'live', rung: 1 }, counters: { reconnects: 0 } });
  });

  it('promise 15: what fails after a break of our own making is trouble, from then on', () => {
    const bench = createBench({ options: { overlap: false }, answer: byRung(refuses(403), works) });
    bench.connection.start();
    bench.clock.advance(2_000);
    bench.answer = fails('ECONNREFUSED');
    while (bench.connection.state().kind !== 'waiting') bench.clock.advance(100);
    const failed = bench.transitions.at(-1);
    expect(failed).not.toHaveProperty('excused');
    expect(failed?.since).toBe(failed?.at);
    bench.clock.advance(5_000);
    bench.answer = byRung(refuses(403), works);
    bench.clock.advance(30_000);
    expect(bench.connection.view()).toMatchObject({ state: { kind: 'live' }, counters: { reconnects: 1 } });
  });

  it('promise 15: names the address that was asked', () => {
    const bench = createBench({ rungs: [facts('sse')], answer: refuses(404) });
    bench.connection.start();
    bench.clock.advance(500);
    expect(bench.transitions.at(-1)?.evidence).toContainEqual({
      kind: 'address',
      url: 'http://feed.example:80/sse',
    });
  });
});
