import { keptEvent, roomOf } from '../core/kept-event';
import type { DecodedEvent } from '../core/protocol';

/** A silence that no replay has in it, ms. One may be an accident on the way; two are the pace of the feed. */
const silenceMs = 5_000;
/** Steps of this length are those of a feed and not of a replay, ms: where it is known how long they took at first, and where not. */
const slowMs = 50;
const slowUnknownMs = 200;

/** What the pace must have shown. Where bodies tell events apart, to come a second time is rarely an accident. */
const proofs = {
  alike: { steps: 3, slowOf: 0.5, forMs: 1_000 },
  distinct: { steps: 8, slowOf: 0.8, forMs: 5_000 },
} as const;
/** The same where nobody remembers how long it took at first, ms. */
const forUnknownMs = 5_000;

/**
 * What ends before that has shown itself is judged by the feed's own step: that many steps, over that long, which took as
 * long as they did at first.
 */
const ended = { steps: 3, followedOf: 0.8, forMs: 500 } as const;
/** A step took as long as at first where it is no shorter than one part in so many of it, and no longer than so many times. */
const alikeTimes = 2;

/** What may turn out to be new is kept, up to so much of it. */
const keptEvents = 256;
const keptBytes = 1024 * 1024;

/** An event that may turn out to be new, and when it came, monotonic ms. */
export interface Kept {
  readonly event: DecodedEvent;
  readonly at: number;
}

/**
 * What a session brings that came before. A resume that begins too early sends it again in one go; a server that gives its
 * ids out anew sends what looks the same, but at the pace of the feed. Until that is told apart the events are kept.
 */
export class Overlap {
  private kept: Kept[] = [];
  private bytes = 0;
  private lastAt: number;
  private lastCameAt: number | null = null;
  private first: { readonly at: number; readonly cameAt: number | null } | null = null;
  private steps = 0;
  private slow = 0;
  /** Steps that took as long as they did at first, or too long for a replay where nobody remembers that. */
  private followed = 0;
  private silences = 0;
  private alike = 0;

  /** Monotonic ms: when the session was let through. */
  constructor(openedAt: number) {
    this.lastAt = openedAt;
  }

  /**
   * One more that came before, at `cameAt` (null: nobody remembers). `alike`: other events say the same. True once these
   * are no repeats: the feed says the same again.
   */
  isNew(event: DecodedEvent, now: number, cameAt: number | null, alike: boolean): boolean {
    const step = now - this.lastAt;
    const knownStep = cameAt === null || this.lastCameAt === null ? null : cameAt - this.lastCameAt;
    this.lastAt = now;
    this.lastCameAt = cameAt;
    if (step >= silenceMs) this.silences += 1;
    this.alike += alike ? 1 : 0;
    this.keep(event, now);
    const { first } = this;
    if (first === null) {
      this.first = { at: now, cameAt };
      return false;
    }
    this.steps += 1;
    const known = cameAt !== null && first.cameAt !== null ? cameAt - first.cameAt : null;
    if (step >= (known === null ? slowUnknownMs : slowMs)) this.slow += 1;
    if (follows(step, knownStep)) this.followed += 1;
    const allAlike = this.alike * 2 > this.steps;
    if (allAlike && this.silences > 1) return true;
    const { steps, slowOf, forMs } = allAlike ? proofs.alike : proofs.distinct;
    if (this.steps < steps || this.slow < this.steps * slowOf) return false;
    const took = now - first.at;
    if (known === null) return allAlike && took >= forUnknownMs;
    return took >= forMs && known >= forMs && took * 2 >= known;
  }

  /**
   * It ends here, with its session or with the place that was asked for: what it was, as far as its pace tells. `unclear`:
   * it may have been a replay, and may have been new. `cut`: it was not heard to the end.
   */
  verdict(now: number, cut: boolean): 'new' | 'repeated' | 'unclear' {
    const { first, steps, followed } = this;
    if (first === null || this.kept.length === 0) return 'repeated';
    if (steps === 0) return cut ? 'unclear' : 'repeated';
    if (steps >= ended.steps && followed >= steps * ended.followedOf && now - first.at >= ended.forMs) {
      return first.cameAt === null ? 'unclear' : 'new';
    }
    return followed * 2 >= steps ? 'unclear' : 'repeated';
  }

  /** Id of the oldest that is kept. */
  get firstId(): string | null {
    return this.kept[0]?.event.id ?? null;
  }

  /** Takes out what was kept, oldest first. */
  take(): readonly Kept[] {
    const { kept } = this;
    this.drop();
    return kept;
  }

  drop(): void {
    this.kept = [];
    this.bytes = 0;
  }

  private keep(event: DecodedEvent, at: number): void {
    this.kept.push({ event: keptEvent(event), at });
    this.bytes += roomOf(event);
    while (this.kept.length > 1 && (this.kept.length > keptEvents || this.bytes > keptBytes)) {
      const oldest = this.kept.shift();
      if (oldest) this.bytes -= roomOf(oldest.event);
    }
  }
}

/** Whether a step is the feed's own: `known` is how long it took at first, null where nobody remembers. */
function follows(step: number, known: number | null): boolean {
  if (known === null) return step >= slowUnknownMs;
  return step >= slowMs && step * alikeTimes >= known && step <= known * alikeTimes;
}
