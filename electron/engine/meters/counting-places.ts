import { countingOf } from '../../../shared/value-sign';

/** A number that was held back until it was clear what it is. `at`: when it came, wall clock ms. */
interface Held<Slot> {
  readonly of: Slot;
  readonly value: number;
  readonly at: number;
}

/** What is known of the numbers at one place, whatever type and entity they are of. */
interface Place<Slot> {
  /** Null once it is known what they are. */
  held: Held<Slot>[] | null;
  counts: boolean;
  last: number;
  /** Steps of one, and others. */
  ones: number;
  others: number;
}

/** A first number that nothing follows is charted after that, ms: a page that rarely changes has a chart at once all the same. */
const holdMs = 10_000;
/** Messages that are lost, and a server that begins anew, break a count: so many breaks show that it is none. */
const breaks = 2;
const onesPerBreak = 10;

/**
 * Tells numbers that count the messages from those that measure something: by the first three at their place, which are
 * held back for that. A gauge that begins like a count is charted once it has shown that it is none.
 */
export class CountingPlaces<Slot extends { readonly place: string }> {
  private readonly places = new Map<string, Place<Slot>>();
  /** Places where something is held. */
  private holding = 0;

  /** A number came, `at`, wall clock ms. What is to be charted now, oldest first. */
  take(of: Slot, value: number, at: number): readonly Held<Slot>[] {
    const place = this.places.get(of.place) ?? this.begin(of.place, value);
    const heard = { of, value, at };
    if (place.held !== null) return this.judge(place, place.held, heard);
    if (place.counts) {
      const step = Math.abs(value - place.last);
      place.last = value;
      if (step === 1) place.ones += 1;
      else place.others += 1;
      place.counts = place.others < breaks || place.others * onesPerBreak < place.ones;
    }
    return place.counts ? [] : [heard];
  }

  /** What was held for so long that it is charted as it is. */
  overdue(now: number): readonly Held<Slot>[] {
    if (this.holding === 0) return [];
    const due: Held<Slot>[] = [];
    for (const place of this.places.values()) {
      // Two that are one apart wait for the third, however long that takes.
      if (place.held?.length !== 1 || Math.abs(now - (place.held[0]?.at ?? now)) < holdMs) continue;
      due.push(...this.decide(place, place.held, false));
    }
    return due;
  }

  private judge(place: Place<Slot>, held: Held<Slot>[], heard: Held<Slot>): readonly Held<Slot>[] {
    held.push(heard);
    place.last = heard.value;
    switch (countingOf(held.map(({ value }) => value))) {
      case 'may-count':
        return [];
      case 'counts':
        place.ones = held.length - 1;
        this.decide(place, held, true);
        return [];
      case 'measures':
        return this.decide(place, held, false);
    }
  }

  private decide(place: Place<Slot>, held: readonly Held<Slot>[], counts: boolean): readonly Held<Slot>[] {
    place.held = null;
    place.counts = counts;
    this.holding -= 1;
    return held;
  }

  private begin(name: string, last: number): Place<Slot> {
    const place: Place<Slot> = { held: [], counts: false, last, ones: 0, others: 0 };
    this.places.set(name, place);
    this.holding += 1;
    return place;
  }
}
