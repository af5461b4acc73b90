import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { StateSpan } from '../../../shared/meters';
import { Ribbon, stretchesOf } from './ribbon';

const now = 1_700_000_000_000;
const minute = 60_000;
const span = (ago: number, endAgo: number | null, state: StateSpan['state'], sinceAgo = ago): StateSpan => ({
  start: now - ago,
  end: endAgo === null ? null : now - endAgo,
  state,
  rung: 0,
  text: 'Why.',
  since: now - sinceAgo,
});
const labels = (spans: readonly StateSpan[]): readonly string[] => {
  const html = renderToStaticMarkup(<Ribbon spans={spans} from={now - 5 * minute} to={now} tick={minute} />);
  const row = /<div class="[^"]*labels[^"]*"[^>]*>(.*?)<\/div>/.exec(html)?.[1] ?? '';
  return [...row.matchAll(/<span[^>]*>([^<]*)<\/span>/g)].map((match) => match[1] ?? '');
};

describe('the ribbon', () => {
  it('promise 17: labels a span with its length, not with the part that is shown', () => {
    expect(labels([span(5 * minute, null, 'live', 10 * minute)])).toEqual(['Live 10 min']);
  });

  it('promise 17: tells attempts that failed one after the other as one trouble since its beginning', () => {
    const spans = [
      span(5 * minute, 3 * minute, 'live', 20 * minute),
      span(3 * minute, 2.9 * minute, 'connecting'),
      span(2.9 * minute, 1 * minute, 'waiting', 3 * minute),
      span(1 * minute, null, 'connecting', 3 * minute),
    ];
    expect(labels(spans)).toEqual(['Live 17 min', 'Down 3 min']);
    expect(stretchesOf(spans)).toHaveLength(2);
  });

  it('promise 25: does not call the opening of a source trouble', () => {
    expect(
      labels([{ ...span(4 * minute, 2 * minute, 'connecting'), excused: true }, span(2 * minute, null, 'live')]),
    ).toEqual(['Connecting 2 min', 'Live 2 min']);
  });
});
