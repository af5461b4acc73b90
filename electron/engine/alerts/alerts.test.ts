import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Alert, AlertCondition, AlertRule } from '../../../shared/alert';
import type { ConnectionState, Transition } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import { clock as clockText, zone } from '../../../shared/time-text';
import type { AlertRuleState } from '../core/alerts';
import { BodyNumbers } from '../core/body-numbers';
import type { DeliveredEvent } from '../core/delivery';
import { createFakeClock } from '../simulation/fake-clock';
import { type Alerts, createAlerts } from './alerts';
import { judgeAlerts } from './testing/demanded';
import { eventOf, rule } from './testing/samples';

const start = Date.UTC(2026, 0, 1);

/** The stage beside what a journal would hold of it. */
function bench(rules: readonly AlertRule[]) {
  const clock = createFakeClock({ wall: start });
  const records = new Map<string, Alert>();
  const states = new Map<string, AlertRuleState>();
  const raised: string[] = [];
  let told = 0;
  let alerts = open(rules);

  function open(all: readonly AlertRule[]): Alerts {
    const restored = [...states.values()];
    return createAlerts({ source: 'a', clock, rules: all, restored }, { onChange: () => void told++ });
  }

  /** As the journal writes an entry. */
  function store(): void {
    const entry = alerts.drain();
    for (const change of entry?.changes ?? []) {
      records.set(change.alert.id, change.alert);
      if (change.raised) raised.push(change.alert.id);
    }
    for (const { rule: id, state } of entry?.states ?? []) {
      if (state) states.set(id, state);
      else states.delete(id);
    }
  }

  return {
    clock,
    raised,
    told: () => told,
    states: () => [...states.values()],
    alerts: () => alerts,
    /** What is stored now, in the order raised. */
    list(): readonly Alert[] {
      store();
      return [...records.values()];
    },
    events(...events: readonly DeliveredEvent[]) {
      alerts.events(events);
      store();
    },
    seconds(count: number, stale = false, unproven = 0, openSilent = false) {
      for (let second = 0; second < count; second++) {
        clock.advance(1000);
        alerts.tick(stale, unproven, openSilent);
      }
      store();
    },
    /** Killed and started again. */
    restart(all: readonly AlertRule[] = rules) {
      alerts = open(all);
      store();
    },
  };
}

const above = (change: Partial<Extract<AlertCondition, { kind: 'metric' }>> = {}): AlertCondition => ({
  kind: 'metric',
  series: 'value:cpu.percent',
  is: 'above',
  threshold: 90,
  clear: 80,
  seconds: 0,
  ...change,
});

describe('a number that a feed names itself', () => {
  const series = 'value:hits_total.rate{code="500"}';
  const measured = (code: string, value: number) => [
    { type: 'hits_total', measures: [{ name: 'rate', labels: [['code', code]] as const, value, unit: '/s' }] },
  ];

  it('is watched under its whole name, with an event or beside one', () => {
    const { alerts, events, list } = bench([rule(above({ series }))]);
    alerts().measured(measured('200', 99), start);
    alerts().measured(measured('500', Number.NaN), start);
    alerts().measured(measured('500', 90), start);
    expect(list()).toEqual([]);
    alerts().measured(measured('500', 91), start + 1000);
    expect(list()).toMatchObject([
      { text: 'hits_total.rate{code="500"} is 91, above 90.', raisedAt: start + 1000, endedAt: null, ordinal: null },
    ]);
    const [one] = measured('500', 3);
    events({ ...eventOf(7, start + 2000, {}, 'hits_total'), measures: one?.measures ?? [] });
    expect(list()).toMatchObject([{ endedAt: start + 2000 }]);
  });
});

describe('a number of one entity of several', () => {
  const at = (ordinal: number, sensor: string, value: unknown) =>
    eventOf(ordinal, start + ordinal * 1000, { sensor, value, unit: 'ppm' }, 'reading');

  it('behaviour 60: is watched under its name, and no other', () => {
    const { events, list } = bench([rule(above({ series: 'value:reading.value{sensor="co2",unit="ppm"}' }))]);
    events(at(0, 'temp', 900), at(1, 'co2', '80'), at(2, 'co2', '91.5'));
    expect(list()).toMatchObject([{ ordinal: 2, endedAt: null }]);
    events(at(3, 'temp', 1), at(4, 'co2', 2));
    expect(list()).toMatchObject([{ endedAt: start + 4000 }]);
  });
});

describe('a number beyond its threshold', () => {
  const at = (ordinal: number, second: number, percent: number, type?: string) =>
    eventOf(ordinal, start + second * 1000, { percent }, type);

  it('raises once, lasts while it wavers, and ends behind the other threshold', () => {
    const { events, list, raised } = bench([rule(above())]);
    events(at(0, 0, 50), at(1, 1, 90), at(2, 2, 91), at(3, 3, 85), at(4, 4, 95));
    expect(list()).toEqual([
      {
        id: 'r:a:2',
        rule: 'r',
        source: 'a',
        name: 'A rule',
        severity: 'warning',
        text: 'cpu.percent is 91, above 90.',
        raisedAt: start + 2000,
        endedAt: null,
        acknowledgedAt: null,
        ordinal: 2,
        count: 1,
        notice: 'due',
        beforeRestart: false,
        mayRepeat: false,
      },
    ]);
    events(at(5, 5, 80));
    expect(list()[0]?.endedAt).toBe(start + 5000);
    events(at(6, 60, 91));
    expect(raised).toEqual(['r:a:2', 'r:a:6']);
  });

  it('is the same where only the numbers of a body were read', () => {
    const { events, list } = bench([rule(above())]);
    const read = (ordinal: number, second: number, percent: number) => ({
      ...at(ordinal, second, percent),
      value: new BodyNumbers({ tree: { host: null, used: 0, percent: 1 } }, [99, percent]),
    });
    events(read(0, 0, 50), read(1, 1, 91));
    expect(list()).toMatchObject([{ id: 'r:a:1', text: 'cpu.percent is 91, above 90.', endedAt: null }]);
    events(read(2, 2, 80));
    expect(list()[0]?.endedAt).toBe(start + 2000);
    events({ ...at(3, 30, 0), value: new BodyNumbers({ tree: { percent: null, used: 0 } }, [99]) });
    expect(list()).toHaveLength(1);
  });

  it('is one that the feed sent, and not how many there are', () => {
    const { events, list } = bench([rule(above({ series: 'value:cpu.list.length', threshold: 1 }))]);
    const many = eventOf(0, start, { list: [1, 2, 7] });
    events(many, { ...many, ordinal: 1, value: new BodyNumbers({ tree: { list: [0, 1, 2] } }, [1, 2, 7, 9]) });
    events(eventOf(2, start, { list: { length: 5 } }));
    expect(list()).toMatchObject([{ ordinal: 2, text: 'cpu.list.length is 5, above 1.' }]);
  });

  it('is the same alert again when it comes back a moment after its end', () => {
    const { events, list, raised } = bench([rule(above({ clear: 90 }))]);
    for (let n = 0; n < 1000; n++) events(at(n, n / 1000, n % 2 ? 95 : 85));
    expect(raised).toEqual(['r:a:1']);
    expect(list()[0]).toMatchObject({ count: 500, endedAt: null });
  });

  it('waits until it has held, and starts anew when it was interrupted', () => {
    const { events, list } = bench([rule(above({ seconds: 30 }))]);
    events(at(0, 0, 95), at(1, 20, 95), at(2, 25, 90), at(3, 26, 95), at(4, 55, 95));
    expect(list()).toEqual([]);
    events(at(5, 56, 99));
    expect(list()[0]).toMatchObject({ ordinal: 5, text: 'cpu.percent is 99, above 90 for 30 s.' });
  });

  it('goes on holding, and lasting, across a restart', () => {
    const { events, list, raised, restart } = bench([rule(above({ seconds: 30 }))]);
    events(at(0, 0, 95));
    restart();
    events(at(1, 31, 95));
    restart();
    events(at(2, 32, 95), at(3, 33, 70));
    expect(raised).toEqual(['r:a:1']);
    expect(list()).toHaveLength(1);
    expect(list()[0]).toMatchObject({ endedAt: start + 33_000, count: 1 });
  });

  it.each([
    ['value:cpu.percent', { percent: 99 }, 'cpu'],
    ['value:cpu.load.one', { load: { one: 99 } }, 'cpu'],
    ['value:cpu.load.0', { load: [99] }, 'cpu'],
    ['value:cpu.load.one', { 'load.one': 99 }, 'cpu'],
    ['value:host.cpu.percent', { percent: 99 }, 'host.cpu'],
    ['value:host.cpu', 99, 'host.cpu'],
  ])('finds %s in %j of type %s', (series, value, type) => {
    const { events, raised } = bench([rule(above({ series }))]);
    events(eventOf(0, start, value, type), eventOf(1, start, value, 'other'));
    expect(raised).toEqual(['r:a:0']);
  });

  it('takes no number from what has none there', () => {
    const { events, raised } = bench([rule(above())]);
    for (const value of [
      null,
      undefined,
      'text',
      [],
      { percent: 'over 99' },
      { percent: Number.POSITIVE_INFINITY },
      {},
    ])
      events(eventOf(0, start, value ?? null));
    expect(raised).toEqual([]);
  });

  it('does not wait for a time that lies behind a clock that went back', () => {
    const { events, raised } = bench([rule(above({ seconds: 10 }))]);
    events(at(0, 3600, 95), at(1, 0, 95), at(2, 11, 95));
    expect(raised).toEqual(['r:a:2']);
  });
});

describe('an event that matches by a number', () => {
  it('is found also where only the numbers of its body were read', () => {
    const { events, list } = bench([rule({ kind: 'match', search: 'percent=42', quietSeconds: 60 })]);
    const read = (ordinal: number, percent: number) => ({
      ...eventOf(ordinal, start + ordinal * 1000, { used: 99, percent }),
      value: new BodyNumbers({ tree: { used: 0, percent: 1 } }, [99, percent]),
    });
    events(read(0, 41), read(1, 42));
    expect(list()).toMatchObject([{ id: 'r:a:1' }]);
  });
});

describe('an event that matches', () => {
  const match: AlertCondition = { kind: 'match', search: 'type:error "timed out"', quietSeconds: 60 };
  const error = (ordinal: number, second: number, text = 'upstream timed out') =>
    eventOf(ordinal, start + second * 1000, { text }, 'error');

  it('raises once for all that follow, and ends when none came for its quiet time', () => {
    const { events, list, raised } = bench([rule(match)]);
    events(error(0, 0), error(1, 30), error(2, 80), error(3, 85, 'fine'));
    expect(list()[0]).toMatchObject({ id: 'r:a:0', count: 3, endedAt: null });
    expect(list()[0]?.text).toContain('matches type:error "timed out": {"text":"upstream timed out"}');
    events(error(4, 200, 'fine'));
    expect(list()[0]?.endedAt).toBe(start + 140_000);
    events(error(5, 300));
    expect(raised).toEqual(['r:a:0', 'r:a:5']);
  });

  it('is ended by the clock where no further event comes, and goes on if one was only late', () => {
    const { events, list, raised, seconds, restart } = bench([rule(match)]);
    events(error(0, 0));
    seconds(60);
    expect(list()[0]?.endedAt).toBe(start + 60_000);
    restart();
    seconds(1);
    events(error(1, 59));
    expect(list()[0]).toMatchObject({ count: 2, endedAt: null });
    expect(raised).toEqual(['r:a:0']);
  });
});

describe('a clock that went back', () => {
  it('has an end that the clock showed too early taken back', () => {
    const { events, list, seconds } = bench([rule({ kind: 'match', search: 'hit', quietSeconds: 60 })]);
    events(eventOf(0, start, 'hit'));
    seconds(61);
    expect(list()[0]?.endedAt).toBe(start + 60_000);
    events(eventOf(1, start - 30_000, 'other'));
    expect(list()[0]?.endedAt).toBeNull();
    seconds(1);
    expect(list()[0]?.endedAt).toBe(start + 30_000);
  });
});

describe('the same events', () => {
  const rules: readonly AlertRule[] = [
    rule(above({ seconds: 5, clear: 60, threshold: 70 }), { id: 'hold' }),
    rule(above({ is: 'below', clear: 30, threshold: 30 }), { id: 'low' }),
    rule({ kind: 'match', search: 'percent=42', quietSeconds: 20 }, { id: 'seen' }),
  ];
  const step = fc.record({
    percent: fc.oneof(fc.constant(42), fc.integer({ min: 0, max: 100 })),
    ms: fc.oneof(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: -3000, max: 60_000 })),
    /** Not stored any more when the process was killed: it comes again. */
    killed: fc.boolean(),
    ticks: fc.integer({ min: 0, max: 2 }),
  });

  it('raise the same alerts, whenever the process is killed among them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const { alerts, events, list, raised, restart, clock } = bench(rules);
        const seen: DeliveredEvent[] = [];
        let at = start;
        for (const { percent, ms, killed, ticks } of steps) {
          at += ms;
          if (killed) {
            // Seen by the rules, but its transaction never came to be.
            alerts().events([eventOf(seen.length, at - 1, { percent })]);
            restart();
          }
          const event = eventOf(seen.length, at, { percent });
          seen.push(event);
          events(event);
          for (let tick = 0; tick < ticks; tick++) {
            clock.advance(500);
            alerts().tick(false, 0, false);
          }
        }
        const stored = list();
        const plain = seen.map((event) => ({ ...event, body: String(event.body) }));
        for (const one of rules) expect(judgeAlerts(one, plain, stored).faults).toEqual([]);
        expect(new Set(raised).size).toBe(raised.length);
        expect(raised.sort()).toEqual(stored.map(({ id }) => id).sort());
      }),
      { numRuns: 150 },
    );
  });
});

describe('a source that is not live', () => {
  const down: AlertCondition = { kind: 'down', seconds: 30 };
  const live: ConnectionState = { kind: 'live', rung: 0, since: start, resync: 'current', candidate: null };
  const waiting: ConnectionState = { kind: 'waiting', until: start, attempt: 1, cause: 'woke-up' };
  const connecting: ConnectionState = { kind: 'connecting', rung: 0, attempt: 1 };

  function watched(rules = [rule(down)]) {
    const made = bench(rules);
    let state: ConnectionState = { kind: 'idle', cause: 'new' };
    const go = (to: ConnectionState, lastByteAt: number | null = null, since?: number) => {
      const transition: Transition = {
        ...(since === undefined ? {} : { since }),
        from: state,
        to,
        at: made.clock.wall(),
        code: 'woke-up',
        text: 'It was reset.',
        evidence: [],
        transport: null,
      };
      state = to;
      made.alerts().transition(transition, lastByteAt);
    };
    return { ...made, go };
  }

  it('promise 17: says since when it is down: the last sign of life, whatever was tried since', () => {
    const { go, seconds, list, clock } = watched();
    go(live);
    seconds(100);
    const since = clock.wall() - 20_000;
    go(waiting, since, since);
    go(connecting, since, since);
    seconds(11);
    expect(list()[0]?.text).toBe(`Not live for 30 s, down since ${clockText(since)} ${zone(since)}: It was reset.`);
  });

  it('counts from the last sign of life, and ends when it is live', () => {
    const { go, seconds, list, clock } = watched();
    go(live);
    seconds(100);
    go(waiting, clock.wall() - 20_000);
    seconds(9);
    expect(list()).toEqual([]);
    seconds(1);
    expect(list()[0]).toMatchObject({ text: 'Not live for 30 s: It was reset.', endedAt: null, ordinal: null });
    go(connecting);
    go(waiting);
    seconds(60);
    expect(list()).toHaveLength(1);
    go(live);
    expect(list()[0]?.endedAt).toBe(clock.wall());
  });

  it.each([
    ['sleep', { kind: 'offline', cause: 'asleep' }],
    ['a lost network', { kind: 'offline', cause: 'no-network' }],
    ['a pause', { kind: 'idle', cause: 'paused' }],
  ] as const)('does not count %s, nor the moments after it', (_what, ours) => {
    const { go, seconds, list } = watched();
    go(live);
    go(waiting);
    seconds(20);
    go(ours);
    seconds(600);
    go(connecting);
    seconds(44);
    expect(list()).toEqual([]);
    seconds(1);
    expect(list()).toHaveLength(1);
  });

  it('does not count a time in which nothing of ours ran', () => {
    const { go, clock, alerts, list } = watched();
    go(live);
    go(waiting);
    clock.advance(3_600_000);
    alerts().tick(false, 0, false);
    expect(list()).toEqual([]);
  });

  it('is not raised again after a restart that it outlasts', () => {
    const { go, seconds, list, restart } = watched();
    go(live);
    go(waiting);
    seconds(40);
    restart();
    go(connecting);
    seconds(300);
    expect(list()).toHaveLength(1);
    expect(list()[0]?.endedAt).toBeNull();
    go(live);
    expect(list()[0]?.endedAt).not.toBeNull();
  });

  it('ends with a pause, and is waited for by a rule that comes later', () => {
    const { go, seconds, list, alerts, raised } = watched();
    go(live);
    go(waiting);
    seconds(40);
    go({ kind: 'idle', cause: 'paused' });
    expect(list()[0]?.endedAt).not.toBeNull();
    go(connecting);
    alerts().setRules([rule(down), rule(down, { id: 'later' })]);
    seconds(60);
    expect(raised.map((id) => id.split(':')[0])).toEqual(['r', 'r', 'later']);
  });

  it('stale ends with the next event, and lasts across a restart', () => {
    const { go, seconds, list, restart, events, clock } = watched([rule({ kind: 'stale' })]);
    go(live);
    seconds(5, true);
    restart();
    seconds(5, true);
    expect(list()).toHaveLength(1);
    events(eventOf(0, clock.wall(), {}));
    expect(list()[0]?.endedAt).toBe(clock.wall());
  });
});

describe('events that are lost', () => {
  const gap = (id: string, change: Partial<Gap> = {}): Gap => ({
    id,
    stream: 'orders',
    epoch: 'e',
    from: 3,
    to: 9,
    status: 'lost',
    cause: 'retention',
    openedAt: start,
    closedAt: start,
    ...change,
  });

  it('are one alert until none were lost for ten minutes', () => {
    const { alerts, list, seconds, raised } = bench([rule({ kind: 'gap' })]);
    alerts().gaps([gap('a', { status: 'open' }), gap('b', { cause: 'not-running' })]);
    expect(list()).toEqual([]);
    alerts().gaps([gap('a'), gap('c', { to: null })]);
    alerts().gaps([gap('a')]);
    expect(list()).toMatchObject([
      { id: 'r:a:gap-a', count: 2, text: 'Events 3 to 9 of orders are lost: the server no longer has them.' },
    ]);
    seconds(599);
    expect(list()[0]?.endedAt).toBeNull();
    seconds(1);
    expect(list()[0]?.endedAt).toBe(start + 600_000);
    seconds(60);
    alerts().gaps([gap('d')]);
    expect(list()).toHaveLength(2);
    expect(raised).toEqual(['r:a:gap-a', 'r:a:gap-d']);
  });

  it('promise 9: a resume that nothing proves raises only where the rule says so, and none that came before the rule', () => {
    const asked = bench([rule({ kind: 'gap', unproven: true })]);
    const plain = bench([rule({ kind: 'gap' })]);
    for (const unproven of [2, 2, 3, 2, 3]) {
      asked.seconds(1, false, unproven);
      plain.seconds(1, false, unproven);
    }
    expect(plain.list()).toEqual([]);
    expect(asked.list()).toMatchObject([
      {
        count: 2,
        text: 'The feed was cut, and nothing shows whether it went on where it was asked to: events may be lost.',
      },
    ]);
    asked.seconds(600, false, 3);
    expect(asked.list()[0]?.endedAt).toBe(start + 605_000);
  });
});

describe('rules', () => {
  const hot = eventOf(0, start, { percent: 99 });

  it('watch their own source only, and nothing when switched off', () => {
    const { events, raised } = bench([
      rule(above(), { id: 'mine', source: 'a' }),
      rule(above(), { id: 'other', source: 'b' }),
      rule(above(), { id: 'off', enabled: false }),
    ]);
    events(hot);
    expect(raised).toEqual(['mine:a:0']);
  });

  it('end what they raised when they are removed, switched off or changed, and keep it when only renamed', () => {
    for (const [next, ends] of [
      [[], true],
      [[rule(above(), { enabled: false })], true],
      [[rule(above({ threshold: 95 }))], true],
      [[rule(above(), { name: 'Another name', severity: 'critical' as const })], false],
    ] as const) {
      const { events, list, alerts, told } = bench([rule(above())]);
      events(hot);
      alerts().setRules(next);
      expect(told()).toBe(1);
      expect(list()[0]?.endedAt === null).toBe(!ends);
      expect(list()[0]?.name).toBe('A rule');
    }
  });

  it('that went while nothing ran end what they had raised, and leave nothing behind', () => {
    const { events, list, restart, states } = bench([rule(above())]);
    events(hot);
    restart([]);
    expect(list()[0]?.endedAt).not.toBeNull();
    expect(states()).toEqual([]);
  });

  it('go back to what is stored, and end what was raised from memory', () => {
    const { events, alerts, list, states } = bench([rule(above({ seconds: 5 }))]);
    events(eventOf(0, start, { percent: 99 }));
    const stored = states();
    alerts().events([eventOf(1, start + 6000, { percent: 99 })]);
    alerts().drain();
    alerts().reset(stored);
    expect(list()).toMatchObject([{ ordinal: 1, endedAt: start }]);
    events(eventOf(2, start + 6000, { percent: 99 }));
    expect(list().map(({ ordinal, endedAt }) => [ordinal, endedAt])).toEqual([
      [1, start],
      [2, null],
    ]);
  });

  it('cost nothing to drain where nothing changed', () => {
    const { alerts } = bench([rule(above())]);
    alerts().events([eventOf(0, start, { percent: 50 })]);
    expect(alerts().drain()).toBeNull();
  });
});
