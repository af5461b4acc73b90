import { useCallback, useEffect, useState } from 'react';
import type { SeriesName } from '../../../shared/meters';
import { useServices } from '../../store/services';

/** So far back a last value is looked for, how often it is asked for again, ms, and how many series one question takes. */
const lookedBackMs = 5 * 60_000;
const refreshMs = 5 * 60_000;
/** A feed that has just begun is looked at once more, ms. */
const againMs = 15_000;
const atOnce = 64;
const mostAsked = 640;

const none: ReadonlyMap<SeriesName, number> = new Map();

/**
 * Last values of series, to tell which are the greatest. Asked for now and then only: lines that change places with every
 * number are read by nobody.
 */
export function useLastValues(source: string, names: readonly SeriesName[]): ReadonlyMap<SeriesName, number> {
  const { call, clock } = useServices();
  const [last, setLast] = useState(none);
  const joined = names.slice(0, mostAsked).join('\n');
  const ask = useCallback(async () => {
    const asked = joined === '' ? [] : joined.split('\n');
    const found = new Map<SeriesName, number>();
    for (let from = 0; from < asked.length; from += atOnce) {
      const to = clock.now();
      const series = asked.slice(from, from + atOnce);
      const histories = await call('history.series', { source, series, from: to - lookedBackMs, to, points: 60 });
      for (const { series: name, buckets } of histories ?? []) {
        const newest = buckets.at(-1);
        if (newest !== undefined) found.set(name, newest.last);
      }
    }
    return found;
  }, [call, clock, source, joined]);
  useEffect(() => {
    let over = false;
    const look = (): void => {
      if (document.hidden) return;
      void ask().then((found) => {
        if (!over) setLast(found);
      });
    };
    look();
    const again = window.setTimeout(look, againMs);
    const timer = window.setInterval(look, refreshMs);
    return () => {
      over = true;
      window.clearTimeout(again);
      window.clearInterval(timer);
    };
  }, [ask]);
  return last;
}
