/** Main's wall clock as this window reckons it, and a tick that views age by. */
export interface WindowClock {
  /** Epoch ms by main's clock. */
  now(): number;
  /** Main's clock minus ours, ms. */
  setOffset(offsetMs: number): void;
  /** The last tick's time; stands still between ticks so that one render sees one time. */
  tick(): number;
  /** Calls back at every tick (2 Hz while the window is seen, at once when it becomes seen). */
  subscribe(listener: () => void): () => void;
}

/** The pace of ages, countdowns and charts. */
export const tickMs = 500;

/** Creates the clock; it ticks only while somebody listens and the page is visible. */
export function createWindowClock(): WindowClock {
  let offset = 0;
  let timer: number | undefined;
  const listeners = new Set<() => void>();
  const now = (): number => Date.now() + offset;
  let current = now();

  const tick = (): void => {
    current = now();
    for (const listener of listeners) listener();
  };
  const update = (): void => {
    window.clearInterval(timer);
    timer = undefined;
    if (listeners.size === 0 || document.hidden) return;
    timer = window.setInterval(tick, tickMs);
    tick();
  };
  document.addEventListener('visibilitychange', update);

  return {
    now,
    setOffset: (offsetMs) => {
      offset = offsetMs;
    },
    tick: () => current,
    subscribe: (listener) => {
      listeners.add(listener);
      if (listeners.size === 1) {
        current = now();
        if (!document.hidden) timer = window.setInterval(tick, tickMs);
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) update();
      };
    },
  };
}
