import { describe, expect, it } from 'vitest';
import { evictedBy, exceeding, keepOf } from './keep-text';

describe('limits of what is kept', () => {
  it('are numbers within reason, or say what is wrong', () => {
    expect(keepOf('7', '512')).toEqual({ keep: { days: 7, megabytes: 512 } });
    expect(keepOf('0,5', ' 1 ')).toEqual({ keep: { days: 0.5, megabytes: 1 } });
    expect(keepOf('', '1')).toEqual({ error: 'Days: write a number.' });
    expect(keepOf('1', 'much')).toEqual({ error: 'MiB: write a number.' });
    expect(keepOf('1', '0')).toEqual({ error: 'MiB: At least 1 MiB.' });
  });

  it('name what goes when they are tighter, and nothing when they are not', () => {
    const before = { days: 30, megabytes: 1024 };
    expect(evictedBy(before, { days: 31, megabytes: 1024 })).toBeNull();
    expect(evictedBy(before, { days: 7, megabytes: 1024 })).toBe('events older than 7 d are removed, for good');
    expect(evictedBy(before, { days: 7, megabytes: 10 })).toBe(
      'events older than 7 d and the oldest ones beyond 10 MiB are removed, for good',
    );
  });

  it('name the sources of which something goes at once', () => {
    const day = 86_400_000;
    const of = (name: string, bytes: number, oldestAt: number | null) => ({
      ...{ name, source: name, events: 1, bytes, oldestAt, evictedEvents: 0, evictedBytes: 0, keep: null },
    });
    const stored = [of('Small', 10, 99 * day), of('Large', 3 * 1024 * 1024, 99 * day), of('Old', 10, 90 * day)];
    expect(exceeding({ days: 7, megabytes: 2 }, [...stored, of('Empty', 0, null)], 100 * day)).toEqual([
      'Large',
      'Old',
    ]);
  });
});
