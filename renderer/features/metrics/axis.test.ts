import { describe, expect, it } from 'vitest';
import { niceScale } from './axis';

describe('niceScale', () => {
  it('starts at zero and ends on a round number', () => {
    expect(niceScale(90, 121, 'ms')).toEqual({ low: 0, high: 150, ticks: [0, 50, 100, 150] });
    expect(niceScale(0, 0.34, 'events/s').high).toBe(0.4);
  });

  it('steps bytes in powers of two', () => {
    expect(niceScale(0, 7 * 1024 ** 3, 'B').ticks).toEqual([0, 5, 10].map((size) => size * 1024 ** 3));
  });

  it('shows a flat zero as a line at the bottom, and negative values too', () => {
    expect(niceScale(0, 0, 'count').ticks).toEqual([0, 1, 2, 3]);
    expect(niceScale(0, 0, 'events/s')).toMatchObject({ low: 0, high: 1 });
    expect(niceScale(-40, 20, '°C').low).toBeLessThanOrEqual(-40);
  });
});
