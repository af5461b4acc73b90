import { createSeededRandom } from '../../electron/engine/simulation/seeded-random';

/** What goes wrong, the same for every client. */
export const faultKinds = [
  'drop',
  'half-open',
  'truncation',
  'duplicates',
  'reordering',
  'server-restart',
  'client-restart',
  'blocked-upgrades',
  'blackout',
] as const;

export type FaultKind = (typeof faultKinds)[number];

export interface FaultFacts {
  readonly about: string;
  /** How many of a script of 50. */
  readonly share: number;
  /** How long it lasts, ms; 0 where it is over at once. */
  readonly lastsMs: number;
  /** From its beginning until the next may begin, ms: time to notice it and to come back. */
  readonly roomMs: number;
}

/** Events tampered with per fault; for reordering these are neighbours that change places, two by two. */
export const tamperedEvents = 40;

export const faultFacts: Readonly<Record<FaultKind, FaultFacts>> = {
  drop: { about: 'every connection is reset', share: 10, lastsMs: 0, roomMs: 3_000 },
  'half-open': {
    about: 'open connections fall silent for good and stay open; new ones get through',
    share: 6,
    lastsMs: 0,
    roomMs: 8_000,
  },
  truncation: {
    about: 'half of what the server sends next arrives, then the connection ends',
    share: 6,
    lastsMs: 0,
    roomMs: 3_000,
  },
  duplicates: { about: `the server sends ${tamperedEvents} events twice`, share: 5, lastsMs: 0, roomMs: 2_000 },
  reordering: {
    about: `the server sends ${tamperedEvents} events in changed places, two by two`,
    share: 5,
    lastsMs: 0,
    roomMs: 2_000,
  },
  'server-restart': {
    about: 'the server resets everyone, listens to nobody for 1.5 s and forgets its sessions, not its events',
    share: 5,
    lastsMs: 1_500,
    roomMs: 6_000,
  },
  'client-restart': {
    about: "the client's process is killed (SIGKILL) and started again 1 s later",
    share: 5,
    lastsMs: 1_000,
    roomMs: 6_000,
  },
  'blocked-upgrades': {
    about: 'every connection is reset, and for 6 s WebSocket upgrades are reset, or hang, in turns; plain HTTP passes',
    share: 4,
    lastsMs: 6_000,
    roomMs: 12_000,
  },
  blackout: {
    about: 'nothing gets through for 2.5 s and nothing ends; then it flows on',
    share: 4,
    lastsMs: 2_500,
    roomMs: 7_000,
  },
};

export interface ScriptedFault {
  readonly kind: FaultKind;
  /** Begins when this many events have been published. */
  readonly after: number;
  /** Counts the faults of this kind from 0: kinds with two manners take turns. */
  readonly turn: number;
}

export interface Script {
  readonly faults: readonly ScriptedFault[];
  /** Publishing takes this long, ms, at an even rate. */
  readonly lastsMs: number;
}

const leadMs = 2_000;
const tailMs = 5_000;

/**
 * `count` faults over `events` events, in an order drawn from the seed. Fifty hold the shares of `faultFacts`.
 * `without` leaves kinds out, and the order of the others as it was.
 */
export function faultScript(
  events: number,
  count: number,
  seed: number,
  without: ReadonlySet<FaultKind> = new Set(),
): Script {
  const kinds = shuffled(kindsOf(count), seed).filter((kind) => !without.has(kind));
  const room = kinds.reduce((sum, kind) => sum + faultFacts[kind].roomMs, 0);
  const lastsMs = leadMs + room + tailMs;
  const turns = new Map<FaultKind, number>();
  let at = leadMs;
  const faults = kinds.map((kind) => {
    const turn = turns.get(kind) ?? 0;
    turns.set(kind, turn + 1);
    const fault = { kind, after: Math.floor((at / lastsMs) * events), turn };
    at += faultFacts[kind].roomMs;
    return fault;
  });
  return { faults, lastsMs };
}

/** Kinds in turns until each has its share: a short script has one of each before it has two of one. */
function kindsOf(count: number): FaultKind[] {
  const kinds: FaultKind[] = [];
  for (let turn = 0; kinds.length < count; turn += 1) {
    const shares = faultKinds.filter((kind) => faultFacts[kind].share > turn % 10);
    kinds.push(...shares.slice(0, count - kinds.length));
  }
  return kinds;
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = createSeededRandom(seed);
  const left = [...items];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(random.int(0, left.length - 1), 1));
  return out;
}
