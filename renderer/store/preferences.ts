import { useSyncExternalStore } from 'react';

/**
 * Small choices of how to look at things, kept by this window (localStorage): which span of time, which charts.
 * What matters is kept by main; losing these costs a click.
 */
const listeners = new Set<() => void>();

function read(key: string): string | null {
  return window.localStorage.getItem(`wirewatch.${key}`);
}

/** A choice and how to change it; `null` while never made. */
export function usePreference(key: string): readonly [string | null, (value: string | null) => void] {
  const value = useSyncExternalStore(subscribe, () => read(key));
  const change = (next: string | null): void => {
    if (next === null) window.localStorage.removeItem(`wirewatch.${key}`);
    else window.localStorage.setItem(`wirewatch.${key}`, next);
    for (const listener of listeners) listener();
  };
  return [value, change];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
