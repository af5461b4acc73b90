import { useEffect, useState } from 'react';
import type { MatchBar } from '../../../shared/search';
import { useServices } from '../../store/services';
import { grouped } from '../../ui/format/number';
import { fullTime } from '../../ui/format/time';
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
      <span aria-live="polite">{bars === null ? 'Counting …' : matchesText(total)}</span>
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
