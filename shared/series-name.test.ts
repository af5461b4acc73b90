import { describe, expect, it } from 'vitest';
import { measureSeries, type SeriesLabels, seriesName, seriesParts } from './series-name';
import { unitOfName } from './series-unit';

const labelled: readonly SeriesLabels[] = [
  [['symbol', 'BTC']],
  [
    ['code', '200'],
    ['path', '/a{b="c"},d\\ "e"\n'],
  ],
  [['a name', 'x=y,z}']],
  [['quote"d', 'ü°\u2028']],
];

describe('names of series', () => {
  it.each(labelled.map((labels) => ({ labels })))('carry their labels there and back: $labels', ({ labels }) => {
    const name = seriesName('http_requests_total', 'rate', labels);
    expect(seriesParts(name)).toEqual({ base: 'value:http_requests_total.rate', labels });
  });

  it('are those of a plain number where nothing tells it from others', () => {
    expect(seriesName('cpu', 'load.one', [])).toBe('value:cpu.load.one');
    expect(seriesName('load1', '', [])).toBe('value:load1');
    expect(seriesName('ticker', 'price', [['symbol', 'BTC']])).toBe('value:ticker.price{symbol="BTC"}');
  });

  it('carry a unit that they do not tell by themselves', () => {
    const measure = { name: 'price', labels: [['symbol', 'BTC']] as const, unit: 'EUR' };
    expect(measureSeries('ticker', measure)).toBe('value:ticker.price{symbol="BTC",unit="EUR"}');
    expect(measureSeries('a_seconds', { name: 'p95', labels: [], unit: 's' })).toBe('value:a_seconds.p95');
    expect(measureSeries('a_total', { name: 'rate', labels: [], unit: '/s' })).toBe('value:a_total.rate');
    expect(measureSeries('a', { name: '', labels: [], unit: null })).toBe('value:a');
  });

  it.each([
    ['value:node_load1', null],
    ['value:memory_bytes', 'B'],
    ['value:sent_bytes_total.rate', 'B/s'],
    ['value:cpu_seconds_total.rate', 's/s'],
    ['value:hits_total.rate', '/s'],
    ['value:took_seconds.p99.9', 's'],
    ['value:took_seconds.rate', '/s'],
    ['value:used_ratio', ''],
    ['value:seconds', 's'],
  ] as const)('tell the unit of %s: %j', (name, unit) => {
    expect(unitOfName(name)).toBe(unit);
  });

  it.each(['value:a{b}', 'value:a{b="c"', 'value:a}', 'value:{}', 'value:a{b="c"}d', 'events'] as const)(
    'that only look like labelled ones are whole: %s',
    (name) => {
      expect(seriesParts(name)).toEqual({ base: name, labels: [] });
    },
  );

  it('are read in time that does not explode', () => {
    const hostile = `value:${'{a="'.repeat(90)}"}` as const;
    expect(seriesParts(hostile).base.length).toBeGreaterThan(0);
  });
});
