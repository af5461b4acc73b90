import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootMs, monotonicMs, wallMs } from '../core/clock';
import type { TransportEnd } from '../core/transport';
import { publicState } from './draft';
import { createMachine, nextDeadline, step } from './machine';
import type { Machine, MachineEvent, MachineInput, Settings } from './model';
import { failure, fullLadder, html, refusal, untrusted } from './testing/bench';
import { defaultTiming } from './timing';

const settings: Settings = {
  rungs: fullLadder,
  timing: defaultTiming,
  stopCodes: [4001],
  closes: [],
  plannedEndMs: null,
  overlap: true,
  hasCredential: true,
  bare: false,
  guessed: false,
};

const role = fc.constantFrom('main', 'control', 'candidate', 'proof' as const);

/** One end of every class of failure. */
const ends: readonly TransportEnd[] = [
  ...[401, 407, 404, 503, 511].map((status) => refusal(status)),
  html(),
  untrusted,
  failure('ECONNREFUSED'),
  failure('ECONNRESET', 'handshake'),
  failure('ECONNRESET', 'body'),
  { kind: 'closed', code: 1000, reason: '' },
  { kind: 'closed', code: 1006, reason: '' },
  { kind: 'closed', code: 1008, reason: 'no' },
  { kind: 'ended', whole: true },
  { kind: 'no-content' },
  { kind: 'too-large', bytes: 9, limit: 8 },
];

/** Every event there is, whether it means anything in a state or not. */
const input: fc.Arbitrary<MachineInput> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<MachineInput>({ type: 'due' }) },
  { weight: 3, arbitrary: role.map((who): MachineInput => ({ type: 'begun', role: who })) },
  {
    weight: 4,
    arbitrary: role.map(
      (who): MachineInput => ({
        type: 'opened',
        role: who,
        evidence: [{ kind: 'http', status: 200, headers: [], bodyStart: '' }],
      }),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(role, fc.constantFrom(...ends), fc.boolean()).map(
      ([who, end, portal]): MachineInput => ({
        type: 'ended',
        role: who,
        end,
        portal,
        lastByteAt: monotonicMs(0),
        lastFeedAt: monotonicMs(0),
      }),
    ),
  },
  role.map((who): MachineInput => ({ type: 'heard', role: who })),
  role.map((who): MachineInput => ({ type: 'caught-up', role: who })),
  role.map((who): MachineInput => ({ type: 'answered', role: who })),
  fc.tuple(role, fc.nat(9_000)).map(([who, ms]): MachineInput => ({ type: 'floor', role: who, ms })),
  fc
    .tuple(role, fc.constantFrom('a', 'b'))
    .map(([who, epoch]): MachineInput => ({ type: 'attached', role: who, stream: 's', epoch })),
  role.map((who): MachineInput => ({ type: 'terms', role: who, spreadMs: 900, heartbeatMs: 9_000 })),
  role.map(
    (who): MachineInput => ({ type: 'goodbye', role: who, reason: 'restart', retryAfterMs: 900, spreadMs: 900 }),
  ),
  fc.constantFrom<MachineInput>(
    { type: 'start', recalled: null, online: true },
    { type: 'start', recalled: null, online: true },
    { type: 'pause' },
    { type: 'resume', recalled: null, online: true },
    { type: 'retry' },
    { type: 'probe' },
    { type: 'pin', rung: 2 },
    { type: 'pin', rung: null },
    { type: 'pin', rung: 99 },
    { type: 'reattach', reason: 'epoch' },
    { type: 'hold', on: true },
    { type: 'hold', on: false },
    { type: 'silence', why: 'open-silent' },
    { type: 'silence', why: null },
    { type: 'credential-changed' },
    { type: 'refreshed', result: { kind: 'refreshed' } },
    { type: 'refreshed', result: { kind: 'nothing-to-refresh' } },
    { type: 'refreshed', result: { kind: 'failed', message: 'no' } },
    { type: 'flushed' },
    { type: 'learnt', ms: 9_000 },
    { type: 'proof', undelivered: 0 },
    { type: 'proof', undelivered: 3 },
    { type: 'suspected', bursts: 3, lagMs: 4_000 },
    { type: 'portal' },
    { type: 'suspend' },
    { type: 'woke', sleptMs: null, lastWall: wallMs(0), online: true },
    { type: 'woke', sleptMs: 60_000, lastWall: wallMs(0), online: false },
    { type: 'clock-changed', byMs: -60_000 },
    { type: 'stood-still', ms: 15_000 },
    { type: 'offline' },
    { type: 'online' },
    { type: 'network-changed', network: 'office', recalled: null, online: true },
  ),
);

const events = fc.array(
  fc.tuple(input, fc.oneof(fc.nat(500), fc.nat(700_000)), fc.double({ min: 0, max: 0.999, noNaN: true })),
  { minLength: 10, maxLength: 80 },
);

function fresh(): Machine {
  return createMachine(settings, {
    wall: wallMs(1_000_000),
    pinned: null,
    paused: false,
    online: true,
    promisedMs: null,
  });
}

function started(): Machine {
  return step(fresh(), stamped({ type: 'start', recalled: null, online: true }, 0, 0.5), settings).machine;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  }
  return value;
}

function stamped(one: MachineInput, at: number, roll: number): MachineEvent {
  const pulse = { bytesRead: at, bytesQueued: 0, lastByteAt: monotonicMs(Math.max(0, at - 10)), placed: true };
  const times = { at: monotonicMs(at), up: bootMs(at), wall: wallMs(1_000_000 + at) };
  return { ...one, ...times, rolls: [roll, roll], pulse };
}

describe('machine', () => {
  it('takes every event in every state, changes nothing in place, and never contradicts itself', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(events, (list) => {
        let machine = freeze(started());
        let at = 0;
        for (const [one, ms, roll] of list) {
          at += ms;
          const before = machine.phase.kind;
          const next = step(machine, stamped(one, at, roll), settings);
          seen.add(`${before} ${one.type}`);
          for (const { from, to, code, evidence, text } of next.transitions) {
            // What is only said changes nothing.
            if (code !== 'stood-still') expect(from).not.toEqual(to);
            expect(evidence.length).toBeGreaterThan(0);
            expect(text).not.toMatch(/undefined|NaN/);
          }
          const last = next.transitions.at(-1);
          if (last) expect(next.machine.shown).toEqual(last.to);
          expect(publicState(next.machine, 1_000_000).kind).toBe(next.machine.shown.kind);
          // Only an open session makes it live: just opened, or a candidate that takes over.
          const rises = next.machine.phase.kind === 'live' && before !== 'live';
          if (rises) expect(one.type).toBe('opened');
          expect(nextDeadline(next.machine, settings)).not.toBeNaN();
          machine = freeze(next.machine);
        }
      }),
      { numRuns: 1_000, seed: 7 },
    );
    // Most pairs of state and event were met; some cannot be drawn often.
    expect(seen.size).toBeGreaterThan(150);
  });

  it('promise 12: pays for an attach what it pays for the first, however many streams there are', () => {
    let machine = started();
    const play = (one: MachineInput): void => {
      machine = step(machine, stamped(one, 10, 0.5), settings).machine;
    };
    play({ type: 'begun', role: 'main' });
    play({ type: 'opened', role: 'main', evidence: [] });
    let changes = 0;
    for (let n = 0; n < 5_000; n++) {
      const before = machine.phase;
      play({ type: 'attached', role: 'main', stream: `stream-${n}`, epoch: 'a' });
      if (machine.phase !== before) changes += 1;
    }
    // Each change copies what is noted.
    expect(changes).toBe(64);
  });

  it('promise 12: takes the name of a stream for no more than a name', () => {
    let machine = started();
    const play = (one: MachineInput): void => {
      machine = step(machine, stamped(one, 10, 0.5), settings).machine;
    };
    play({ type: 'begun', role: 'main' });
    play({ type: 'opened', role: 'main', evidence: [] });
    play({ type: 'attached', role: 'main', stream: 'constructor', epoch: 'a' });
    expect(machine.phase).toMatchObject({ kind: 'live', epochs: { constructor: 'a' } });
  });

  it('is closed for good', () => {
    const closed = step(fresh(), stamped({ type: 'close' }, 5, 0.5), settings);
    expect(closed.machine.phase).toEqual({ kind: 'closed' });
    expect(closed.transitions).toHaveLength(1);
    fc.assert(
      fc.property(input, fc.nat(900_000), (one, at) => {
        const after = step(closed.machine, stamped(one, at, 0.5), settings);
        expect(after).toEqual({ machine: closed.machine, effects: [], transitions: [] });
      }),
    );
  });

  it('is a function: the same machine and event give the same step', () => {
    fc.assert(
      fc.property(events, (list) => {
        const play = (): unknown[] => {
          let machine = started();
          let at = 0;
          return list.map(([one, ms, roll]) => {
            at += ms;
            const next = step(machine, stamped(one, at, roll), settings);
            machine = next.machine;
            return next;
          });
        };
        expect(play()).toEqual(play());
      }),
      { numRuns: 50 },
    );
  });
});
