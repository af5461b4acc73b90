import { describe, expect, it } from 'vitest';
import { sourceSchema } from '../../../shared/source';
import { addressFor, draftOf, fieldOf, fieldsOf } from './draft';

describe('draftOf', () => {
  const fields = { name: ' Orders ', url: ' https://feeds.test/orders ', intervalSeconds: 30 };

  it('leaves the ladder of known protocols to main', () => {
    expect(draftOf({ ...fields, kind: 'auto' }, null)).toEqual({
      name: 'Orders',
      url: 'https://feeds.test/orders',
      protocol: 'auto',
    });
  });

  it('leaves the name to main where there is none', () => {
    expect(draftOf({ ...fields, name: ' ', kind: 'auto' }, null).name).toBe('');
  });

  it('reads what was found as it was found, with the interval that was entered', () => {
    const ladder = [
      { transport: 'sse', url: 'https://feeds.test/orders/sse', intervalSeconds: 5 },
      { transport: 'poll', url: 'https://feeds.test/orders', intervalSeconds: 5 },
    ] as const;
    const draft = draftOf({ ...fields, kind: 'found' }, { url: fields.url, protocol: 'json', ladder });
    expect(draft.protocol).toBe('json');
    expect(draft.ladder?.map(({ intervalSeconds }) => intervalSeconds)).toEqual([5, 30]);
    expect(fieldsOf({ name: 'A', url: fields.url, protocol: 'json', ladder: [...ladder] }).kind).toBe('found');
    const moved = { ...fields, url: 'https://feeds.test/other', kind: 'found' as const };
    expect(draftOf(moved, { url: fields.url, protocol: 'json', ladder }).ladder?.map((rung) => rung.url)).toEqual([
      'https://feeds.test/orders/sse',
      'https://feeds.test/other',
    ]);
    expect(draftOf({ ...fields, kind: 'found' }, null).protocol).toBe('auto');
  });

  it('makes a one-rung ladder of a single transport, with its scheme', () => {
    expect(draftOf({ ...fields, kind: 'websocket' }, null).ladder).toEqual([
      { transport: 'websocket', url: 'wss://feeds.test/orders' },
    ]);
    expect(draftOf({ ...fields, kind: 'poll' }, null).ladder).toEqual([
      { transport: 'poll', url: 'https://feeds.test/orders', intervalSeconds: 30 },
    ]);
  });

  it('behaviour 44: edits what was told from an address as that, not as a choice', () => {
    const url = 'https://feeds.test/events';
    const chosen = sourceSchema.parse({
      id: 'a',
      name: 'A',
      url,
      protocol: 'json',
      ladder: [{ transport: 'sse', url }],
    });
    expect(fieldsOf({ ...chosen, inferred: true }).kind).toBe('auto');
    expect(fieldsOf(chosen).kind).toBe('sse');
  });

  it('does not touch an address it does not know', () => {
    expect(addressFor('ftp://x', 'sse')).toBe('ftp://x');
    expect(addressFor('ws://x', 'sse')).toBe('http://x');
  });

  it('finds the field of an error', () => {
    expect(['name', 'url', 'ladder.0.url', 'ladder.0.intervalSeconds', 'protocol', 'other'].map(fieldOf)).toEqual([
      'name',
      'url',
      'url',
      'intervalSeconds',
      'kind',
      null,
    ]);
  });
});
