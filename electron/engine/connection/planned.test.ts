import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../shared/recipe';
import type { TransportEnd } from '../core/transport';
import { createBench, facts } from './testing/bench';

const { closes } = recipeSchema.parse({
  name: 'r',
  title: 'R',
  closes: [
    { from: 4000, to: 4099, means: 'stop', text: 'the application was disabled' },
    { from: 4100, to: 4199, means: 'again', afterSeconds: 20 },
    { from: 4200, to: 4299, means: 'planned', afterSeconds: 2 },
    { from: 4300, to: 4300, means: 'login-refused' },
  ],
});

const close = (code: number, reason = ''): TransportEnd => ({ kind: 'closed', code, reason });

function live(options: Parameters<typeof createBench>[0] = {}) {
  const bench = createBench({ rungs: [facts('websocket')], ...options });
  bench.connection.start();
  return bench;
}

describe('what a recipe says of how a feed ends', () => {
  it('its close codes mean what its table says, in its words', () => {
    const said = (code: number) => {
      const bench = live({ options: { closes } });
      bench.clock.advance(10_000);
      bench.last().end(close(code, 'why'));
      const { state, reason } = bench.connection.view();
      const wait = state.kind === 'waiting' ? state.until - bench.clock.wall() : null;
      return { kind: state.kind, code: reason.code, text: reason.text, wait };
    };
    expect(said(4001)).toMatchObject({
      kind: 'stopped',
      code: 'policy-closed',
      text: expect.stringContaining('4001: why, the application was disabled'),
    });
    expect(said(4150)).toMatchObject({ kind: 'waiting', code: 'server-closed' });
    expect(said(4150).wait).toBeGreaterThanOrEqual(20_000);
    expect(said(4201)).toMatchObject({ kind: 'waiting', code: 'planned-end' });
    expect(said(4201).wait).toBeGreaterThanOrEqual(2_000);
    expect(said(4300)).toMatchObject({ kind: 'connecting' });
    // What a person has set comes first.
    const bench = live({ options: { closes, stopCodes: [4201] } });
    bench.clock.advance(10_000);
    bench.last().end(close(4201));
    expect(bench.connection.view().state.kind).toBe('stopped');
  });

  it.each([
    ['by a close code of the table', close(4201), 20_000],
    ['at the age that it names, in good order', close(1001), 60_000],
    ['at the age that it names, by a cut', close(1006), 63_000],
  ])('a planned end %s, ten times, is no flapping, grows no delay, steps nothing down', (_, end, ageMs) => {
    const bench = live({ rungs: [facts('websocket'), facts('sse')], options: { closes, plannedEndMs: 60_000 } });
    for (let times = 0; times < 10; times += 1) {
      while (bench.connection.state().kind !== 'live') bench.clock.advance(10);
      bench.clock.advance(ageMs);
      bench.last().end(end);
      const { state, reason, flapping } = bench.connection.view();
      expect(state).toMatchObject({ kind: 'waiting', attempt: 1 });
      expect(reason.code).toBe('planned-end');
      expect(reason.text).toMatch(/^The feed ended the connection as it does from time to time( \(code 4201\))?\.$/);
      expect(flapping).toBe(false);
    }
    expect(bench.sessions.map(({ rung }) => rung)).toEqual(Array.from({ length: 10 }, () => 0));
  });

  it('an end that the feed tells and leaves to us is waited out, said in its words, and where it says so asked for no more', () => {
    const told = (how: 'planned' | 'whole' | 'error' | 'stop', message: string) => {
      const bench = live();
      bench.clock.advance(10_000);
      bench.last().end({ kind: 'told-end', how, message, afterMs: 20_000 });
      const { state, reason } = bench.connection.view();
      const wait = state.kind === 'waiting' ? state.until - bench.clock.wall() : 0;
      return { kind: state.kind, code: reason.code, text: reason.text, waits: wait >= 20_000 };
    };
    expect(told('planned', 'complete')).toMatchObject({ kind: 'waiting', code: 'planned-end', waits: true });
    expect(told('planned', 'complete').text).toContain('(complete)');
    expect(told('whole', 'complete')).toEqual(told('planned', 'complete'));
    expect(told('error', 'overloaded')).toMatchObject({ kind: 'waiting', code: 'feed-error', waits: true });
    expect(told('error', 'overloaded').text).toContain('overloaded');
    expect(told('stop', 'banned')).toMatchObject({ kind: 'stopped', code: 'ended-for-good' });
    expect(told('stop', 'banned').text).toBe(
      'The feed ended the connection, and does not want to be asked again by itself: banned.',
    );
  });

  it('what ends at another age, or at once every time, is no plan', () => {
    const early = live({ options: { plannedEndMs: 60_000 } });
    early.clock.advance(30_000);
    early.last().end(close(4000));
    expect(early.connection.view().reason.code).toBe('server-closed');
    const bench = live({
      options: { closes },
      answer: (session) => {
        session.open();
        session.end(close(4201));
      },
    });
    bench.clock.advance(300_000);
    expect(bench.sessions.length).toBeLessThan(30);
    expect(bench.connection.view().flapping).toBe(true);
  });
});
