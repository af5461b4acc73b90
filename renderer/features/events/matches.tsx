import { useEffect, useState } from 'react';
import type { MatchBar } from '../../../shared/search';
import { useServices } from '../../store/services';
import { grouped } from '../../ui/format/number';
import { clock, fullTime } from '../../ui/format/time';
import styles from './event-list.module.css';

const barCount = 80;
/** Matches are counted again this often while a search is on screen, ms. */
const countMs = 10_000;

interface MatchesProps {
  readonly source: string;
  readonly text: string;
  /** The person goes to the time of a bar: to its first match. */
  readonly onJump: (ordinal: number) => void;
}

/** How many stored events match a search, and when they came. */
export function Matches({ source, text, onJump }: MatchesProps) {
  const { call } = useServices();
  const bars = useMatches(source, text);
  const total = (bars ?? []).reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(1, ...(bars ?? []).map(({ count }) => count));
  const jump = async ({ start }: MatchBar): Promise<void> => {
    const ordinal = await call('events.at', { source, text, place: { by: 'time', time: Math.floor(start) } });
    if (ordinal !== null) onJump(ordinal);
  };
  return (
    <div className={styles.matches}>
      <p>
        <span aria-live="polite">{bars === null ? 'Counting …' : matchesText(total)}</span>
        <small>{rangeText(bars ?? [])}</small>
      </p>
      <section className={styles.bars} aria-label="Matches over time">
        {(bars ?? []).map((bar) => (
          <button
            key={bar.start}
            type="button"
            disabled={bar.count === 0}
            tabIndex={bar.count === 0 ? -1 : 0}
            aria-label={`${matchesText(bar.count)} from ${fullTime(bar.start)}`}
            title={`${matchesText(bar.count)} from ${fullTime(bar.start)}`}
            onClick={() => void jump(bar)}
          >
            {bar.count === 0 ? null : <i style={{ height: `${(bar.count / most) * 100}%` }} />}
          </button>
        ))}
      </section>
    </div>
  );
}

/** From when to when is searched; the days only where there are two. */
function rangeText(bars: readonly MatchBar[]): string {
  const first = bars.at(0);
  const last = bars.at(-1);
  if (first === undefined || last === undefined) return '';
  const sameDay = fullTime(first.start).slice(0, 10) === fullTime(last.end).slice(0, 10);
  const text = sameDay ? clock : (at: number) => fullTime(at).slice(0, 16);
  return `${text(first.start)} to ${text(last.end)}`;
}

function matchesText(count: number): string {
  return `${count === 0 ? 'no' : grouped(count)} stored ${count === 1 ? 'event matches' : 'events match'}`;
}

/** Null until they are counted the first time; then what was counted last, under this search. */
function useMatches(source: string, text: string): readonly MatchBar[] | null {
  const { bridge } = useServices();
  const [counted, setCounted] = useState<{ readonly text: string; readonly bars: readonly MatchBar[] } | null>(null);
  useEffect(() => {
    let ended = false;
    let timer = 0;
    const look = (): void => {
      bridge
        .call('events.histogram', { source, text, bars: barCount })
        .then(
          (answer) => {
            if (!ended && answer.ok) setCounted({ text, bars: answer.value });
          },
          () => {},
        )
        .finally(() => {
          if (!ended) timer = window.setTimeout(look, countMs);
        });
    };
    look();
    return () => {
      ended = true;
      window.clearTimeout(timer);
    };
  }, [bridge, source, text]);
  return counted?.text === text ? counted.bars : null;
}
