import { createSeededRandom } from './seeded-random';

/** Every kind of trouble a run can meet. Names are used in the coverage table and in traces. */
export const faultKinds = [
  'refuse',
  'black-hole',
  'reset',
  'half-open',
  'slow-handshake',
  'close-after-101',
  'truncate',
  'duplicate',
  'reorder',
  'lose',
  'drip',
  'jam',
  'answer-401',
  'answer-403',
  'answer-404',
  'answer-429',
  'answer-503',
  'answer-204',
  'upgrade-refused',
  'upgrade-refused-host-down',
  'server-stopped',
  'server-restart',
  'server-shutdown',
  'retention',
  'proxy-blocks-sse',
  'proxy-buffers',
  'proxy-cuts-holds',
  'captive-portal',
  'sleep',
  'clock-back',
  'clock-forward',
  'late-timers',
  'network-change',
  'offline',
  'token-expiry',
  'same-tick',
  'command-pause',
  'command-retry',
  'command-pin',
  'command-probe',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** One fault: when it begins and how long it lasts (0 for things that happen at once), both in ms of virtual time. */
export interface Fault {
  readonly kind: FaultKind;
  readonly at: number;
  readonly lastsMs: number;
  /** Which host or source it hits: 0, 1, or both. */
  readonly target: 0 | 1 | 'both';
  /** A number whose meaning depends on the kind (a Retry-After, a delay, a burst size). */
  readonly size: number;
}

/** What a run will go through. Fully determined by its seed. */
export interface Scenario {
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** When the last fault has ended, ms. */
  readonly faultsEndAt: number;
  /** When each event is published and to which stream. */
  readonly publications: readonly { readonly at: number; readonly stream: 0 | 1 }[];
}

const minute = 60_000;

/** How long each kind lasts, ms: [least, most]. 0 = an instant. */
const durations: Record<FaultKind, readonly [number, number]> = {
  refuse: [2000, 6 * minute],
  'black-hole': [2000, 2 * minute],
  reset: [0, 0],
  'half-open': [0, 0],
  'slow-handshake': [5000, minute],
  'close-after-101': [20_000, 4 * minute],
  truncate: [0, 0],
  duplicate: [5000, 2 * minute],
  reorder: [5000, 2 * minute],
  lose: [5000, minute],
  drip: [2000, 20_000],
  jam: [5000, 4 * minute],
  'answer-401': [2000, 30_000],
  'answer-403': [2000, 2 * minute],
  'answer-404': [2000, 2 * minute],
  'answer-429': [2000, minute],
  'answer-503': [2000, 2 * minute],
  'answer-204': [2000, 10_000],
  'upgrade-refused': [20_000, 6 * minute],
  'upgrade-refused-host-down': [10_000, 2 * minute],
  'server-stopped': [5000, 2 * minute],
  'server-restart': [0, 0],
  'server-shutdown': [0, 0],
  retention: [0, 0],
  'proxy-blocks-sse': [20_000, 6 * minute],
  'proxy-buffers': [30_000, 6 * minute],
  'proxy-cuts-holds': [30_000, 6 * minute],
  'captive-portal': [20_000, 3 * minute],
  sleep: [0, 0],
  'clock-back': [0, 0],
  'clock-forward': [0, 0],
  'late-timers': [2000, 20_000],
  'network-change': [0, 0],
  offline: [3000, 2 * minute],
  'token-expiry': [0, 0],
  'same-tick': [0, 0],
  'command-pause': [2000, minute],
  'command-retry': [0, 0],
  'command-pin': [10_000, 2 * minute],
  'command-probe': [0, 0],
};

/** Draws a scenario: at least 20 virtual minutes, at least 8 faults, at least 500 events over two streams. */
export function createScenario(seed: number): Scenario {
  const random = createSeededRandom(seed ^ 0x51ed270b);
  const span = 20 * minute;
  const faults: Fault[] = [];
  const count = random.int(8, 16);
  for (let index = 0; index < count; index += 1) {
    const kind = random.pick(faultKinds);
    const [least, most] = durations[kind];
    const lastsMs = random.int(least, most);
    faults.push({
      kind,
      at: random.int(500, span - 1000),
      lastsMs: Math.min(lastsMs, span),
      target: random.pick([0, 1, 'both'] as const),
      size: random.int(1, 100),
    });
  }
  faults.sort((a, b) => a.at - b.at);
  const publications: { at: number; stream: 0 | 1 }[] = [];
  // Traffic with a rhythm of its own in each run: steady, in bursts, or both.
  const burst = random.int(1, 12);
  for (let published = 0; published < 500; published += burst) {
    const at = random.int(100, span);
    for (let index = 0; index < burst; index += 1)
      publications.push({ at: at + (index >> 1) * 40, stream: random.pick([0, 1] as const) });
  }
  publications.sort((a, b) => a.at - b.at);
  const faultsEndAt = Math.max(span, ...faults.map((fault) => fault.at + fault.lastsMs));
  return { seed, faults, faultsEndAt, publications };
}
