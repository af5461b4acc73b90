import { describe, expect, it } from 'vitest';
import { addressFor, draftOf, fieldOf } from './draft';

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
