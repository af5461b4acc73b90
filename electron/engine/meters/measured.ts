import { longestSeriesName, measureSeries } from '../../../shared/series-name';
import type { Measure, Measured } from '../core/protocol';
import type { MeterLimits } from './limits';
import type { SeriesTable } from './series';

const refused = -1;

/**
 * Numbers that a protocol or a recipe names itself, with what tells them apart. Number of series and length of their names
 * are bounded: what comes after is counted, not measured.
 */
export class MeasuredSeries {
  private readonly indexes = new Map<string, number>();
  private left: number;
  /** Numbers not measured because there were too many series, or their names were too long. */
  refused = 0;

  constructor(
    limits: Pick<MeterLimits, 'measuredSeries'>,
    private readonly table: SeriesTable,
  ) {
    this.left = limits.measuredSeries;
  }

  observe({ type, measures }: Measured): void {
    for (const measure of measures) this.one(type, measure);
  }

  private one(type: string, measure: Measure): void {
    const { value } = measure;
    if (!Number.isFinite(value)) return;
    const series = measureSeries(type, measure);
    const index = this.indexes.get(series) ?? this.begin(series);
    if (index === refused) this.refused += 1;
    else this.table.observe(index, value);
  }

  private begin(series: ReturnType<typeof measureSeries>): number {
    if (this.left <= 0 || series.length > longestSeriesName) return refused;
    this.left -= 1;
    const index = this.table.index(series);
    this.indexes.set(series, index);
    return index;
  }
}
