import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useServices, useWindow } from '../../store/services';
import { Tail } from '../../store/tail';

/** How long it takes at most, as a rule, until an event that was told is stored, ms. */
const settleMs = 500;

/**
 * The tail of a source under a filter, open while the component is there. Renders at most once a frame. `notYetStored`:
 * how many of its events are not.
 */
export function useTail(source: string, filter: string, notYetStored: number): Tail {
  const { call, tail: current } = useServices();
  const generation = useWindow(({ phase }) => (phase.kind === 'attached' ? phase.generation : null));
  const tail = useMemo(
    () =>
      new Tail({
        filter,
        page: (from, direction, limit) => call('events.page', { source, from, direction, limit, text: filter }),
        frame: (callback) => window.requestAnimationFrame(callback),
        later: (callback) => void window.setTimeout(callback, settleMs),
      }),
    [call, source, filter],
  );
  useEffect(() => {
    if (generation === null) return;
    const entry = { source, tail };
    current.current = entry;
    if (current.recent.source === source) tail.add(current.recent.rows);
    void tail.open();
    return () => {
      if (current.current === entry) current.current = null;
    };
  }, [tail, source, current, generation]);
  useEffect(() => tail.storing(notYetStored), [tail, notYetStored]);
  useSyncExternalStore(tail.subscribe, tail.version);
  return tail;
}
