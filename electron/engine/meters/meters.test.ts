import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeriesName } from '../../../shared/meters';
import { BodyNumbers, type BodyShape } from '../core/body-numbers';
import type { DeliveredEvent } from '../core/delivery';
import type { RollupIncrement } from '../core/journal';
import { createFakeClock, type FakeClock } from '../simulation/fake-clock';
import { createMeters, type Meters } from './meters';

const start = Date.UTC(2026, 0, 1, 12);

function rig(limits = {}): { readonly clock: FakeClock; readonly meters: Meters } {
  const clock = createFakeClock({ wall: start });
  return { clock, meters: createMeters({ clock, limits }) };
}

function event(value: unknown, change: Partial<DeliveredEvent> = {}): DeliveredEvent {
  return {
    stream: 's',
    position: null,
    id: null,
    type: 'cpu',
    sentAt: null,
    receivedAt: start,
    body: '',
    bytes: 10,
    value,
    ordinal: 1,
    late: false,
    ...change,
  };
}

describe('a sender whose clock runs ahead', () => {
  const send = (meters: Meters, lagMs: number, at = start) =>
    meters.observe([event({}, { sentAt: at - lagMs, receivedAt: at })]);
  const lags = (meters: Meters) => meters.recent('lagMs', 300).flatMap(({ count, min, max }) => [count, min, max]);

  it('behaviour 52: is measured once, and makes lag unknown instead of negative', () => {
    const { meters, clock } = rig();
    send(meters, 40);
    expect(meters.senderAheadMs()).toBeNull();
    for (let n = 0; n < 50; n += 1) send(meters, -90_000 + n);
    expect(meters.senderAheadMs()).toBe(90_000);
    // Late by that clock is no truth either.
    send(meters, 500);
    expect(lags(meters)).toEqual([1, 40, 40]);
    // Set right, it is believed again, once what it said before is old.
    for (let n = 0; n < 600; n += 1) send(meters, 30);
    expect(meters.senderAheadMs()).toBeNull();
    clock.advance(1000);
    send(meters, 30, start + 1000);
    expect(meters.recent('lagMs', 300).at(-1)).toMatchObject({ min: 30 });
  });

  it('clocks that differ by a little are as good as equal', () => {
    const { meters } = rig();
    send(meters, -800);
    expect(meters.senderAheadMs()).toBeNull();
    expect(lags(meters)).toEqual([1, 0, 0]);
  });
});

/** Increments merged as the journal merges them: `series start` → bucket. */
function merged(
  increments: readonly RollupIncrement[],
): Map<string, { count: number; sum: number; min: number; max: number; last: number }> {
  const buckets = new Map<string, { count: number; sum: number; min: number; max: number; last: number }>();
  for (const { series, start: at, count, sum, min, max, last } of increments) {
    const key = `${series} ${at}`;
    const known = buckets.get(key);
    buckets.set(
      key,
      known
        ? {
            count: known.count + count,
            sum: known.sum + sum,
            min: Math.min(known.min, min),
            max: Math.max(known.max, max),
            last,
          }
        : { count, sum, min, max, last },
    );
  }
  return buckets;
}

const named = (increments: readonly RollupIncrement[], series: SeriesName) =>
  increments.filter((each) => each.series === series);

describe('numbers in events', () => {
  it('become series by type and path, nested and in short arrays', () => {
    const { meters } = rig();
    meters.observe([
      event({
        percent: 3.5,
        load: { one: 1.5, deep: { a: { b: { c: 9 } } } },
        cores: [10.5, 20.5],
        list: [1, 2, 3, 4, 5],
        name: 'x',
        on: true,
        none: null,
      }),
      event(7.5, { type: 'plain' }),
    ]);
    expect(meters.seriesNames().filter((name) => name.startsWith('value:'))).toEqual([
      'value:cpu.percent',
      'value:cpu.load.one',
      'value:cpu.cores.0',
      'value:cpu.cores.1',
      'value:plain',
    ]);
  });

  it('are found whatever the order of keys, and when a key is new', () => {
    const { meters } = rig();
    meters.observe([event({ a: 1, b: 2 }), event({ b: 4, a: 4 }), event({ c: 5.5, a: 6 })]);
    const all = meters.drain();
    expect(named(all, 'value:cpu.a')).toMatchObject([{ count: 3, sum: 11, min: 1, max: 6, last: 6 }]);
    expect(named(all, 'value:cpu.b')).toMatchObject([{ count: 2, sum: 6 }]);
    expect(named(all, 'value:cpu.c')).toMatchObject([{ count: 1, sum: 5.5 }]);
  });

  it('are bounded in series and in keys, and what is refused is counted', () => {
    const { meters } = rig({ valueSeries: 2, shapeKeys: 6 });
    meters.observe([event({ a: 1, b: 2, c: 3 }), event({ a: 1, b: 2, c: 3 })]);
    expect(meters.seriesNames().filter((name) => name.startsWith('value:'))).toEqual(['value:cpu.a', 'value:cpu.b']);
    expect(meters.refused).toBe(2);
    for (let key = 0; key < 100; key++) meters.observe([event({ [`key${key}`]: 1.5 })]);
    expect(meters.refused).toBe(102);
  });

  it('are the same where only the numbers of a body were read', () => {
    const limits = { valueSeries: 5, shapeKeys: 9, arrayItems: 2, depth: 2 };
    const bodies = [
      { a: 1, load: { one: 2, deep: { er: 9 } }, word: 'x', list: [3, 4], long: [5, 6, 7] },
      { a: -1, load: { one: 2.5, deep: { er: 9 } }, word: 'y', list: [0, 8], long: [5, 6, 7] },
      { b: 1, c: 2, d: 3, e: 4, f: 5 },
      7,
      'word',
      null,
    ];
    const shapes = new Map<string, BodyShape>();
    const read = (body: unknown): BodyNumbers => {
      const numbers: number[] = [];
      const tree = JSON.parse(JSON.stringify(body), (_, inner: unknown) =>
        typeof inner === 'number' ? numbers.push(inner) - 1 : typeof inner === 'string' ? null : inner,
      ) as unknown;
      const key = JSON.stringify(tree);
      const shape = shapes.get(key) ?? { tree };
      shapes.set(key, shape);
      return new BodyNumbers(shape, numbers);
    };
    const parsed = rig(limits).meters;
    const taken = rig(limits).meters;
    for (const type of ['cpu', 'cpu', 'memory', 'cpu']) {
      parsed.observe(bodies.map((body) => event(body, { type })));
      taken.observe(bodies.map((body) => event(read(body), { type })));
    }
    expect(taken.drain()).toEqual(parsed.drain());
    expect(taken.refused).toBe(parsed.refused);
    expect(parsed.refused).toBeGreaterThan(0);
  });

  it('leave out what no sum survives, and what is not there', () => {
    const { meters } = rig();
    meters.observe([
      event(JSON.parse('{"a":1e999,"__proto__":{"x":1.5},"constructor":2.5}')),
      event(undefined),
      event(null),
      event('text'),
    ]);
    expect(meters.seriesNames().filter((name) => name.startsWith('value:'))).toEqual([
      'value:cpu.__proto__.x',
      'value:cpu.constructor',
    ]);
  });
});

describe('whole numbers', () => {
  const values = (meters: Meters) => meters.seriesNames().filter((name) => name.startsWith('value:'));

  it.each([
    ['up', (at: number) => at + 41],
    ['down', (at: number) => 400 - at],
    ['up, of any entity', (at: number) => at + 1],
    ['up, of any type', (at: number) => at * 2],
    ['with messages lost, and from one again', (at: number) => (at < 60 ? at : at < 80 ? at + 5 : at - 80)],
  ])('that count the messages %s are no series', (how, numberOf) => {
    const { clock, meters } = rig();
    for (let at = 0; at < 120; at += 1) {
      const n = numberOf(at);
      const sensor = how.includes('entity') ? { sensor: `s${at % 3}` } : {};
      meters.observe([
        event({ n, ...(how.includes('type') ? {} : { text: String(n) }), load: n / 3 + 0.1, ...sensor }),
        ...(how.includes('type') ? [event({ n: n + 1, x: n / 3 }, { type: 'rare' })] : []),
      ]);
      meters.tick();
      meters.drain();
      clock.advance(1_000);
    }
    expect(new Set(values(meters).map((name) => name.replace(/\{.*/, '')))).toEqual(
      new Set(how.includes('type') ? ['value:cpu.load', 'value:rare.x'] : ['value:cpu.load']),
    );
  });

  it('that measure are charted whole, at the seconds at which they came', () => {
    const { clock, meters } = rig();
    const sent = [20, 21, 25, 24, 24];
    for (const level of sent) {
      meters.observe([event({ level })]);
      clock.advance(3_000);
    }
    expect(named(meters.drain(), 'value:cpu.level').map(({ start: at, last }) => [(at - start) / 1000, last])).toEqual(
      sent.map((level, at) => [at * 3, level]),
    );
  });

  it('that begin like a count and are none are charted once that shows', () => {
    const { meters } = rig();
    for (const level of [20, 21, 22, 22, 21, 30, 22]) meters.observe([event({ level })]);
    expect(named(meters.drain(), 'value:cpu.level')).toMatchObject([{ count: 2, last: 22 }]);
  });

  it('that nothing follows are charted after ten seconds', () => {
    const { clock, meters } = rig();
    meters.observe([event({ level: 20 })]);
    clock.advance(5_000);
    meters.tick();
    expect(values(meters)).toEqual([]);
    clock.advance(5_000);
    meters.tick();
    expect(named(meters.drain(), 'value:cpu.level')).toMatchObject([{ start, count: 1, last: 20 }]);
  });
});

describe('what a number is of', () => {
  const values = (meters: Meters) => meters.seriesNames().filter((name) => name.startsWith('value:'));

  it('behaviour 58: a number in text is a series of its symbol; a time and an id are none', () => {
    const { meters } = rig();
    for (const s of ['A', 'B', 'A']) {
      meters.observe([
        event({ s, p: '1.5', E: start, t: 12_345, seq: 4, order_id: '77', zip: '01234' }, { type: 'trade' }),
      ]);
    }
    expect(values(meters)).toEqual(['value:trade.p{s="A"}', 'value:trade.p{s="B"}']);
    expect(named(meters.drain(), 'value:trade.p{s="A"}')).toMatchObject([{ count: 2, sum: 3 }]);
    const plain = rig().meters;
    plain.observe([
      event({ at: start / 1000, updatedAt: start, uuid: 7, nested: { userId: 3, load: -1.5, text: '-2.55e1' } }),
    ]);
    expect(values(plain)).toEqual(['value:cpu.nested.load', 'value:cpu.nested.text']);
  });

  it('behaviour 60: two entities of one type never make one line, and each has its unit', () => {
    const { meters } = rig();
    const reading = (sensor: string, unit: string, value: number) =>
      event({ sensor, unit, value }, { type: 'reading' });
    meters.observe([reading('temp', '°C', 21), reading('co2', 'ppm', 600), reading('temp', '°C', 22)]);
    const drained = meters.drain();
    expect(values(meters)).toEqual([
      'value:reading.value{sensor="temp",unit="°C"}',
      'value:reading.value{sensor="co2",unit="ppm"}',
    ]);
    expect(named(drained, 'value:reading.value{sensor="temp",unit="°C"}')).toMatchObject([{ count: 2, sum: 43 }]);
    const home = rig().meters;
    const state = (entity_id: string, unit: string, value: string) =>
      event({ entity_id, state: value, attributes: { unit_of_measurement: unit } }, { type: 'state_changed' });
    home.observe([state('sensor.a', 'W', '5'), state('sensor.b', '%', 'unknown'), state('sensor.b', '%', '7')]);
    expect(values(home)).toEqual([
      'value:state_changed.state{entity_id="sensor.a",unit="W"}',
      'value:state_changed.state{entity_id="sensor.b",unit="%"}',
    ]);
  });

  it('numbers that the protocol knows what they are of are series of their own, also beside what the body says', () => {
    const meters = createMeters({ clock: createFakeClock() });
    const of = (topic: string, value: unknown) => event(value, { type: 'message', of: ['topic', topic] });
    meters.observe([
      of('home/a', 21.5),
      of('home/b', 3),
      of('home/a', { sensor: 's', t: 1.5 }),
      of('home/a', [{ t: 2.5 }]),
    ]);
    expect(meters.seriesNames().filter((name) => name.startsWith('value:'))).toEqual([
      'value:message{topic="home/a"}',
      'value:message{topic="home/b"}',
      'value:message.t{topic="home/a",sensor="s"}',
      'value:message.0.t{topic="home/a"}',
    ]);
  });

  it('is bounded, and what finds no room is counted', () => {
    const { meters } = rig({ valueSeries: 3, shapeKeys: 20 });
    for (let n = 0; n < 50; n += 1) meters.observe([event({ device: `d${n}`, load: 1 })]);
    expect(values(meters)).toHaveLength(3);
    expect(meters.refused).toBe(47);
  });
});

describe('numbers that a feed names itself', () => {
  const measures = (symbol: string, value: number) => [
    { name: 'price', labels: [['symbol', symbol]] as const, value, unit: null },
  ];

  it('become a series for each set of labels, whatever else the event says', () => {
    const { meters } = rig();
    meters.observe([
      event({ price: 7 }, { type: 'ticker', measures: measures('BTC', 2) }),
      event({ price: 7 }, { type: 'ticker', measures: measures('ETH', 3) }),
    ]);
    meters.measured([{ type: 'ticker', measures: [...measures('BTC', 4), ...measures('BTC', Number.NaN)] }]);
    const all = meters.drain().filter(({ series }) => series.startsWith('value:'));
    expect(all).toMatchObject([
      { series: 'value:ticker.price{symbol="BTC"}', count: 2, sum: 6 },
      { series: 'value:ticker.price{symbol="ETH"}', count: 1, sum: 3 },
    ]);
    // What came beside events is no event.
    expect(meters.recent('events', 10)).toMatchObject([{ sum: 2 }]);
  });

  it('are bounded in series and in names, and what is refused is counted', () => {
    const { meters } = rig({ measuredSeries: 40 });
    const many = Array.from({ length: 50 }, (_, at) => measures(`s${at}`, at)).flat();
    meters.measured([{ type: 'ticker', measures: [...measures('x'.repeat(400), 1), ...many] }]);
    expect(meters.seriesNames().filter((name) => name.startsWith('value:'))).toHaveLength(40);
    expect(meters.refused).toBe(11);
    meters.measured([{ type: 'ticker', measures: many }]);
    expect(meters.refused).toBe(21);
    expect(meters.recent('value:ticker.price{symbol="s39"}', 10)).toMatchObject([{ count: 2, last: 39 }]);
  });
});

describe('rollups', () => {
  it('have a sum that can be stored, whatever numbers a feed adds up', () => {
    const { clock, meters } = rig();
    clock.advance(500);
    meters.observe([event({ a: 1.7e308, b: -1.7e308 }), event({ a: 1.7e308, b: -1.7e308 })]);
    meters.observe([event({ a: 1.7e308, b: -1.7e308 })]);
    const drained = meters.drain();
    expect(named(drained, 'value:cpu.a')).toMatchObject([{ count: 3, sum: Number.MAX_VALUE }]);
    expect(named(drained, 'value:cpu.b')).toMatchObject([{ count: 3, sum: -Number.MAX_VALUE }]);
    meters.observe([event({ a: 1.7e308 })]);
    meters.drain();
    expect(meters.recent('value:cpu.a', 10)[0]?.sum).toBe(Number.MAX_VALUE);
  });

  it('come by the second, each number once', () => {
    const { clock, meters } = rig();
    clock.advance(61_500);
    meters.observe([event({ a: 4 }), event({ a: 2 })]);
    expect(named(meters.drain(), 'value:cpu.a')).toEqual([
      { series: 'value:cpu.a', start: start + 61_000, count: 2, sum: 6, min: 2, max: 4, last: 2 },
    ]);
    meters.observe([event({ a: 1 })]);
    expect(named(meters.drain(), 'value:cpu.a')).toMatchObject([{ start: start + 61_000, count: 1, sum: 1 }]);
    expect(meters.drain()).toEqual([]);
  });

  it('count events, bytes, lag, round trips, reconnects, repeats and losses', () => {
    const { meters } = rig();
    meters.observe([event(null, { sentAt: start - 40 }), event(null, { bytes: 30 })]);
    meters.roundTrip(12);
    meters.reconnect();
    meters.repeated(3);
    meters.repeated(0);
    meters.lost(2);
    const all = merged(meters.drain());
    expect(all.get(`events ${start}`)).toMatchObject({ count: 2, sum: 2 });
    expect(all.get(`bytes ${start}`)).toMatchObject({ count: 2, sum: 40, min: 10, max: 30 });
    expect(all.get(`lagMs ${start}`)).toMatchObject({ count: 1, sum: 40 });
    expect(all.get(`roundTripMs ${start}`)).toMatchObject({ sum: 12 });
    expect(all.get(`reconnects ${start}`)).toMatchObject({ sum: 1 });
    expect(all.get(`repeated ${start}`)).toMatchObject({ count: 1, sum: 3 });
    expect(all.get(`lost ${start}`)).toMatchObject({ sum: 2 });
  });

  it('are bounded when nobody drains them, and what goes is counted', () => {
    const { clock, meters } = rig({ waiting: 100 });
    for (let second = 0; second < 60; second++) {
      meters.observe([event({ a: second + 0.5 })]);
      clock.advance(1_000);
    }
    expect(meters.drain().length).toBe(100);
    // 60 seconds of three series: events, bytes, value:cpu.a.
    expect(meters.evicted).toBe(60 * 3 - 100);
  });

  it('are exact however observing, draining and the clock interleave', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({
              values: fc.array(
                fc.integer({ min: -50, max: 50 }).map((whole) => whole + 0.5),
                { minLength: 1, maxLength: 5 },
              ),
            }),
            fc.constant('drain' as const),
            fc.integer({ min: 1, max: 90_000 }).map((ms) => ({ ms })),
            fc.integer({ min: -5_000, max: 5_000 }).map((shift) => ({ shift })),
          ),
          { maxLength: 60 },
        ),
        (steps) => {
          const { clock, meters } = rig();
          const expected = new Map<string, { count: number; sum: number; min: number; max: number; last: number }>();
          const drained: RollupIncrement[] = [];
          for (const step of steps) {
            if (step === 'drain') drained.push(...meters.drain());
            else if ('ms' in step) clock.advance(step.ms);
            else if ('shift' in step) clock.shiftWall(step.shift);
            else if ('values' in step) {
              meters.observe(step.values.map((a) => event({ a })));
              const key = `value:cpu.a ${Math.floor(clock.wall() / 1000) * 1000}`;
              for (const a of step.values) {
                const known = expected.get(key) ?? { count: 0, sum: 0, min: a, max: a, last: a };
                expected.set(key, {
                  count: known.count + 1,
                  sum: known.sum + a,
                  min: Math.min(known.min, a),
                  max: Math.max(known.max, a),
                  last: a,
                });
              }
            }
          }
          drained.push(...meters.drain());
          const got = merged(drained.filter((each) => each.series === 'value:cpu.a'));
          expect(Object.fromEntries(got)).toEqual(Object.fromEntries(expected));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the recent past', () => {
  it('keeps the newest seconds of each series and grows with use', () => {
    const { clock, meters } = rig({ recentSeconds: 40 });
    for (let second = 0; second < 100; second++) {
      meters.observe([event({ a: second }), event({ a: second + 0.5 })]);
      meters.drain();
      clock.advance(1_000);
    }
    const buckets = meters.recent('value:cpu.a', 300);
    expect(buckets.length).toBe(40);
    expect(buckets.at(-1)).toEqual({ start: start + 99_000, count: 2, sum: 198.5, min: 99, max: 99.5, last: 99.5 });
    expect(meters.recent('value:cpu.a', 5).length).toBe(5);
    expect(meters.recent('value:none', 5)).toEqual([]);
  });

  it('averages the rate over five full seconds', () => {
    const { clock, meters } = rig();
    for (let second = 0; second < 10; second++) {
      meters.observe([event(null), event(null), event(null)]);
      clock.advance(1_000);
    }
    expect(meters.eventsPerSecond()).toBe(3);
    clock.advance(2_000);
    expect(meters.eventsPerSecond()).toBeCloseTo(1.8);
    clock.advance(5_000);
    expect(meters.eventsPerSecond()).toBe(0);
  });

  it('draws holes where it was not live, and zeros where it was', () => {
    const { clock, meters } = rig();
    clock.advance(10_000);
    meters.live(true);
    meters.observe([event(null)]);
    clock.advance(20_000);
    meters.live(false);
    clock.advance(10_000);
    const spark = meters.spark();
    expect(spark.length).toBe(60);
    expect(spark.slice(0, 30).every((each) => each === null)).toBe(true);
    expect(spark[30]).toBe(1);
    expect(spark.slice(31, 50).every((each) => each === 0)).toBe(true);
    expect(spark.slice(50).every((each) => each === null)).toBe(true);
  });
});

describe('stale', () => {
  it('is three times the learnt cadence without an event', () => {
    const { clock, meters } = rig();
    meters.live(true);
    expect(meters.stale()).toBe(false);
    for (let beat = 0; beat < 8; beat++) {
      meters.observe([event(null)]);
      clock.advance(2_000);
    }
    expect(meters.cadenceMs()).toBe(2_000);
    expect(meters.stale()).toBe(false);
    clock.advance(3_900);
    expect(meters.stale()).toBe(false);
    clock.advance(200);
    expect(meters.stale()).toBe(true);
    meters.observe([event(null)]);
    expect(meters.stale()).toBe(false);
  });

  it('promise 21: waits for what came while we stood still: neither before the late tick nor right after it', () => {
    const { clock, meters } = rig();
    const tick = (times: number, beat: boolean): void => {
      for (let n = 0; n < times; n++) {
        if (beat) meters.observe([event(null)]);
        clock.advance(1_000);
        meters.tick();
      }
    };
    meters.live(true);
    tick(8, true);
    clock.advance(15_000);
    expect(meters.stale()).toBe(false);
    meters.tick();
    expect(meters.stale()).toBe(false);
    // From here on silence is the feed's own.
    tick(2, false);
    expect(meters.stale()).toBe(false);
    tick(1, false);
    expect(meters.stale()).toBe(true);
  });

  it('does not learn pauses that are ours, and is not stale during them', () => {
    const { clock, meters } = rig();
    meters.live(true);
    for (let beat = 0; beat < 8; beat++) {
      meters.observe([event(null)]);
      clock.advance(1_000);
    }
    meters.live(false);
    clock.advance(3_600_000);
    expect(meters.stale()).toBe(false);
    meters.live(true);
    meters.observe([event(null)]);
    expect(meters.cadenceMs()).toBe(1_000);
  });

  it('does not take an outage for a cadence, but learns a new pace', () => {
    const { clock, meters } = rig();
    meters.live(true);
    const beat = (ms: number): void => {
      clock.advance(ms);
      meters.observe([event(null)]);
    };
    for (let count = 0; count < 8; count++) beat(1_000);
    beat(600_000);
    expect(meters.cadenceMs()).toBe(1_000);
    beat(1_000);
    for (let count = 0; count < 3; count++) beat(20_000);
    expect(meters.cadenceMs()).toBeGreaterThanOrEqual(20_000);
  });

  it('is never claimed of a feed that has said too little, nor of a short pause of a busy one', () => {
    const { clock, meters } = rig();
    meters.live(true);
    meters.observe([event(null)]);
    clock.advance(3_600_000);
    expect(meters.stale()).toBe(false);
    for (let beat = 0; beat < 100; beat++) {
      clock.advance(1);
      meters.observe([event(null)]);
    }
    clock.advance(500);
    expect(meters.stale()).toBe(false);
  });
});
