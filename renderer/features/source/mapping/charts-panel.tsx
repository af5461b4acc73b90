import { useMemo } from 'react';
import type { Recipe } from '../../../../shared/recipe';
import { readable } from '../../../ui/format/number';
import { visible } from '../../../ui/format/visible';
import { Panel } from '../../../ui/panel';
import styles from './mapping.module.css';
import { familiesOf, type PreviewChart, type PreviewLine, previewOf } from './preview';
import type { SampleMessage } from './samples';

interface ChartsPanelProps {
  readonly messages: readonly SampleMessage[];
  readonly recipe: Recipe;
  /** The messages are families of a page of metrics, which need no recipe. */
  readonly families?: boolean;
  /** Said where the recipe names no number. */
  readonly otherwise: string;
}

/** Charts that are shown; the names of the rest follow. */
const shownCharts = 4;

/** What will be charted, with what the samples hold of it. */
export function ChartsPanel({ messages, recipe, families = false, otherwise }: ChartsPanelProps) {
  const charts = useMemo(() => {
    const bodies = messages.map(({ body }) => body);
    return families ? familiesOf(bodies) : previewOf(recipe, bodies);
  }, [recipe, messages, families]);
  const split = recipe.labels.map(({ name }) => name).join(', ');
  return (
    <Panel title="What will be charted" aside={split === '' ? null : `one line for each ${split}`}>
      {charts.length === 0 ? <p className={styles.note}>{visible(otherwise)}</p> : null}
      <ul className={styles.charts}>
        {charts.slice(0, shownCharts).map((chart) => (
          <Chart key={chart.name} chart={chart} />
        ))}
      </ul>
      {charts.length > shownCharts ? (
        <p className={styles.note}>
          And {charts.length - shownCharts} more:{' '}
          {visible(
            charts
              .slice(shownCharts)
              .map(({ name }) => name)
              .join(', '),
          )}
        </p>
      ) : null}
    </Panel>
  );
}

function Chart({ chart }: { readonly chart: PreviewChart }) {
  const { name, unit, counter, later = false, lines, more } = chart;
  return (
    <li className={styles.chart}>
      <span className={styles.chartName}>
        <strong>{visible(name)}</strong>
        {unit === '' ? '' : ` ${visible(unit)}`}
        {counter ? ', per second' : ''}
      </span>
      <Lines lines={lines} />
      <span className={styles.numbers}>
        {lines.length === 0 ? (later ? 'from the second scrape on' : 'not in these samples') : null}
        {lines.map(({ label, points }, at) => (
          <span key={label} data-series={at + 1}>
            {label === '' ? '' : `${visible(label.slice(0, 40))} `}
            <strong>{lastOf(points)}</strong>
            {counter ? ' so far' : ''}
          </span>
        ))}
        {more > 0 ? <span>and {more} more</span> : null}
      </span>
    </li>
  );
}

function lastOf(points: PreviewLine['points']): string {
  const last = points.findLast((point) => point !== null);
  return last === undefined || last === null ? '–' : readable(last);
}

const width = 120;
const height = 22;

/** The samples of a number as lines, over each other; a single one is a dot. Its figures stand beside it. */
function Lines({ lines }: { readonly lines: readonly PreviewLine[] }) {
  const all = lines.flatMap(({ points }) => points.filter((point) => point !== null));
  const low = Math.min(...all);
  const span = Math.max(...all) - low || 1;
  const x = (at: number, count: number): number => (count < 2 ? width / 2 : 2 + (at / (count - 1)) * (width - 4));
  const y = (value: number): number => height - 3 - ((value - low) / span) * (height - 6);
  return (
    <svg className={styles.lines} viewBox={`0 0 ${width} ${height}`} aria-hidden="true" focusable="false">
      {lines.map(({ label, points }, nth) => {
        const drawn = points.flatMap((point, at) =>
          point === null ? [] : [[x(at, points.length), y(point)] as const],
        );
        const [first] = drawn;
        return (
          <g key={label} data-series={nth + 1}>
            <polyline points={drawn.map(([left, top]) => `${left.toFixed(1)},${top.toFixed(1)}`).join(' ')} />
            {drawn.length === 1 && first ? <circle cx={first[0]} cy={first[1]} r="2" /> : null}
          </g>
        );
      })}
    </svg>
  );
}
