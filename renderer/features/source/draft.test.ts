import { describe, expect, it } from 'vitest';
import { sourceSchema } from '../../../shared/source';
import { addressFor, draftOf, fieldOf, fieldsOf } from './draft';

describe('draftOf', () => {
  const fields = { name: ' Orders ', url: ' https://feeds.test/orders ', intervalSeconds: 30 };

  it('leaves the ladder of known protocols to main', () => {
    expect(draftOf({ ...fields, kind: 'auto' })).toEqual({
      name: 'Orders',
      url: 'https://feeds.test/orders',
      protocol: 'auto',
    });
  });

  it('calls a source without a name as its address suggests', () => {
    expect(draftOf({ ...fields, name: ' ', kind: 'auto' }).name).toBe('feeds.test');
    expect(draftOf({ ...fields, name: '', url: 'nowhere', kind: 'auto' }).name).toBe('');
  });

  it('makes a one-rung ladder of a single transport, with its scheme', () => {
    expect(draftOf({ ...fields, kind: 'websocket' }).ladder).toEqual([
      { transport: 'websocket', url: 'wss://feeds.test/orders' },
    ]);
    expect(draftOf({ ...fields, kind: 'poll' }).ladder).toEqual([
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
