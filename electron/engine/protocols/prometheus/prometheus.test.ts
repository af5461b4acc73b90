import { describe, expect, it } from 'vitest';
import type { RungConfig } from '../../../../shared/source';
import type { Frame } from '../../core/frame';
import type { Message } from '../../core/protocol';
import { Chosen } from './chosen';
import { createPrometheusProtocol } from './prometheus';

const rung: RungConfig = { transport: 'poll', url: 'http://h/metrics', intervalSeconds: 5 };
const start = 1_760_000_000_000;

function frame(data: string | Uint8Array, at: number, type: string): Frame {
  const headers = [['content-type', type]] as const;
  return { data, bytes: data.length, receivedAt: start + at * 1000, event: null, id: null, headers };
}

/** A scraper: what a page at a second of its own says. */
function scraper() {
  const protocol = createPrometheusProtocol();
  let decoder = protocol.createDecoder(rung);
  const messages = (text: string | Uint8Array, at: number, type = 'text/plain; version=0.0.4') =>
    decoder.decode(frame(text, at, type));
  return {
    messages,
    scrape: (text: string, at: number, type?: string) => numbersOf(messages(text, at, type)),
    reconnect() {
      decoder = protocol.createDecoder(rung);
    },
  };
}

function numbersOf(messages: readonly Message[]): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const message of messages) {
    if (message.kind !== 'measured') continue;
    for (const { type, measures } of message.measured) {
      for (const { name, labels, value } of measures) {
        const told = labels.map(([label, text]) => `${label}=${text}`).join(',');
        numbers[`${type}${name === '' ? '' : `.${name}`}${told === '' ? '' : `{${told}}`}`] = value;
      }
    }
  }
  return numbers;
}

const counters = (a: number | string, b: number | string) =>
  `# TYPE hits_total counter\nhits_total{code="200"} ${a}\nhits_total{code="500"} ${b}\n`;

function histogram(...counts: readonly number[]): string {
  const bounds = ['0.1', '0.5', '1', '+Inf'];
  const lines = counts.map((count, at) => `took_seconds_bucket{le="${bounds[at]}"} ${count}\n`).join('');
  return `# TYPE took_seconds histogram\n${lines}took_seconds_sum 1\ntook_seconds_count ${counts.at(-1)}\n`;
}

describe('a scrape', () => {
  it('asks for the formats that Prometheus asks for', () => {
    expect(createPrometheusProtocol().attach(rung, null, { holdMs: 0 })).toEqual({
      url: 'http://h/metrics',
      headers: [
        [
          'accept',
          'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
        ],
      ],
      subprotocols: [],
      lastEventId: null,
    });
  });

  it('is an event per family, with the digits it came with', () => {
    const [page] = scraper().messages(
      '# HELP big How "much"\n# TYPE big gauge\nbig{a="ü\\n"} 9007199254740993\nbig 127.0\nodd NaN 1760000000000\nodd{x="1"} +Inf\n',
      0,
    );
    if (page?.kind !== 'page') throw new Error('no page');
    expect(page.list).toBe(false);
    expect(page.events.map(({ type, body }) => [type, body])).toEqual([
      [
        'big',
        '{"name":"big","type":"gauge","help":"How \\"much\\"","samples":[{"labels":{"a":"ü\\n"},"value":9007199254740993},{"labels":{},"value":127.0}]}',
      ],
      [
        'odd',
        '{"name":"odd","type":"unknown","samples":[{"labels":{},"value":"NaN","at":1760000000000},{"labels":{"x":"1"},"value":"+Inf"}]}',
      ],
    ]);
    expect(page.events.map(({ sentAt }) => sentAt)).toEqual([null, 1_760_000_000_000]);
    for (const { body } of page.events) expect(() => JSON.parse(String(body))).not.toThrow();
  });

  it('that is cut, or no such page, is no scrape', () => {
    const { messages, scrape } = scraper();
    scrape(counters(10, 1), 0);
    expect(messages('# TYPE a gauge\na 1\n', 5, 'application/openmetrics-text; version=1.0.0')).toMatchObject([
      { kind: 'unusable', found: expect.stringContaining('EOF') },
    ]);
    expect(messages('a 1\nb{x="', 5)).toMatchObject([{ kind: 'unusable' }]);
    expect(messages('a_total{x="2"} 1234', 5)).toMatchObject([{ kind: 'unusable' }]);
    expect(messages('{"a":1}', 5)).toMatchObject([{ kind: 'unusable' }]);
    expect(messages(new Uint8Array([1]), 5)).toMatchObject([{ kind: 'unusable' }]);
    // And no zero: the counters go on from the last that was one.
    expect(scrape(counters(30, 1), 10)).toEqual({ 'hits_total.rate{code=200}': 2, 'hits_total.rate{code=500}': 0 });
  });
});

describe('what is charted', () => {
  it('gauges and what nobody typed as they are, without moments and what is no number', () => {
    const { scrape } = scraper();
    const page = [
      '# TYPE temp_celsius gauge',
      'temp_celsius{room="a"} 21.5',
      'temp_celsius{room="b"} NaN',
      '# TYPE process_start_time_seconds gauge',
      'process_start_time_seconds 1.7e9',
      'load1 0.5',
      '# TYPE build_info gauge',
      'build_info{v="1"} 1',
      '',
    ].join('\n');
    expect(scrape(page, 0)).toEqual({ 'temp_celsius{room=a}': 21.5, load1: 0.5, 'build_info{v=1}': 1 });
  });

  it('counters as their rate over the time between scrapes, from the second on', () => {
    const { scrape, reconnect } = scraper();
    expect(scrape(counters(100, 1), 0)).toEqual({});
    expect(scrape(counters(150, 1), 5)).toEqual({ 'hits_total.rate{code=200}': 10, 'hits_total.rate{code=500}': 0 });
    reconnect();
    expect(scrape(counters(250, 4), 25)).toMatchObject({ 'hits_total.rate{code=200}': 5 });
  });

  it('no rate across a reset, which is a new beginning', () => {
    const { scrape } = scraper();
    scrape(counters(100, 1), 0);
    expect(scrape(counters(7, 2), 5)).toEqual({ 'hits_total.rate{code=500}': 0.2 });
    expect(scrape(counters(17, 2), 10)).toEqual({ 'hits_total.rate{code=200}': 2, 'hits_total.rate{code=500}': 0 });
    // A counter that is not there is none that stands still.
    expect(scrape('# TYPE hits_total counter\nhits_total{code="200"} 27\n', 15)).toEqual({
      'hits_total.rate{code=200}': 2,
    });
    expect(scrape(counters(37, 9), 20)).toEqual({ 'hits_total.rate{code=200}': 2 });
    expect(scrape(counters('NaN', 19), 25)).toEqual({ 'hits_total.rate{code=500}': 2 });
  });

  it('no rate where OpenMetrics says that it began anew', () => {
    const { scrape } = scraper();
    const page = (value: number, created: number) =>
      `# TYPE hits counter\nhits_total ${value}\nhits_created ${created}\n# EOF\n`;
    const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
    scrape(page(5, 1), 0, type);
    expect(scrape(page(15, 1), 5, type)).toEqual({ 'hits_total.rate': 2 });
    expect(scrape(page(25, 9), 10, type)).toEqual({});
    expect(scrape(page(35, 9), 15, type)).toEqual({ 'hits_total.rate': 2 });
  });

  it("rates by the samples' own times where they have some", () => {
    const { scrape } = scraper();
    const page = (value: number, at: number) => `hits_total ${value} ${start + at * 1000}\n`;
    scrape(page(10, 0), 3);
    expect(scrape(page(30, 10), 14)).toEqual({ 'hits_total.rate': 2 });
    // The same once more is what it was, not a standstill.
    expect(scrape(page(30, 10), 19)).toEqual({});
    expect(scrape(page(40, 20), 24)).toEqual({ 'hits_total.rate': 1 });
  });

  it('histograms as quantiles of what came since, and its rate', () => {
    const { scrape } = scraper();
    expect(scrape(histogram(1000, 1000, 1000, 1000), 0)).toEqual({});
    // Fifty up to 0.1, forty up to 0.5, nine up to 1, one above.
    const numbers = scrape(histogram(1050, 1090, 1099, 1100), 10);
    expect(numbers).toMatchObject({ 'took_seconds.rate': 10, 'took_seconds.p50': 0.1, 'took_seconds.p99': 1 });
    expect(numbers['took_seconds.p95']).toBeCloseTo(0.5 + (0.5 * 5) / 9);
    // Nothing came: there is no quantile of nothing.
    expect(scrape(histogram(1050, 1090, 1099, 1100), 20)).toEqual({ 'took_seconds.rate': 0 });
    // A reset, in one bucket as in all.
    expect(scrape(histogram(1, 1, 1, 1), 30)).toEqual({});
    expect(scrape(histogram(3, 3, 3, 3), 40)).toMatchObject({ 'took_seconds.rate': 0.2, 'took_seconds.p50': 0.05 });
  });

  it('summaries as the quantiles they tell, and their rate', () => {
    const { scrape } = scraper();
    const page = (count: number) =>
      `# TYPE rpc summary\nrpc{quantile="0.5",m="x"} 0.2\nrpc{quantile="0.999",m="x"} 4\nrpc{quantile="1",m="x"} NaN\nrpc_sum{m="x"} 9\nrpc_count{m="x"} ${count}\n`;
    expect(scrape(page(10), 0)).toEqual({ 'rpc.p50{m=x}': 0.2, 'rpc.p99.9{m=x}': 4 });
    expect(scrape(page(30), 10)).toMatchObject({ 'rpc.rate{m=x}': 2 });
  });

  it('with the unit that the name or the feed tells', () => {
    const { messages } = scraper();
    const page = '# TYPE a_bytes gauge\na_bytes 1\n# TYPE b_celsius gauge\nb_celsius 1\nload1 1\nc_bytes_total 5\n';
    messages(page, 0);
    const measured = messages(page, 5).find(({ kind }) => kind === 'measured');
    if (measured?.kind !== 'measured') throw new Error('nothing measured');
    expect(measured.measured.map(({ type, measures }) => [type, measures[0]?.unit])).toEqual([
      ['a_bytes', 'B'],
      ['b_celsius', '°C'],
      ['load1', null],
      ['c_bytes_total', 'B/s'],
    ]);
  });
});

describe('more series than are charted', () => {
  const group = (key: string, weight: number, series = 1) => ({ key, weight, series, measures: [] });
  const family = (name: string) => ({ name, type: 'gauge' as const, help: null, unit: null, samples: [] });
  const families = [family('a'), family('b'), family('c')];
  const keys = ({ charted }: ReturnType<Chosen['choose']>) => charted.map(({ group: { key } }) => key).sort();

  it('are the greatest of each family, and the rest is counted', () => {
    const chosen = new Chosen(5);
    const groups = [
      [1, 9, 5, 7].map((weight) => group(`a${weight}`, weight)),
      [group('b1', 1)],
      [group('c1', 1), group('cN', Number.NaN), group('c2', 2)],
    ];
    const first = chosen.choose(families, groups);
    expect(keys(first)).toEqual(['a7', 'a9', 'b1', 'c1', 'c2']);
    expect(first.left).toBe(3);
    // What is charted stays, also when others have become greater.
    const second = chosen.choose(families, [[group('a5', 99), group('a7', 0), group('a9', 0)], [], []]);
    expect(keys(second)).toEqual(['a7', 'a9']);
    expect(second.left).toBe(1);
  });

  it('make room when they are gone for long', () => {
    const chosen = new Chosen(1);
    chosen.choose(families, [[group('a1', 1)], [], []]);
    const others = () => keys(chosen.choose(families, [[], [group('b1', 1)], []]));
    for (let scrape = 0; scrape < 10; scrape += 1) expect(others()).toEqual([]);
    expect(others()).toEqual(['b1']);
  });
});
