export interface ReloaderDeps {
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly after: (ms: number, act: () => void) => void;
  readonly reload: () => void;
}

/** A page that ran this long before it died starts the count anew, ms. */
const healthyMs = 60_000;

const longestWaitMs = 30_000;

/**
 * Brings a crashed page back: the first time at once, then after 1, 2, 4 … 30 s, so that a page that dies while
 * loading does not take the machine with it.
 */
export function createReloader(deps: ReloaderDeps): { /** Returns the wait, ms. */ gone(): number } {
  let crashes = 0;
  let last = Number.NEGATIVE_INFINITY;
  return {
    gone() {
      const now = deps.now();
      crashes = now - last > healthyMs ? 1 : crashes + 1;
      last = now;
      const wait = crashes === 1 ? 0 : Math.min(longestWaitMs, 1000 * 2 ** (crashes - 2));
      deps.after(wait, deps.reload);
      return wait;
    },
  };
}
