import { useRef } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { useWindow } from '../../store/services';
import type { WindowState } from '../../store/state';
import { troubleRank } from '../../ui/badges';
import { byName } from '../../ui/format/by-name';

/** Ids of the sources, trouble first, then by name. */
export function orderByTrouble({ sources }: Pick<WindowState, 'sources'>): readonly string[] {
  return [...sources.values()]
    .toSorted((left, right) => troubleRank(left) - troubleRank(right) || byName(left.config.name, right.config.name))
    .map(({ id }) => id);
}

/**
 * The order to show: trouble first, except that nothing moves while the reader is there (`held`): then known ones
 * keep their places, new ones come last and removed ones go.
 */
export function useTroubleOrder(held: boolean): readonly string[] {
  const wanted = useWindow(useShallow(orderByTrouble));
  const shown = useRef(wanted);
  if (held) shown.current = holdOrder(shown.current, wanted);
  else shown.current = wanted;
  return shown.current;
}

/** `shown` without what is gone, followed by what is new. */
export function holdOrder(shown: readonly string[], wanted: readonly string[]): readonly string[] {
  const exists = new Set(wanted);
  const known = new Set(shown);
  if (shown.length === wanted.length && shown.every((id) => exists.has(id))) return shown;
  return [...shown.filter((id) => exists.has(id)), ...wanted.filter((id) => !known.has(id))];
}
