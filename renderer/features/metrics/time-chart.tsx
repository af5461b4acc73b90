import { memo, useId, useMemo } from 'react';
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ReferenceDot,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { gridEnd } from '../../store/cells';
import { clockMinutes } from '../../ui/format/time';
import { Panel } from '../../ui/panel';
import { timeTicks } from '../../ui/time-ticks';
import { niceScale } from './axis';
import { type ChartRow, type ChartSeries, extent, loneCells } from './chart-data';
import type { ChartFrame } from './chart-frame';
import { ChartTip } from './chart-tip';
import styles from './time-chart.module.css';
import { onAxis, type Unit } from './units';
import { useTurn } from './use-turn';

interface TimeChartProps {
  readonly title: string;
  /** What stands at the right end of the title line: the number now. */
  readonly now: string;
  readonly unit: Unit;
  readonly series: readonly ChartSeries[];
  /** Further lines that are not drawn. */
  readonly rest?: number;
  readonly frame: ChartFrame;
  readonly rows: readonly ChartRow[];
  readonly cells: Parameters<typeof extent>[0];
  /** Counts are steps, measures are lines. */
  readonly shape?: 'line' | 'steps';
}

type PlotProps = Pick<TimeChartProps, 'unit' | 'series' | 'frame' | 'rows' | 'cells'> & {
  readonly shape: NonNullable<TimeChartProps['shape']>;
};

const margin = { top: 6, right: 16, bottom: 0, left: 0 } as const;
const tick = { fontSize: 10.5, fill: 'var(--text-3)', fontFamily: 'var(--font-mono)' } as const;
const axisLine = { stroke: 'var(--line)' } as const;
const cursor = { stroke: 'var(--text-3)', strokeWidth: 1 } as const;
const still = { transition: 'none', outline: 'none' } as const;

/**
 * A chart over the time axis that all charts of the page share. Time that was not live is a tinted hole and no line
 * crosses it: tinted where the feed was down, hatched where this machine was away.
 */
export const TimeChart = memo(function TimeChart(props: TimeChartProps) {
  const { title, now, unit, series, rest = 0, frame, rows, cells, shape = 'line' } = props;
  const drawn = useTurn();
  return (
    <Panel title={title} aside={now} className={styles.panel}>
      <figure className={styles.chart} aria-label={`${title}: ${now}`}>
        {drawn ? <Plot unit={unit} series={series} frame={frame} rows={rows} cells={cells} shape={shape} /> : null}
        {isEmpty(cells) ? <p className={styles.nothing}>Nothing measured in this time</p> : null}
      </figure>
      {series.length > 1 ? (
        <ul className={styles.legend}>
          {series.map(({ name, label, colour, dash }) => (
            <li key={name}>
              <svg width="18" height="8" aria-hidden="true">
                <path
                  d="M0 4h18"
                  stroke={colour}
                  strokeWidth="2"
                  {...(dash === undefined ? {} : { strokeDasharray: dash })}
                />
              </svg>
              {label}
            </li>
          ))}
          {rest > 0 ? <li className={styles.rest}>and {rest} more, smaller</li> : null}
        </ul>
      ) : null}
    </Panel>
  );
});

/** What is drawn. Apart from what stands beside it: a number there changes far more often than a line, and drawing is what costs. */
const Plot = memo(function Plot({ unit, series, frame, rows, cells, shape }: PlotProps) {
  const { grid, holes, range } = frame;
  const hatch = useId();
  const end = gridEnd(grid);
  const scale = useMemo(() => {
    const { low, high } = extent(cells);
    return niceScale(low, high, unit);
  }, [cells, unit]);
  const ticks = useMemo(() => [...timeTicks(grid.from, end, range.tick)], [grid.from, end, range.tick]);
  const formatTime = useMemo(() => (at: number) => (at === end ? 'now' : clockMinutes(at)), [end]);
  const formatValue = useMemo(() => (value: number) => onAxis(value, unit), [unit]);
  const lone = useMemo(() => (shape === 'line' ? loneDots(series, cells, rows) : []), [shape, series, cells, rows]);
  const spread = shape === 'line' && series.length <= 2 && grid.width > 1000;
  const type = shape === 'steps' ? 'step' : 'linear';
  return (
    <ResponsiveContainer width="100%" height="100%" debounce={50}>
      <ComposedChart data={rows as ChartRow[]} margin={margin} syncId={frame.sync} accessibilityLayer={false}>
        <defs>
          <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="6" height="6" fill="var(--idle)" fillOpacity="0.1" />
            <rect width="1.5" height="6" fill="var(--idle)" fillOpacity="0.45" />
          </pattern>
        </defs>
        <CartesianGrid vertical={false} stroke="var(--line)" strokeDasharray="2 4" />
        {holes.map((hole) => (
          <ReferenceArea
            key={`${hole.kind}${hole.from}`}
            x1={hole.from}
            x2={hole.to}
            ifOverflow="hidden"
            stroke="none"
            fill={hole.kind === 'down' ? 'var(--bad)' : hole.kind === 'own' ? `url(#${hatch})` : 'var(--idle)'}
            fillOpacity={hole.kind === 'down' ? 0.16 : hole.kind === 'own' ? 1 : 0.12}
          />
        ))}
        <XAxis
          dataKey="t"
          type="number"
          domain={[grid.from, end]}
          allowDataOverflow
          ticks={ticks}
          interval={0}
          tickFormatter={formatTime}
          tick={tick}
          tickLine={false}
          axisLine={axisLine}
          height={20}
          tickMargin={4}
        />
        <YAxis
          domain={[scale.low, scale.high]}
          allowDataOverflow
          ticks={scale.ticks as number[]}
          interval={0}
          tickFormatter={formatValue}
          tick={tick}
          tickLine={false}
          axisLine={false}
          width={64}
        />
        <Tooltip
          content={<ChartTip series={series} unit={unit} width={grid.width} />}
          cursor={cursor}
          isAnimationActive={false}
          wrapperStyle={still}
        />
        {spread
          ? series.map(({ name, colour }, index) => (
              <Area
                key={`r${name}`}
                dataKey={`r${index}`}
                type="linear"
                stroke="none"
                fill={colour}
                fillOpacity={0.22}
                isAnimationActive={false}
                connectNulls={false}
                dot={false}
                activeDot={false}
                tooltipType="none"
              />
            ))
          : null}
        {series.map(({ name, label, colour, dash }, index) => (
          <Line
            key={name}
            dataKey={`v${index}`}
            name={label}
            type={type}
            stroke={colour}
            strokeWidth={1.4}
            {...(dash === undefined ? {} : { strokeDasharray: dash })}
            isAnimationActive={false}
            connectNulls={false}
            dot={false}
            activeDot={false}
          />
        ))}
        {lone.map(({ t, value, colour }) => (
          <ReferenceDot key={`${colour}${t}`} x={t} y={value} r={2.5} fill={colour} stroke="none" />
        ))}
      </ComposedChart>
    </ResponsiveContainer>
  );
});

/** Dots for single measurements, which a line alone would show as nothing. */
function loneDots(series: readonly ChartSeries[], cells: TimeChartProps['cells'], rows: readonly ChartRow[]) {
  return series.flatMap(({ colour }, number) => {
    const values = cells[number] ?? [];
    return loneCells(values).flatMap((index) => {
      const value = values[index]?.value;
      const t = rows[index]?.t;
      return value === undefined || t === undefined ? [] : [{ t, value, colour }];
    });
  });
}

function isEmpty(cells: TimeChartProps['cells']): boolean {
  return cells.every((series) => series.every((cell) => cell === null));
}
