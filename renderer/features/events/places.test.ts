import { describe, expect, it } from 'vitest';
import type { EventRow } from '../../../shared/event';
import type { TailItem } from '../../store/tail-items';
import { localTime, numberingsOf, seqOf } from './places';

const event = (stream: string, epoch: string | null, seq: number | null): TailItem => ({
  kind: 'event',
  row: { stream, epoch, seq } as EventRow,
});

describe('going to a place', () => {
  it('reads a number as people write it', () => {
    expect(['1204', ' seq:1204', 'SEQ: 1,204', '1 204'].map(seqOf)).toEqual([1204, 1204, 1204, 1204]);
    expect(['', 'seq:', '-1', '1.5', 'abc', '99999999999999999999'].map(seqOf)).toEqual(Array(6).fill(null));
  });

  it('offers the numberings on screen, the newest first, and none of a feed without numbers', () => {
    const items = [event('a', 'e1', 1), event('b', 'e1', 1), event('a', 'e2', 1), event('b', 'e1', 2)];
    expect(numberingsOf(items)).toEqual([
      { stream: 'b', epoch: 'e1' },
      { stream: 'a', epoch: 'e2' },
      { stream: 'a', epoch: 'e1' },
    ]);
    expect(numberingsOf([event('a', null, null), { kind: 'hole', after: 1, before: 4 }])).toEqual([]);
  });

  it('writes local time as a date-time field reads it back', () => {
    const at = 1_772_370_607_000;
    expect(Date.parse(localTime(at))).toBe(at);
  });
});
