import { describe, expect, it } from 'vitest';
import { suggest } from './suggest';

const now = Date.UTC(2026, 0, 1, 12);
const paths = (bodies: readonly unknown[]) => {
  const { values, labels } = suggest(bodies, now);
  return [values.map(({ path }) => path), labels.map(({ path }) => path)];
};

describe('what bodies suggest to chart', () => {
  it('behaviour 58: a number within text is one, a time and an id are none, and the symbol splits', () => {
    const trades = [1, 2, 3].map((n) => ({ e: 'trade', s: n % 2 ? 'A' : 'B', p: `${n}.5`, E: now + n, t: 12345 + n }));
    expect(paths(trades)).toEqual([['p'], ['s']]);
  });

  it('behaviour 60: what names an entity splits', () => {
    const states = [
      { type: 'sensor', entity_id: 'temp', value: 21.5, unit: '°C' },
      { type: 'sensor', entity_id: 'co2', value: 700, unit: 'ppm' },
    ];
    expect(paths(states)).toEqual([['value'], ['entity_id']]);
  });

  it('finds numbers at any depth, under names that tell them apart', () => {
    const status = { status: 'up', load: 0.7, checks: { db: { ms: 3 }, cache: { ms: 1 } }, at: '2026-01-01T12:00:00Z' };
    expect(paths([status])).toEqual([['load', 'checks.db.ms', 'checks.cache.ms'], []]);
  });

  it('reads the answer of a query of Prometheus: the second of each pair, by what differs in its labels', () => {
    const result = ['a', 'b'].map((instance) => ({ metric: { job: 'node', instance }, value: [now / 1000, '1.5'] }));
    const { values, labels } = suggest([{ status: 'success', data: { resultType: 'vector', result } }], now);
    expect(values).toMatchObject([{ path: 'data.result[*].value[1]', name: 'value' }]);
    expect(labels).toEqual([{ path: 'data.result[*].metric.instance', name: 'instance' }]);
  });

  it('reads rows whose names stand beside them, as netdata has them', () => {
    const { values } = suggest(
      [
        {
          labels: ['time', 'user', 'system'],
          data: [
            [1767268800, 1.5, 2],
            [1767268799, 1, 2],
          ],
        },
      ],
      now,
    );
    expect(values).toMatchObject([
      { path: 'data[0][1]', name: 'user' },
      { path: 'data[0][2]', name: 'system' },
    ]);
  });

  it('splits a list by what each item is called', () => {
    const services = [
      { name: 'api', ms: 3, id: 'x1' },
      { name: 'db', ms: 4, id: 'x2' },
    ];
    expect(paths([{ services }])).toEqual([['services[*].ms'], ['services[*].name']]);
  });

  it('splits the things of a list by their names, and never by ids that come and go', () => {
    const things = [
      { id: 'a', name: 'api', ms: 12.5 },
      { id: 'b', name: 'db', ms: 3 },
    ];
    expect(suggest(things, now, true).labels).toEqual([{ path: 'name', name: 'name' }]);
    expect(suggest(things, now, false).labels).toEqual([]);
    const events = [1, 2].map((n) => ({ id: `e${n}`, ms: n + 0.5 }));
    expect(suggest(events, now, true)).toMatchObject({ values: [{ path: 'ms' }], labels: [] });
  });

  it('takes what grows by one with each message for a number of it', () => {
    expect(paths([1, 2, 3].map((n) => ({ n, load: n * 2 })))).toEqual([['load'], []]);
    expect(paths([9, 8, 7].map((n) => ({ n, load: n * 2 })))).toEqual([['load'], []]);
    expect(paths([1, 1, 1].map((n) => ({ n })))).toEqual([['n'], []]);
  });

  it('takes no code and no setting of the feed for a measurement', () => {
    const hello = { op: 10, d: { heartbeat_interval: 41_250, latency: 3.5 }, zip: '90210' };
    expect(paths([hello])).toEqual([['d.latency'], []]);
  });

  it('suggests no more than can be looked over, whatever the body is', () => {
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`m${at}`, at + 0.5]));
    expect(suggest([wide], now).values).toHaveLength(24);
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(2000)}1.5${'}'.repeat(2000)}`);
    expect(suggest([deep, null, 'x', [], [[[]]], { '': { '': 1.5 } }], now).values.length).toBeLessThanOrEqual(1);
  });
});
