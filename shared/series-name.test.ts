import { describe, expect, it } from 'vitest';
import { type SeriesLabels, seriesName, seriesParts } from './series-name';

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
