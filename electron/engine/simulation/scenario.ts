import { type FaultKind, factsOf, faultKinds, strikes } from './fault-kinds';
import type { FeedKind } from './feeds/kinds';
import { createSeededRandom } from './seeded-random';

/** One fault: when it begins and how long it lasts (0 for things that happen at once), both in ms of virtual time. */
export interface Fault {
  readonly kind: FaultKind;
  readonly at: number;
  readonly lastsMs: number;
  /** Which host it hits: 0, 1, or both. */
  readonly target: 0 | 1 | 'both';
  /** A number whose meaning depends on the kind (a Retry-After, a delay, a burst size). */
  readonly size: number;
}

/** What a run will go through. Fully determined by its seed and by what may be drawn. */
export interface Scenario {
  readonly seed: number;
  /** The feeds watched: two on the first host, one on the second. */
  readonly feeds: readonly [FeedKind, FeedKind, FeedKind];
  readonly faults: readonly Fault[];
  /** When the last fault has ended, ms. */
  readonly faultsEndAt: number;
  /** When each event is published, and by which of the feeds. */
  readonly publications: readonly { readonly at: number; readonly feed: 0 | 1 | 2 }[];
}

/** What a scenario may be made of. */
export interface Draw {
  readonly feeds: readonly FeedKind[];
  /** There is a journal on disk whose faults can be met. */
  readonly journal: boolean;
}

const minute = 60_000;

/** Faults that can be drawn. */
export function drawable({ journal }: Draw): readonly FaultKind[] {
  return faultKinds.filter((kind) => journal || factsOf(kind).side !== 'disk');
}

/** Draws a scenario: 20 virtual minutes at least, 9 to 17 faults, 540 events over three feeds. */
export function createScenario(seed: number, draw: Draw): Scenario {
  const random = createSeededRandom(seed ^ 0x51ed270b);
  const span = 20 * minute;
  const feeds = [random.pick(draw.feeds), random.pick(draw.feeds), random.pick(draw.feeds)] as const;
  // A fault that no watched feed knows would be wasted.
  const kinds = drawable(draw).filter((kind) => feeds.some((feed) => strikes(kind, feed)));
  const faults: Fault[] = [];
  const count = random.int(9, 17);
  for (let index = 0; index < count; index += 1) {
    const kind = random.pick(kinds);
    const [least, most] = factsOf(kind).lasts;
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
  const publications: { at: number; feed: 0 | 1 | 2 }[] = [];
  // Traffic with a rhythm of its own in each run: steady, in bursts, or both.
  const burst = random.int(1, 12);
  for (let published = 0; published < 540; published += burst) {
    const at = random.int(100, span);
    for (let index = 0; index < burst; index += 1)
      publications.push({ at: at + (index >> 1) * 40, feed: random.pick([0, 1, 2] as const) });
  }
  publications.sort((a, b) => a.at - b.at);
  const faultsEndAt = Math.max(span, ...faults.map((fault) => fault.at + fault.lastsMs));
  return { seed, feeds, faults, faultsEndAt, publications };
}
