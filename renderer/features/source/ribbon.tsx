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

/** Share of the width, percent, from which on a stretch is labelled. */
const labelled = 14;

/** Spans that follow on each other and are told as one: attempts that failed are one trouble. */
interface Stretch {
  readonly word: string;
  readonly since: number;
  readonly start: number;
  /** Epoch ms; null = still so. */
  readonly end: number | null;
}

/** What a span is called together with its neighbours. */
function stretchWord(span: Pick<StateSpan, 'state' | 'excused'>): string {
  return spanTone(span) === 'bad' ? 'Down' : spanWord(span.state);
}

/** Joins spans that are told as one. A stretch knows its whole length, also where its beginning is not shown. */
export function stretchesOf(spans: readonly StateSpan[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const { state, excused, since, start, end } of spans) {
    const last = stretches.at(-1);
    const word = stretchWord(excused ? { state, excused } : { state });
    if (last !== undefined && last.word === word && last.end === start) stretches.splice(-1, 1, { ...last, end });
    else stretches.push({ word, since, start, end });
  }
  return stretches;
}

/** The state over time, to scale, with its words below where there is room. */
export function Ribbon({ spans, from, to, tick }: RibbonProps) {
  const percent = (at: number): number => ((Math.min(to, Math.max(from, at)) - from) / (to - from)) * 100;
  const sides = (part: { readonly start: number; readonly end: number | null }) => {
    const left = percent(part.start);
    return { left, width: percent(part.end ?? to) - left };
  };
  const style = ({ left, width }: ReturnType<typeof sides>) => ({ left: `${left}%`, width: `${width}%` });
  return (
    <div>
      <ol className={styles.ribbon} aria-label="State over time">
        {spans
          .filter((span) => sides(span).width > 0)
          .map((span) => (
            <li
              key={span.start}
              className={styles.span}
              data-state={span.state}
              data-tone={spanTone(span)}
              style={style(sides(span))}
              title={spanTitle(span, to)}
              aria-label={spanTitle(span, to)}
            />
          ))}
      </ol>
      <div className={styles.labels} aria-hidden="true">
        {stretchesOf(spans)
          .filter((stretch) => sides(stretch).width >= labelled)
          .map((stretch) => (
            <span key={stretch.start} style={style(sides(stretch))}>
              {stretch.word} {durationText((stretch.end ?? to) - stretch.since)}
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
  const { state, since, start, end, text } = span;
  const until = end ?? now;
  const whole = `${stretchWord(span)} for ${durationText(until - since)}, since ${fullTime(since)}.`;
  // Of trouble, this is one attempt or one wait.
  const part = spanTone(span) === 'bad' ? ` ${spanWord(state)} for ${durationText(until - start)}.` : '';
  return `${whole}${part} ${visible(text)}`;
}
