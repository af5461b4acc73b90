import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventStreamParser } from './event-stream-parser';

/** Everything a parser reports, with the stream cut after each length in `cuts`, over and over. */
function parse(bytes: Uint8Array, cuts: readonly number[], limit = 1_000_000) {
  const log: unknown[] = [];
  const parser = createEventStreamParser(limit, null, {
    onMessage: ({ event, data, id }) => log.push([event, data, id]),
    onId: (id) => log.push(['id', id]),
    onComment: () => log.push('comment'),
    onRetry: (ms) => log.push(['retry', ms]),
    onTooLarge: () => log.push('too large'),
  });
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = cuts[n % cuts.length] ?? 1;
    parser.feed(bytes.subarray(at, at + size));
    at += size;
  }
  return log;
}

describe('event stream parser', () => {
  it('behaviour 23: where the stream is cut changes nothing', () => {
    const line = fc.constantFrom(
      'data: é😀',
      'data',
      'data:',
      'id: 1',
      'id',
      'id:2',
      'event: x',
      ': c',
      'retry: 5',
      '',
      '',
      'junk',
      '\u2028id: 9',
    );
    const end = fc.constantFrom('\n', '\r\n', '\r');
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.tuple(line, end)), cuts, (lines, sizes) => {
        const bytes = Buffer.from(`\ufeff${lines.map((pair) => pair.join('')).join('')}`);
        // A lone CR before LF is one line end: both readings of the same bytes agree on that.
        expect(parse(bytes, sizes)).toEqual(parse(bytes, [bytes.length + 1]));
      }),
    );
  });

  it('behaviour 23: a BOM cut in three is still a BOM', () => {
    expect(parse(Buffer.from('\ufeffid:2\n\n'), [1])).toEqual([['id', '2']]);
  });

  it('a line that ends in CR counts at once', () => {
    expect(parse(Buffer.from('data: a\r\r'), [1])).toEqual([[null, 'a', null]]);
  });

  it('U+2028 is no line end', () => {
    expect(parse(Buffer.from('data: a\u2028id: 5\n\n\u2028id: 6\n\n'), [3])).toEqual([[null, 'a\u2028id: 5', null]]);
  });

  it('an id with NUL does not count, an empty one does', () => {
    expect(parse(Buffer.from('id: 1\n\nid: 2\0\n\nid\n\n'), [4])).toEqual([
      ['id', '1'],
      ['id', ''],
    ]);
  });

  it('stays within its limit: one line without end, many lines without end, many bytes at once', () => {
    const long = Buffer.alloc(5000, 'x');
    expect(parse(Buffer.concat([Buffer.from('data: '), long]), [100], 1000)).toEqual(['too large']);
    expect(parse(Buffer.from('data: 0123456789\n'.repeat(200)), [17], 1000)).toEqual(['too large']);
    expect(parse(Buffer.from(': 0123456789\n'.repeat(200)), [17], 1000)).toHaveLength(200);
  });
});
