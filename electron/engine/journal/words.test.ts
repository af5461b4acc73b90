import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesSearch, parseSearch } from '../../../shared/search';
import { BlockEncoder } from './block-encoder';
import { BlockReader } from './block-reader';
import { event } from './samples';
import { scanBlock } from './scan';
import { filterOfBlock, mayHold, wordHashes } from './words';

const anything = { stream: null, epoch: null, type: null, since: null, before: null };

const bodies = fc.array(
  fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.constantFrom(
      '{"host":"web-1","percent":42.5,"n":127.0}',
      '{"host":"web-12","percent":1e3,"n":-5}',
      '{"Host" : "Web-1", "list":[1,{"host":"in/list"}]}',
      'upstream timed out',
      '{"loss": NaN, "n":127.0, "worst":-Infinity, "note":"NaN"}',
      'UPSTREAM TIMED-OUT naïve İstanbul',
      '',
      'time',
    ),
  ),
  { minLength: 1, maxLength: 12 },
);

const queries = fc.oneof(
  fc.constantFrom(
    'time',
    'timed',
    '"timed out"',
    'tim*',
    'web-1',
    '"web-1"',
    'host=web-1',
    'host=WEB-1',
    'percent=42.5',
    'percent=1000',
    'n=127',
    'loss=NaN',
    'worst=-infinity',
    'note=nan',
    'loss=null',
    'n=-5',
    'list.1.host=in/list',
    'list[1].host="in/list"',
    'type:cpu',
    'stream:metrics host',
    'naïve',
    'istanbul',
    'out u',
    'ab',
    'percent=',
    '"',
    '*',
    '=',
    '-',
  ),
  fc.string({ maxLength: 8 }),
);

describe('search in a block', () => {
  it('finds the events that match one by one, and the filter never hides one', () => {
    fc.assert(
      fc.property(bodies, queries, (texts, query) => {
        const encoder = new BlockEncoder();
        const events = texts.map((body, n) =>
          event(n, { body, id: n % 2 ? `id-${n}` : null, bytes: Buffer.byteLength(body) }),
        );
        for (const one of events) encoder.add(one);
        const block = encoder.finish();
        const reader = new BlockReader(block.head, block.text);
        const terms = parseSearch(query);
        const marks = scanBlock(reader, { terms, ...anything });
        const expected = events.map((one) => (matchesSearch({ ...one, body: String(one.body) }, terms) ? 1 : 0));
        expect(Array.from(marks ?? new Uint8Array(events.length))).toEqual(expected);
        if (expected.includes(1)) expect(mayHold(filterOfBlock(reader), wordHashes(terms))).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  it('hides most blocks that have no match', () => {
    const hashes = wordHashes(parseSearch('nosuchword'));
    let hidden = 0;
    for (let block = 0; block < 20; block++) {
      const encoder = new BlockEncoder();
      for (let n = 0; n < 512; n++) encoder.add(event(block * 512 + n));
      const { head, text } = encoder.finish();
      if (!mayHold(filterOfBlock(new BlockReader(head, text)), hashes)) hidden++;
    }
    expect(hidden).toBeGreaterThanOrEqual(18);
  });
});
