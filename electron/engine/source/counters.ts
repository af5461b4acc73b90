import { noCounters, type SourceCounters } from '../../../shared/view';
import type { DeliveryCounters } from '../delivery/counters';
import type { Meters } from '../meters/meters';

export interface CountersDeps {
  /** Totals of earlier runs; null for a new source. */
  readonly before: SourceCounters | null;
  delivery(): Readonly<DeliveryCounters>;
  reconnects(): number;
}

/** Totals of one source over all runs. */
export interface Counters {
  /** Bytes of a frame that was read. */
  read(bytes: number): void;
  /** What delivery dropped as repeated or gave up since the last call becomes part of what is measured. */
  measure(meters: Meters): void;
  /** So many losses of unknown size that delivery does not know of. */
  lostBeside(gaps: number): void;
  totals(): SourceCounters;
  /** What delivery counts goes back to what is stored: what came since is delivered again. Bytes read were read. */
  rewind(stored: SourceCounters | null): void;
}

export function createCounters({ before, delivery, reconnects }: CountersDeps): Counters {
  const earlier = before ?? noCounters;
  let { delivered, repeated, late, lost, undecodable, lostUnknown = 0, resumesUnproven = 0 } = earlier;
  let bytes = earlier.bytes;
  let measuredRepeated = 0;
  let measuredLost = 0;

  return {
    read(more) {
      bytes += more;
    },
    measure(meters) {
      const now = delivery();
      meters.repeated(now.repeated - measuredRepeated);
      meters.lost(now.lost - measuredLost);
      measuredRepeated = now.repeated;
      measuredLost = now.lost;
    },
    lostBeside(gaps) {
      lostUnknown += gaps;
    },
    rewind(stored) {
      const to = stored ?? noCounters;
      const now = delivery();
      delivered = to.delivered - now.delivered;
      repeated = to.repeated - now.repeated;
      late = to.late - now.late;
      lost = to.lost - now.lost;
      undecodable = to.undecodable - now.undecodable;
      lostUnknown = (to.lostUnknown ?? 0) - now.lostUnknown;
      resumesUnproven = (to.resumesUnproven ?? 0) - now.resumesUnproven;
    },
    totals() {
      const now = delivery();
      return {
        delivered: delivered + now.delivered,
        repeated: repeated + now.repeated,
        late: late + now.late,
        // What an earlier run counted may be found by this one: where its total went with a journal, that is no loss below 0.
        lost: Math.max(0, lost + now.lost),
        lostUnknown: Math.max(0, lostUnknown + now.lostUnknown),
        resumesUnproven: resumesUnproven + now.resumesUnproven,
        gapsOpen: now.gapsOpen,
        undecodable: undecodable + now.undecodable,
        reconnects: earlier.reconnects + reconnects(),
        bytes,
      };
    },
  };
}
