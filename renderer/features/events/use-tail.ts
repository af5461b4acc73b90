import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useServices, useWindow } from '../../store/services';
import { Tail } from '../../store/tail';

/** The tail of a source under a filter, open while the component is there. Renders at most once a frame. */
export function useTail(source: string, filter: string): Tail {
  const { call, tail: current } = useServices();
  const generation = useWindow(({ phase }) => (phase.kind === 'attached' ? phase.generation : null));
  const tail = useMemo(
    () =>
      new Tail({
        filter,
        page: (from, direction, limit) => call('events.page', { source, from, direction, limit, text: filter }),
        frame: (callback) => window.requestAnimationFrame(callback),
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
  useSyncExternalStore(tail.subscribe, tail.version);
  return tail;
}
