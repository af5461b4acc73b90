import { describe, expect, it } from 'vitest';
import { card, cardLayout } from './card-layout';

describe('cardLayout', () => {
  it('hostile 16: ten cards use the room of a wide screen', () => {
    const { columns, height } = cardLayout(10, 2300, 1280);
    expect(columns).toBe(5);
    expect(height).toBe(card.mostHeight);
  });

  it('takes as many columns as fit where not all can be seen at once', () => {
    expect(cardLayout(200, 2300, 1280)).toEqual({ columns: 6, height: card.height });
    expect(cardLayout(200, 1030, 640)).toEqual({ columns: 3, height: card.height });
  });

  it('never makes a card wider than reads well, nor lower than its content', () => {
    for (const width of [300, 640, 1030, 1700, 2300, 3600]) {
      for (const height of [100, 640, 1280, 2000]) {
        for (let count = 0; count <= 40; count += 1) {
          const layout = cardLayout(count, width, height);
          const each = (width - card.gap * (layout.columns - 1)) / layout.columns;
          expect(layout.height).toBeGreaterThanOrEqual(card.height);
          expect(layout.height).toBeLessThanOrEqual(card.mostHeight);
          if (width >= card.width) expect(each).toBeGreaterThanOrEqual(card.width);
          // Where two do not fit beside each other, one takes all.
          if (width >= 2 * card.width + card.gap) expect(each).toBeLessThanOrEqual(card.mostWidth);
        }
      }
    }
  });

  it('leaves the fewest places empty', () => {
    expect(cardLayout(4, 1030, 640).columns).toBe(2);
    expect(cardLayout(3, 1030, 640).columns).toBe(3);
    expect(cardLayout(1, 1030, 640).columns).toBe(2);
  });
});
