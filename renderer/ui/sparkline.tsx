import type { Tone } from './badges';
import styles from './sparkline.module.css';

const width = 300;
const height = 40;

interface SparklineProps {
  /** Oldest first; null where the source was not live. */
  readonly values: readonly (number | null)[];
  readonly tone: Tone | 'accent' | 'past';
  /** Own causes (asleep, no network, paused) are hatched, the server's are tinted. */
  readonly own: boolean;
}

/** Events per second of the last minute. Time that was not live is a hole with a ground of its own, never a line. */
export function Sparkline({ values, tone, own }: SparklineProps) {
  const top = Math.max(1e-9, ...values.map((value) => value ?? 0)) * 1.12;
  const step = width / Math.max(1, values.length - 1);
  const y = (value: number): number => height - 1 - (value / top) * (height - 3);
  const point = (value: number, index: number): string => `${(index * step).toFixed(1)} ${y(value).toFixed(1)}`;
  const runs = runsOf(values);
  const lines = runs.filter((run) => run.live);
  const line = lines.map((run) => `M${run.points.map(([index, value]) => point(value, index)).join('L')}`).join('');
  const area = lines.map(({ points, from, to }) => {
    const body = points.map(([index, value]) => point(value, index)).join('L');
    return `M${(from * step).toFixed(1)} ${height}L${body}L${(to * step).toFixed(1)} ${height}Z`;
  });
  return (
    <svg
      className={styles.spark}
      data-tone={tone}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {runs
        .filter((run) => !run.live)
        .map((run) => (
          <rect
            key={run.from}
            className={run.from === 0 ? styles.before : own ? styles.own : styles.hole}
            x={Math.max(0, (run.from - 0.5) * step)}
            width={(run.to - run.from + 1) * step}
            y="0"
            height={height}
          />
        ))}
      <path className={styles.area} d={area.join('')} />
      <path className={styles.line} d={line} />
    </svg>
  );
}

interface Run {
  readonly live: boolean;
  readonly from: number;
  to: number;
  readonly points: [number, number][];
}

function runsOf(values: readonly (number | null)[]): readonly Run[] {
  const runs: Run[] = [];
  values.forEach((value, index) => {
    const last = runs.at(-1);
    const run = last?.live === (value !== null) ? last : { live: value !== null, from: index, to: index, points: [] };
    if (run !== last) runs.push(run);
    run.to = index;
    if (value !== null) run.points.push([index, value]);
  });
  return runs;
}
