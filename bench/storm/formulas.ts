import type { Random } from '../../electron/engine/core/random';

/** How one client waits after its connection is lost: the delay before each attempt, ms. */
export interface Waits {
  /** Delay before attempt `n` of an outage; the first is 1. */
  before(n: number): number;
}

export interface Formula {
  readonly name: string;
  /** A client that has been connected long enough to have forgotten earlier failures. */
  client(random: Random): Waits;
}

/** 1 s · 2ⁿ, capped at 30 s, no chance in it: what most hand-written clients do. */
export const plainExponential: Formula = {
  name: 'plain exponential backoff',
  client: () => ({ before: (n) => Math.min(30_000, 1_000 * 2 ** (n - 1)) }),
};

/**
 * reconnecting-websocket 4.4.0, dist/reconnecting-websocket-cjs.js: `minReconnectionDelay: 1000 + Math.random() * 4000`
 * (drawn once, when the script is loaded), `reconnectionDelayGrowFactor: 1.3`, `maxReconnectionDelay: 10000`;
 * `_getNextDelay`: min · factor^(retryCount − 1), capped. The README lists the same defaults.
 */
export const reconnectingWebSocket: Formula = {
  name: 'reconnecting-websocket',
  client(random) {
    const least = 1_000 + random.next() * 4_000;
    return { before: (n) => Math.min(10_000, least * 1.3 ** (n - 1)) };
  },
};

/**
 * socket.io-client 4.8.4, build/cjs/manager.js: `reconnectionDelay` 1000, `reconnectionDelayMax` 5000,
 * `randomizationFactor` 0.5; build/cjs/contrib/backo2.js, `duration`: 1000 · 2ⁿ, then plus or minus up to half of it,
 * then the cap. Documented at https://socket.io/docs/v4/client-options/#reconnectiondelay
 */
export const socketIo: Formula = {
  name: 'socket.io-client',
  client: (random) => ({
    before(n) {
      const base = 1_000 * 2 ** (n - 1);
      const roll = random.next();
      const deviation = Math.floor(roll * 0.5 * base);
      const jittered = Math.floor(roll * 10) % 2 === 0 ? base - deviation : base + deviation;
      return Math.min(5_000, Math.floor(jittered));
    },
  }),
};

/** A handshake's answer, accepted or refused, takes this long, ms. */
export const answerMs = 5;

/** When each of `clients` clients asks, ms after the crash, until all are back. The server accepts from `downMs` on. */
export function attemptsOf(formula: Formula, clients: number, downMs: number, random: Random): number[] {
  const attempts: number[] = [];
  for (let client = 0; client < clients; client += 1) {
    const waits = formula.client(random);
    let at = 0;
    for (let n = 1; ; n += 1) {
      at += waits.before(n);
      attempts.push(at);
      if (at >= downMs) break;
      at += answerMs;
    }
  }
  return attempts;
}

/** The most attempts that fall into any window of `windowMs`, wherever it begins. */
export function peakOf(attempts: readonly number[], windowMs = 1_000): number {
  const sorted = Float64Array.from(attempts).sort();
  let peak = 0;
  let first = 0;
  for (let last = 0; last < sorted.length; last += 1) {
    while ((sorted[last] ?? 0) - (sorted[first] ?? 0) >= windowMs) first += 1;
    peak = Math.max(peak, last - first + 1);
  }
  return peak;
}
