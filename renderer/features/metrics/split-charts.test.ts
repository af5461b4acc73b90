import { describe, expect, it } from 'vitest';
import type { SeriesName } from '../../../shared/meters';
import { chartsFor, seriesChart, suggestedCharts } from './catalogue';
import { entriesFor } from './chooser';
import { inUnit, onAxis } from './units';

const hits = (code: number, path = '/'): SeriesName =>
  `value:http_requests_total.rate{code="${code}",job="api",path="${path}"}`;

describe('series that differ in their labels', () => {
  it('are lines of one chart, the greatest first, and the rest is counted', () => {
    const names = Array.from({ length: 9 }, (_, at) => hits(200 + at));
    const last = new Map(names.map((name, at) => [name, at] as const));
    const [chart] = chartsFor(names, last);
    expect(chart).toMatchObject({ id: 'value:http_requests_total.rate', title: 'http_requests_total.rate', rest: 3 });
    expect(chart?.series.map(({ label }) => label)).toEqual(['208', '207', '206', '205', '204', '203']);
    // Colour is not what tells them apart alone.
    expect(new Set(chart?.series.map(({ dash }) => dash ?? '')).size).toBe(6);
    expect(chart?.members).toHaveLength(9);
  });

  it('are called by what tells them apart, and by the names of it where it is more than one', () => {
    const [chart] = chartsFor([hits(200, '/a'), hits(500, '/b')]);
    expect(chart?.series.map(({ label }) => label)).toEqual(['code=200 path=/a', 'code=500 path=/b']);
    expect(chartsFor([hits(200)]).map(({ title, id }) => [id, title])).toEqual([
      ['value:http_requests_total.rate', 'http_requests_total.rate · 200 · api · /'],
    ]);
  });

  it('are shown as they are, whatever a feed puts into a label', () => {
    const name: SeriesName = 'value:a{b="x\u202ey"}';
    const [chart] = chartsFor([name, 'value:a{b="z"}']);
    expect(chart?.series[0]?.label).not.toContain('\u202e');
    expect(chart?.members[0]?.label).not.toContain('\u202e');
    expect(chartsFor([name])[0]?.title).not.toContain('\u202e');
  });

  it('behaviour 60: have no axis in common with those of another unit', () => {
    const charts = chartsFor([
      'value:reading.value{sensor="a",unit="°C"}',
      'value:reading.value{sensor="b",unit="ppm"}',
      'value:reading.value{sensor="c",unit="°C"}',
    ]);
    expect(charts.map(({ id, unit, series }) => [id, unit, series.map(({ label }) => label)])).toEqual([
      ['value:reading.value in °C', '°C', ['a', 'c']],
      ['value:reading.value in ppm', 'in ppm', ['reading.value · b']],
    ]);
  });

  it('have the unit that their names tell, on the axis too', () => {
    const units = chartsFor([
      'value:sent_bytes_total.rate',
      'value:took_seconds.p95',
      'value:hits_total.rate',
      'value:power{unit="kW"}',
    ]).map(({ unit }) => unit);
    expect(units).toEqual(['B/s', 's', 'events/s', 'in kW']);
    expect(inUnit(0.25, 's')).toEqual({ figure: '250', unit: 'ms' });
    expect([onAxis(0, 'in kW'), onAxis(20, 'in kW'), onAxis(0, 's')]).toEqual(['0 kW', '20 kW', '0 s']);
  });
});

describe('what is shown and found', () => {
  const charts = chartsFor([
    'value:go_threads',
    'value:node_load1',
    'value:node_load5',
    hits(200),
    hits(500),
    hits(503),
  ]);

  it('what an exporter says of itself comes last of what is suggested', () => {
    expect(suggestedCharts(charts).at(-1)).toBe('value:go_threads');
  });

  it('a search finds charts by their names, and a series by what tells it', () => {
    expect(entriesFor(charts, ' LOAD ').map(({ id }) => id)).toEqual(['value:node_load1', 'value:node_load5']);
    expect(entriesFor(charts, 'requests 50').map(({ id, title }) => [id, title])).toEqual([
      [hits(500), 'http_requests_total.rate · 500'],
      [hits(503), 'http_requests_total.rate · 503'],
    ]);
    expect(entriesFor(charts, 'nothing')).toEqual([]);
    expect(entriesFor(charts, '')).toHaveLength(4);
    expect(seriesChart([hits(500)], hits(500))).toMatchObject({ title: 'http_requests_total.rate · 500 · api · /' });
    expect(seriesChart([hits(500)], 'value:gone')).toBeNull();
  });
});
