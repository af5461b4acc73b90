/** Least width and height of a card, the most it grows to, and the space between two, px. */
export const card = { width: 320, height: 176, mostWidth: 600, mostHeight: 340, gap: 12 } as const;

export interface CardLayout {
  readonly columns: number;
  /** Of each card, px. */
  readonly height: number;
}

/**
 * How so many cards are laid out in so much room, px. Many take as many columns as fit. Few take what there is: of the
 * numbers of columns with which no card is out of sight, the one that leaves the fewest places empty, then the one with the larger cards.
 */
export function cardLayout(count: number, width: number, height: number): CardLayout {
  const most = columnsOf(width, card.width);
  const wide = Math.min(most, Math.ceil((width + card.gap) / (card.mostWidth + card.gap)));
  let best: CardLayout = { columns: most, height: card.height };
  let fewest = Number.POSITIVE_INFINITY;
  for (let columns = Math.max(1, wide); columns <= most; columns += 1) {
    const rows = Math.ceil(count / columns);
    const each = Math.floor((height + card.gap) / rows) - card.gap;
    if (rows === 0 || each < card.height) continue;
    const empty = rows * columns - count;
    if (empty >= fewest) continue;
    fewest = empty;
    best = { columns, height: Math.min(card.mostHeight, each) };
  }
  return best;
}

function columnsOf(width: number, each: number): number {
  return Math.max(1, Math.floor((width + card.gap) / (each + card.gap)));
}
