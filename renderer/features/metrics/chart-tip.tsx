import { quantityText } from '../../ui/format/number';
import { clock, clockMinutes } from '../../ui/format/time';
import type { ChartRow, ChartSeries } from './chart-data';
import styles from './time-chart.module.css';
import { inUnit, type Unit } from './units';

interface ChartTipProps {
  readonly series: readonly ChartSeries[];
  readonly unit: Unit;
  /** Width of a cell, ms. */
  readonly width: number;
  /** Set by Recharts. */
  readonly active?: boolean;
  readonly payload?: readonly { readonly payload?: ChartRow }[];
}

/** What the cross-hair points at, in every chart of the page at once. */
export function ChartTip({ series, unit, width, active, payload }: ChartTipProps) {
  const row = payload?.[0]?.payload;
  if (active !== true || row === undefined) return null;
  return (
    <div className={styles.tip}>
      <time>{cellTime(row.t, width)}</time>
      <dl>
        {series.map(({ name, label, colour }, index) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>
              <i style={{ background: colour }} />
              {label}
            </dt>
            <dd>{quantityText(inUnit(row[`v${index}`] ?? null, unit))}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** The time a cell begins. */
function cellTime(at: number, width: number): string {
  const start = at - width / 2;
  return width >= 60_000 ? clockMinutes(start) : clock(start);
}
