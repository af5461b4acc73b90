import { useCallback, useEffect, useState } from 'react';
import type { SeriesHistory, SeriesName, StateSpan } from '../../../shared/meters';
import type { Range } from '../../store/ranges';
import { useServices, useWindow } from '../../store/services';

/** How often history is read again, ms; between times live points carry the charts. */
const refreshMs = 60_000;

/**
 * How long it takes at most until a second is measured, stored and can be read, ms. Live points begin only when a
 * page is opened or seen again: the seconds just before are read once they are stored.
 */
const settleMs = 3_000;

export interface SeriesRead {
  readonly histories: readonly SeriesHistory[];
  /** Live points from here on are not in `histories`, epoch ms. */
  readonly until: number;
}

/** Calls `read` now, once more when what was measured meanwhile is stored, every minute, and likewise whenever the window is seen again; rests while hidden. */
function useRepeated(read: () => void): void {
  useEffect(() => {
    const whenSeen = (): void => {
      if (!document.hidden) read();
    };
    let again: number | undefined;
    const begin = (): void => {
      whenSeen();
      window.clearTimeout(again);
      again = window.setTimeout(whenSeen, settleMs + 1_000);
    };
    begin();
    const timer = window.setInterval(whenSeen, refreshMs);
    document.addEventListener('visibilitychange', begin);
    return () => {
      window.clearTimeout(again);
      window.clearInterval(timer);
      document.removeEventListener('visibilitychange', begin);
    };
  }, [read]);
}

/** Stored buckets of some series over a range. Null until the first answer for just these. */
export function useSeriesHistory(source: string, names: readonly SeriesName[], range: Range): SeriesRead | null {
  const { call, clock } = useServices();
  const generation = useWindow(({ phase }) => (phase.kind === 'attached' ? phase.generation : null));
  const [read, setRead] = useState<(SeriesRead & { readonly key: string }) | null>(null);
  const joined = names.join('\n');
  const key = `${source}\n${range.id}\n${joined}`;
  const ask = useCallback(() => {
    if (generation === null || joined === '') return;
    // Seconds can be told apart and merged with live points; wider buckets can not and end where all is stored.
    const unsettled = range.cell <= 1000 ? 0 : settleMs;
    const to = Math.floor((clock.now() - unsettled) / 1000) * 1000;
    const series = joined.split('\n');
    void call('history.series', { source, series, from: to - range.length, to, points: 400 }).then((histories) => {
      if (histories !== null) setRead({ histories, until: to, key });
    });
  }, [call, clock, generation, source, joined, range, key]);
  useRepeated(ask);
  return read?.key === key ? read : null;
}

const noSpans: readonly StateSpan[] = [];

/** State spans of the last `length` ms, read again at every transition. */
export function useSpans(source: string, length: number): readonly StateSpan[] {
  const { call, clock } = useServices();
  const generation = useWindow(({ phase }) => (phase.kind === 'attached' ? phase.generation : null));
  const changed = useWindow((state) => state.transitions.get(source)?.at ?? state.sources.get(source)?.since ?? 0);
  const [read, setRead] = useState<{ readonly spans: readonly StateSpan[]; readonly key: string } | null>(null);
  const key = `${source}\n${length}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `changed` is why to read again, not what to ask
  const ask = useCallback(() => {
    if (generation === null) return;
    const now = clock.now();
    // Into the future, so that a state that still holds has an open end.
    void call('history.states', { source, from: now - length, to: now + refreshMs }).then((spans) => {
      if (spans !== null) setRead({ spans, key });
    });
  }, [call, clock, generation, source, length, key, changed]);
  useRepeated(ask);
  return read?.key === key ? read.spans : noSpans;
}
