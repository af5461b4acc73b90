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

/** What may turn out to be new is kept, up to so much of it. */
const keptEvents = 256;
const keptBytes = 1024 * 1024;

/**
 * What a session brings that came before. A resume that begins too early sends it again in one go; a server that gives its
 * ids out anew sends what looks the same, but at the pace of the feed. Until that is told apart the events are kept.
 */
export class Overlap {
  private kept: DecodedEvent[] = [];
  private bytes = 0;
  private lastAt: number;
  private first: { readonly at: number; readonly cameAt: number | null } | null = null;
  private steps = 0;
  private slow = 0;
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
    this.lastAt = now;
    if (step >= silenceMs) this.silences += 1;
    this.alike += alike ? 1 : 0;
    this.keep(event);
    const { first } = this;
    if (first === null) {
      this.first = { at: now, cameAt };
      return false;
    }
    this.steps += 1;
    const known = cameAt !== null && first.cameAt !== null ? cameAt - first.cameAt : null;
    if (step >= (known === null ? slowUnknownMs : slowMs)) this.slow += 1;
    const allAlike = this.alike * 2 > this.steps;
    if (allAlike && this.silences > 1) return true;
    const { steps, slowOf, forMs } = allAlike ? proofs.alike : proofs.distinct;
    if (this.steps < steps || this.slow < this.steps * slowOf) return false;
    const took = now - first.at;
    if (known === null) return allAlike && took >= forUnknownMs;
    return took >= forMs && known >= forMs && took * 2 >= known;
  }

  /** Takes out what was kept, oldest first. */
  take(): readonly DecodedEvent[] {
    const { kept } = this;
    this.drop();
    return kept;
  }

  drop(): void {
    this.kept = [];
    this.bytes = 0;
  }

  private keep(event: DecodedEvent): void {
    this.kept.push(event);
    this.bytes += event.bytes;
    while (this.kept.length > 1 && (this.kept.length > keptEvents || this.bytes > keptBytes)) {
      this.bytes -= this.kept.shift()?.bytes ?? 0;
    }
  }
}
