import { longestSeriesName, seriesName } from '../../../../shared/series-name';
import type { Family } from './exposition';
import type { Group } from './groups';

/** Series that are charted of one feed at once, and scrapes after which one that is gone makes room. */
const mostSeries = 800;
const missedScrapes = 10;
/** Room for what a measure adds to the name of its family, characters: `.p99.9`, a unit. */
const measureRoom = 24;

interface Kept {
  readonly series: number;
  missed: number;
}

/**
 * Which sets of labels are charted, where a page has more than can be: of each family its greatest, then of each the next,
 * until there is no room. What is charted once stays, or every chart would have holes: it makes room when it is gone.
 */
export class Chosen {
  private readonly kept = new Map<string, Kept>();
  private spent = 0;

  constructor(private readonly most = mostSeries) {}

  /** What of these is charted, each with its family, and how many series are not. */
  choose(
    families: readonly Family[],
    groups: readonly (readonly Group[])[],
  ): { readonly charted: readonly { readonly type: string; readonly group: Group }[]; readonly left: number } {
    for (const kept of this.kept.values()) kept.missed += 1;
    const charted: { readonly type: string; readonly group: Group }[] = [];
    const waiting: { readonly type: string; readonly groups: readonly Group[] }[] = [];
    let left = 0;
    families.forEach(({ name: type }, index) => {
      const fresh: Group[] = [];
      for (const group of groups[index] ?? []) {
        const kept = this.kept.get(group.key);
        if (kept === undefined) fresh.push(group);
        else if (kept.missed > 0) {
          // A second one of the same labels is a mistake of the page.
          kept.missed = 0;
          charted.push({ type, group });
        }
      }
      if (fresh.length > 0) waiting.push({ type, groups: fresh });
    });
    this.drop();
    if (waiting.length > 0 && this.spent < this.most) {
      const sorted = waiting.map(({ type, groups: fresh }) => ({ type, groups: [...fresh].sort(greatestFirst) }));
      const longest = Math.max(...sorted.map(({ groups: fresh }) => fresh.length));
      for (let rank = 0; rank < longest && this.spent < this.most; rank += 1) {
        for (const { type, groups: fresh } of sorted) {
          const group = fresh[rank];
          if (group === undefined || !this.take(type, group)) continue;
          charted.push({ type, group });
        }
      }
    }
    for (const { groups: fresh } of waiting) {
      for (const { key, series } of fresh) if (!this.kept.has(key)) left += series;
    }
    return { charted, left };
  }

  private take(type: string, { key, series, measures }: Group): boolean {
    if (this.kept.has(key) || this.spent + series > this.most) return false;
    // Too long a name is refused by whoever keeps the series; it is known here once it has a value.
    const labels = measures[0]?.labels ?? [];
    if (seriesName(type, '', labels).length + measureRoom > longestSeriesName) return false;
    if (key.length > longestSeriesName) return false;
    this.kept.set(key, { series, missed: 0 });
    this.spent += series;
    return true;
  }

  private drop(): void {
    for (const [key, { series, missed }] of this.kept) {
      if (missed <= missedScrapes) continue;
      this.kept.delete(key);
      this.spent -= series;
    }
  }
}

function greatestFirst(a: Group, b: Group): number {
  return rankOf(b) - rankOf(a);
}

/** What is no number comes last; infinities would not compare. */
function rankOf({ weight }: Group): number {
  return Number.isNaN(weight) ? -Number.MAX_VALUE : Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, weight));
}
