import type { StateSpan } from '../../../shared/meters';
import { spanTone, spanWord } from '../../ui/badges';
import { durationText } from '../../ui/format/duration';
import { clockMinutes, fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { timeTicks } from '../../ui/time-ticks';
import styles from './state-panel.module.css';

interface RibbonProps {
  readonly spans: readonly StateSpan[];
  /** Ends of the axis, epoch ms. */
  readonly from: number;
  readonly to: number;
  readonly tick: number;
}

/** Share of the width, percent, from which on a span is labelled. */
const labelled = 14;

/** The state over time, to scale, with its words below where there is room. */
export function Ribbon({ spans, from, to, tick }: RibbonProps) {
  const percent = (at: number): number => ((Math.min(to, Math.max(from, at)) - from) / (to - from)) * 100;
  const shown = spans
    .map((span) => ({ span, left: percent(span.start), right: percent(span.end ?? to) }))
    .filter(({ left, right }) => right > left);
  return (
    <div>
      <ol className={styles.ribbon} aria-label="State over time">
        {shown.map(({ span, left, right }) => (
          <li
            key={span.start}
            className={styles.span}
            data-state={span.state}
            data-tone={spanTone(span.state)}
            style={{ left: `${left}%`, width: `${right - left}%` }}
            title={spanTitle(span, to)}
            aria-label={spanTitle(span, to)}
          />
        ))}
      </ol>
      <div className={styles.labels} aria-hidden="true">
        {shown
          .filter(({ left, right }) => right - left >= labelled)
          .map(({ span, left, right }) => (
            <span key={span.start} style={{ left: `${left}%`, width: `${right - left}%` }}>
              {spanWord(span.state)} {durationText((span.end ?? to) - span.start)}
            </span>
          ))}
      </div>
      <div className={styles.ticks} aria-hidden="true">
        {timeTicks(from, to, tick).map((at) => (
          <span key={at} style={{ left: `${percent(at)}%` }}>
            {at === to ? 'now' : clockMinutes(at)}
          </span>
        ))}
      </div>
    </div>
  );
}

function spanTitle(span: StateSpan, now: number): string {
  const end = span.end ?? now;
  return `${spanWord(span.state)} for ${durationText(end - span.start)}, since ${fullTime(span.start)}. ${visible(span.text)}`;
}
