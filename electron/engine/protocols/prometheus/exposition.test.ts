import { describe, expect, it } from 'vitest';
import { type Exposition, readExposition } from './exposition';
import type { Dialect } from './sample-line';

const read = (text: string, dialect: Dialect = 'text'): Exposition => readExposition(text, dialect);

function families(text: string, dialect: Dialect = 'text') {
  const found = read(text, dialect);
  if (!found.ok) throw new Error(`line ${found.line}: ${found.why}`);
  return found.families;
}

const sampleOf = (line: string) => families(`${line}\n`)[0]?.samples[0];

/** The example of the format's own page (exposition_formats.md), whole. */
const fromThePage = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="0.1"} 33444
http_request_duration_seconds_bucket{le="0.2"} 100392
http_request_duration_seconds_bucket{le="0.5"} 129389
http_request_duration_seconds_bucket{le="1"} 133988
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# Finally a summary, which has a complex representation, too:
# HELP rpc_duration_seconds A summary of the RPC duration in seconds.
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds{quantile="0.99"} 76656
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
`;

describe("Prometheus' text format", () => {
  it('is read as its own page writes it', () => {
    const found = families(fromThePage);
    expect(found.map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
      ['http_requests_total', 'counter', 2],
      ['msdos_file_access_time_seconds', 'unknown', 1],
      ['metric_without_timestamp_and_labels', 'unknown', 1],
      ['something_weird', 'unknown', 1],
      ['http_request_duration_seconds', 'histogram', 8],
      ['rpc_duration_seconds', 'summary', 4],
    ]);
    expect(found[0]).toMatchObject({ help: 'The total number of HTTP requests.' });
    // Labels are a set: their order on the page is none.
    expect(found[0]?.samples[0]).toEqual({
      name: 'http_requests_total',
      labels: [
        ['code', '200'],
        ['method', 'post'],
      ],
      value: 1027,
      text: '1027',
      at: 1_395_066_363_000,
    });
    expect(found[1]?.samples[0]?.labels).toEqual([
      ['error', 'Cannot find file:\n"FILE.TXT"'],
      ['path', 'C:\\DIR\\FILE.TXT'],
    ]);
    expect(found[3]?.samples[0]).toMatchObject({ value: Number.POSITIVE_INFINITY, at: -3_982_045 });
  });

  it.each([
    ['  a \t { x = "1" , y = "2" , }\t 3 \t 4  ', 3],
    ['a{} 1', 1],
    ['a:b:c_9 -1.5E-3', -0.0015],
    ['a .5', 0.5],
    ['a 5.', 5],
    ['a NaN', Number.NaN],
    ['a nan', Number.NaN],
    ['a -Inf', Number.NEGATIVE_INFINITY],
    ['a Infinity', Number.POSITIVE_INFINITY],
    ['a 1e999', Number.POSITIVE_INFINITY],
    ['a{x="a,b}c=\\"d"} 7', 7],
    ['a{x="\\q\\\\"} 7', 7],
  ])('takes the sample %s', (line, value) => {
    expect(sampleOf(line)?.value).toBe(value);
  });

  it.each([
    'a',
    'a ',
    'a x',
    'a 1x',
    'a 1 2 3',
    'a 1 1.5',
    'a 1_000',
    'a 0x1.8p1',
    'a{x="1" 1',
    'a{x="1} 1',
    'a{x=1} 1',
    'a{x} 1',
    'a{="1"} 1',
    'a{1x="1"} 1',
    'a{x="1" y="2"} 1',
    'a{,} 1',
    'a{x="1",x="2"} 1',
    '9a 1',
    '{x="1"} 1',
    'ä 1',
    '<html>',
    '# TYPE a wrong',
    '# HELP 9a text',
    '# TYPE',
  ])('takes no page with the line %s', (line) => {
    expect(read(`b 1\n${line}\nc 1\n`)).toMatchObject({ ok: false, line: 2 });
  });

  it('is cut where its last line has no end: its number may lack digits', () => {
    expect(read('a 1\nb 12')).toMatchObject({ ok: false, line: 2, why: expect.stringContaining('cut') });
    expect(read('a 1\nb{x="')).toMatchObject({ ok: false });
    expect(read('a 1\n# a com')).toMatchObject({ ok: false });
    expect(read('a 1\r\n')).toMatchObject({ ok: true });
    expect(read('')).toMatchObject({ ok: true, families: [] });
  });

  it('gives a sample to the family of its own name before one that would take it for a part', () => {
    const text = '# TYPE a histogram\n# TYPE a_count gauge\na_bucket{le="+Inf"} 1\na_count 1\na_sum 2\na_extra 3\n';
    expect(families(text).map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
      ['a', 'histogram', 2],
      ['a_count', 'gauge', 1],
      ['a_extra', 'unknown', 1],
    ]);
  });

  it('reads comments, blank lines, carriage returns and unknown keywords for what they are', () => {
    const text = '#\n# anything {\n\n  \n#HELP a b\r\n# UNIT a s\na 1\r\n# TYPE a counter\n';
    expect(families(text)).toMatchObject([{ name: 'a', type: 'unknown', help: 'b', unit: null }]);
  });
});

describe('OpenMetrics', () => {
  const page = `# TYPE acme_http_router_request_seconds summary
# UNIT acme_http_router_request_seconds seconds
# HELP acme_http_router_request_seconds Latency though all of ACME's HTTP "request" router\\n.
acme_http_router_request_seconds_sum{path="/api/v1",method="GET"} 9036.32
acme_http_router_request_seconds_count{path="/api/v1",method="GET"} 807283.0
acme_http_router_request_seconds_created{path="/api/v1",method="GET"} 1605281325.0
# TYPE go_goroutines gauge
go_goroutines 69
# TYPE process_cpu_seconds counter
process_cpu_seconds_total 4.20072246e+06 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67 1520879606.1
# TYPE build info
build_info{version="1"} 1
# TYPE state stateset
state{state="up"} 1
# EOF
`;

  it('is read with its times in seconds, its exemplars checked, and counters under the name they are asked for', () => {
    const found = families(page, 'openmetrics');
    expect(found.map(({ name, type, unit }) => [name, type, unit])).toEqual([
      ['acme_http_router_request_seconds', 'summary', 'seconds'],
      ['go_goroutines', 'gauge', null],
      ['process_cpu_seconds_total', 'counter', null],
      ['build', 'info', null],
      ['state', 'stateset', null],
    ]);
    expect(found[0]?.help).toBe('Latency though all of ACME\'s HTTP "request" router\n.');
    expect(found[2]?.samples).toMatchObject([{ value: 4_200_722.46, at: 1_520_879_607_789, labels: [] }]);
  });

  it.each([
    ['cut before its end', page.replace('# EOF\n', '')],
    ['cut in its end', page.slice(0, -3)],
    ['with more behind its end', `${page}a 1\n`],
    ['with an exemplar without an end', page.replace('"} 0.67', ' 0.67')],
    ['with an exemplar without a value', page.replace('0.67 1520879606.1', '')],
    ['empty', ''],
  ])('is no page %s', (_, text) => {
    expect(read(text, 'openmetrics')).toMatchObject({ ok: false });
  });

  it('is whole without a line feed behind its # EOF', () => {
    expect(read(page.trimEnd(), 'openmetrics')).toMatchObject({ ok: true });
  });
});

describe('a hostile page', () => {
  it('is bounded in samples and families, and what is left out is counted', () => {
    const lines = Array.from({ length: 30 }, (_, at) => `m${at % 10}{n="${at}"} 1\n`).join('');
    expect(readExposition(lines, 'text', { samples: 12, families: 4, lines: 100 })).toMatchObject({
      ok: true,
      left: 18,
    });
    const found = readExposition(lines, 'text', { samples: 1000, families: 4, lines: 100 });
    expect(found.ok && found.families.map(({ samples }) => samples.length)).toEqual([3, 3, 3, 3]);
    expect(readExposition(lines, 'text', { samples: 1000, families: 20, lines: 8 })).toMatchObject({ left: 22 });
  });

  it.each([
    ['one name', 'a'.repeat(2_000_000)],
    ['one label value of escapes', `a{x="${'\\\\'.repeat(1_000_000)}`],
    ['one number', `a ${'1'.repeat(2_000_000)}`],
    ['blanks', ' '.repeat(2_000_000)],
    ['braces', 'a{'.repeat(1_000_000)],
    ['comment marks', '#'.repeat(2_000_000)],
    ['many lines', 'a 1\n'.repeat(500_000)],
    ['many blank lines', '\n'.repeat(2_000_000)],
    ['many labels', `a{${'x="1",'.repeat(300_000)}} 1\n`],
    ['a long help', `# HELP a ${'\\n'.repeat(1_000_000)}\n`],
  ])('is read to its end, or refused, in one go: %s', (_, text) => {
    expect(typeof read(text, 'text').ok).toBe('boolean');
  });
});
