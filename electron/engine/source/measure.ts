import type { Position } from '../../../shared/position';
import { type Clock, later, type MonotonicMs } from '../core/clock';
import type { DeliveredEvent } from '../core/delivery';
import type { RollupIncrement } from '../core/journal';
import type { Message } from '../core/protocol';
import { createMeters, type Meters } from '../meters/meters';

/**
 * Measures events that may be fetched again after a pause of the journal. What is shown as it happens has counted them;
 * what is stored has not, so their second coming counts there alone.
 */
export interface Measure {
  observe(events: readonly DeliveredEvent[]): void;
  /** Numbers that came beside events: nobody can ask for them again. */
  measured(numbers: Extract<Message, { readonly kind: 'measured' }>): void;
  /** Series that the feed had beyond those, when it told last. */
  readonly leftSeries: number;
  /** Everything up to these positions that comes from now on comes again, and what was not handed over yet never will be. */
  again(positions: Readonly<Record<string, Position>>): void;
  /** What is to be stored since the last call. */
  drain(): readonly RollupIncrement[];
}

/** Whatever is fetched again has come by then, ms. */
const againMs = 600_000;

export function createMeasure(meters: Meters, clock: Clock): Measure {
  let before: { readonly positions: Readonly<Record<string, Position>>; readonly until: MonotonicMs } | null = null;
  let stored: Meters | null = null;
  let leftSeries = 0;

  function known({ stream, position }: DeliveredEvent): boolean {
    if (before === null || position === null || !Object.hasOwn(before.positions, stream)) return false;
    const place = before.positions[stream];
    return place !== undefined && place.epoch === position.epoch && position.seq <= place.seq;
  }

  return {
    observe(events) {
      if (before === null) {
        meters.observe(events);
        return;
      }
      if (clock.now() > before.until) before = null;
      meters.observe(events.filter((event) => !known(event)));
      stored?.observe(events.filter(known));
    },
    measured(numbers) {
      leftSeries = numbers.left;
      meters.measured(numbers.measured);
    },
    get leftSeries() {
      return leftSeries;
    },
    again(positions) {
      meters.drain();
      stored?.drain();
      stored ??= createMeters({ clock });
      before = { positions, until: later(clock.now(), againMs) };
    },
    drain: () => (stored === null ? meters.drain() : [...meters.drain(), ...stored.drain()]),
  };
}
