import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Transition } from '../../../shared/connection';
import type { RefreshResult } from '../core/credential';
import { createFakeClock } from '../simulation/fake-clock';
import type { ConnectionDeps } from './deps';
import { createMachine, type Step, step } from './machine';
import type { MachineEvent, Settings } from './model';
import {
  type Bench,
  byRung,
  createBench,
  type FakeSession,
  facts,
  failure,
  fullLadder,
  html,
  refusal,
  type Script,
  silent,
  works,
} from './testing/bench';
import { defaultTiming } from './timing';

/** What a new session may do. */
const scripts: readonly ((bench: () => Bench) => Script)[] = [
  () => works,
  () => works,
  () => silent,
  // Is spoken to before it counts as open, and never does.
  () => (session) => session.sink.onTalking(20_000),
  () => (session) => session.open(),
  () => (session) => {
    session.pongs = 'flush-only';
    session.open();
  },
  (bench) => (session) => {
    works(session);
    bench().clock.after(
      2_000,
      () => session.state === 'open' && session.end({ kind: 'closed', code: 1006, reason: '' }),
    );
  },
  (bench) => (session) => {
    session.open();
    bench().clock.after(200, () => session.state === 'open' && session.end(failure('ECONNRESET', 'body')));
  },
  () => (session) => session.end({ kind: 'no-content' }),
  () => (session) => session.end(html()),
  ...[401, 403, 404, 407, 408, 429, 500, 502, 503, 504, 511].map(
    (status) => () => (session: FakeSession) => session.end(refusal(status, status === 503 ? 9_000 : null)),
  ),
  ...(['ECONNREFUSED', 'ENOTFOUND', 'ECONNRESET', 'ETIMEDOUT'] as const).map(
    (code) => () => (session: FakeSession) => session.end(failure(code, code === 'ECONNRESET' ? 'handshake' : 'tcp')),
  ),
];

type Action = (bench: Bench) => void;

const endings = [
  { kind: 'closed', code: 1000, reason: '' },
  { kind: 'closed', code: 1006, reason: '' },
  { kind: 'closed', code: 1008, reason: 'no' },
  { kind: 'closed', code: 1012, reason: '' },
  { kind: 'closed', code: 1013, reason: '' },
  { kind: 'ended', whole: true },
  { kind: 'ended', whole: false },
  { kind: 'too-large', bytes: 9, limit: 8 },
  { kind: 'opening-unanswered', step: 1, afterMs: 9 },
  { kind: 'opening-refused', message: 'no' },
  failure('ECONNRESET', 'body'),
  refusal(401),
  refusal(404),
  refusal(503, 3_000),
] as const;

const onOpen = (pick: number, act: (session: FakeSession) => void): Action => {
  return (bench) => {
    const alive = bench.alive();
    const session = alive[pick % Math.max(1, alive.length)];
    if (session) act(session);
  };
};

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.integer({ min: 1, max: 90_000 }).map(
      (ms): Action =>
        (bench) =>
          bench.clock.advance(ms),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 1, max: 700 }).map(
      (ms): Action =>
        (bench) =>
          bench.clock.advance(ms),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.array(fc.nat(scripts.length - 1), { minLength: 4, maxLength: 4 }).map(
      (picks): Action =>
        (bench) => {
          bench.answer = byRung(...picks.map((pick) => scripts[pick]?.(() => bench) ?? works));
        },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(3), fc.constantFrom(...endings)).map(([pick, end]) => onOpen(pick, (s) => s.end(end))),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(3), fc.nat(8)).map(([pick, what]) =>
      onOpen(pick, (session) => {
        if (session.state !== 'open') return;
        if (what === 0) session.frame();
        if (what === 1) session.comment();
        if (what === 2) session.caughtUp();
        if (what === 3) session.sink.onAttached({ stream: 's', epoch: 'a', from: 0, head: 5 });
        if (what === 4) session.sink.onAttached({ stream: 's', epoch: 'b', from: 0, head: 5 });
        if (what === 5) session.sink.onGoodbye({ reason: 'restart', retryAfterMs: 2_000, spreadMs: 3_000 });
        if (what === 6) session.sink.onTerms({ spreadMs: 2_000, heartbeatMs: 10_000 });
        if (what === 7) session.sink.onAnswer(3);
        if (what === 8 && session.purpose === 'proof') session.sink.onProof(session.at % 2);
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom<Action>(
      (bench) => bench.connection.retryNow(),
      (bench) => bench.connection.pause(),
      (bench) => bench.connection.resume(),
      (bench) => bench.connection.probeNow(),
      (bench) => bench.connection.pin(1),
      (bench) => bench.connection.pin(null),
      (bench) => bench.connection.hold(true),
      (bench) => bench.connection.hold(false),
      (bench) => bench.connection.reattach('epoch'),
      (bench) => bench.connection.credentialChanged(),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Action>(
      (bench) => bench.signal({ kind: 'suspend' }),
      (bench) => bench.signal({ kind: 'resume' }),
      (bench) => {
        bench.online = false;
        bench.signal({ kind: 'offline' });
      },
      (bench) => {
        bench.online = true;
        bench.signal({ kind: 'online' });
      },
      (bench) => bench.signal({ kind: 'network-changed', network: 'office' }),
      (bench) => bench.clock.sleep(3_600_000),
      (bench) => bench.clock.shiftWall(-3_600_000),
      (bench) => bench.clock.setLateness(0),
      (bench) => bench.clock.setLateness(900),
    ),
  },
);

const refreshes: readonly (() => Promise<RefreshResult>)[] = [
  () => Promise.resolve({ kind: 'nothing-to-refresh' }),
  () => Promise.resolve({ kind: 'refreshed' }),
  () => Promise.reject(new Error('no')),
  () => new Promise(() => {}),
];

const run = fc.record({
  seed: fc.nat(1_000_000),
  overlap: fc.boolean(),
  ladder: fc.constantFrom(
    fullLadder,
    fullLadder.slice(0, 2),
    [facts('poll')],
    fullLadder.map((rung) => ({ ...rung, loopback: true })),
  ),
  refresh: fc.nat(refreshes.length - 1),
  actions: fc.array(action, { minLength: 5, maxLength: 60 }),
});

function play(
  input: typeof run extends fc.Arbitrary<infer T> ? T : never,
  check: (bench: Bench) => void,
  onStep?: ConnectionDeps['onStep'],
): Bench {
  const options = { overlap: input.overlap };
  const bench = createBench({ seed: input.seed, rungs: input.ladder, options, ...(onStep ? { onStep } : {}) });
  bench.refresh = refreshes[input.refresh] ?? bench.refresh;
  bench.connection.start();
  check(bench);
  for (const act of input.actions) {
    act(bench);
    check(bench);
  }
  return bench;
}

/** What must be true at any moment. */
function holds(bench: Bench): void {
  const state = bench.connection.state();
  const alive = bench.alive();
  const delivering = alive.filter(({ purpose, state: session }) => purpose !== 'proof' && session === 'open');
  const promoting = state.kind === 'live' && state.candidate !== null;
  expect(delivering.length).toBeLessThanOrEqual(promoting ? 2 : 1);
  expect(alive.length).toBeLessThanOrEqual(3);
  if (state.kind === 'live') expect(delivering.some(({ rung }) => rung === state.rung)).toBe(true);
  if (['idle', 'offline', 'waiting', 'closed'].includes(state.kind)) expect(alive).toHaveLength(0);
  if (state.kind === 'stopped' && !state.rechecking) expect(alive).toHaveLength(0);
  const view = bench.connection.view();
  expect(view.state).toEqual(state);
}

function checkTransitions(transitions: readonly Transition[]): void {
  transitions.forEach((transition, index) => {
    expect(transition.evidence.length).toBeGreaterThan(0);
    expect(transition.text.length).toBeGreaterThan(5);
    expect(transition.text).not.toMatch(/undefined|NaN|\{|\(\)/);
    expect(transition.from).not.toEqual(transition.to);
    const before = transitions[index - 1];
    if (before) expect(transition.from).toEqual(before.to);
    const { from, to, code, evidence } = transition;
    if (to.kind === 'live' && from.kind !== 'live') {
      expect(from.kind === 'connecting' || (from.kind === 'stopped' && from.rechecking)).toBe(true);
    }
    if (code === 'stepped-down') {
      expect(evidence).toContainEqual(expect.objectContaining({ kind: 'control', outcome: 'opened' }));
    }
    if (from.kind === 'stopped' && to.kind === 'connecting') {
      expect(['user-retry', 'user-pinned', 'user-unpinned', 'credential-changed']).toContain(code);
    }
  });
}

describe('whatever happens', () => {
  const runs = Number(process.env.FUZZ_RUNS ?? 150);

  it('is one connection, in one state, with a reason for every step', () => {
    fc.assert(
      fc.property(run, (input) => {
        const bench = play(input, holds);
        checkTransitions(bench.transitions);
        const times = bench.sessions.map(({ at }) => at);
        for (let i = 1; i < times.length; i += 1) {
          expect((times[i] ?? 0) - (times[i - 1] ?? 0)).toBeGreaterThanOrEqual(300);
        }
      }),
      { numRuns: runs },
    );
  });

  it('leaves nothing once closed', () => {
    fc.assert(
      fc.property(run, (input) => {
        const bench = play(input, () => {});
        bench.clock.setLateness(0);
        bench.connection.close();
        expect(bench.alive()).toHaveLength(0);
        expect(bench.listeners()).toBe(0);
        bench.answer = silent;
        bench.clock.advance(12_000);
        expect(bench.clock.pending()).toBe(0);
      }),
      { numRuns: runs },
    );
  });

  it('is back at the top within a bounded time once the faults end', async () => {
    await fc.assert(
      fc.asyncProperty(run, async (input) => {
        const bench = play(input, () => {});
        bench.clock.setLateness(0);
        bench.answer = works;
        bench.refresh = () => Promise.resolve({ kind: 'refreshed' });
        bench.online = true;
        bench.signal({ kind: 'online' });
        bench.connection.hold(false);
        bench.connection.pin(null);
        bench.connection.resume();
        bench.connection.credentialChanged();
        const state = bench.connection.state();
        // Only a person gets a source out of a stop that is not looked at again.
        if (state.kind === 'stopped' && state.recheckAt === null) bench.connection.retryNow();
        for (let tens = 0; tens < 240; tens += 1) {
          await bench.clock.advanceAsync(10_000);
          for (const session of bench.alive()) {
            if (session.state !== 'open') continue;
            session.pongs = 'answer';
            session.frame();
            session.sink.onAnswer(4);
          }
        }
        expect(bench.connection.state()).toMatchObject({ kind: 'live', rung: 0 });
      }),
      { numRuns: runs },
    );
  });

  it('does the same again for the same seed', () => {
    fc.assert(
      fc.property(run, (input) => {
        expect(play(input, () => {}).transitions).toEqual(play(input, () => {}).transitions);
      }),
      { numRuns: 40 },
    );
  });

  it('is replayed from a log: what the machine is told is plain data, and tells the same story again', () => {
    fc.assert(
      fc.property(run, (input) => {
        const log: string[] = [];
        const steps: Step[] = [];
        const before = createFakeClock();
        play(
          input,
          () => {},
          (event, step) => {
            log.push(JSON.stringify(event));
            steps.push(step);
          },
        );
        const settings: Settings = {
          rungs: input.ladder,
          timing: defaultTiming,
          stopCodes: [],
          closes: [],
          plannedEndMs: null,
          overlap: input.overlap,
          hasCredential: true,
          bare: false,
          guessed: false,
        };
        const from = { wall: before.wall(), pinned: null, paused: false, online: true, promisedMs: null };
        let machine = createMachine(settings, from);
        for (const [index, line] of log.entries()) {
          const again = step(machine, JSON.parse(line) as MachineEvent, settings);
          expect(again).toEqual(steps[index]);
          machine = again.machine;
        }
        expect(log.length).toBeGreaterThan(0);
      }),
      { numRuns: runs / 3 },
    );
  });
});
