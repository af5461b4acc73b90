import type { Transition } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import type { SourceCounters } from '../../../shared/view';
import type { AlertEntry } from '../core/alerts';
import { CheckpointSum } from '../core/checkpoint-sum';
import type { Clock, Timer } from '../core/clock';
import type { CheckpointStep, DeliveredEvent, Pressure } from '../core/delivery';
import type { LivePoint } from '../core/facade';
import type { JournalEntry, RollupIncrement } from '../core/journal';
import type { Rounds } from '../core/rounds';
import type { Meters } from '../meters/meters';

export interface LedgerDeps {
  readonly source: string;
  /** Rounds of `collectMs`, shared by all sources. */
  readonly rounds: Rounds;
  append(entry: JournalEntry): Pressure;
  /** Totals as they are when an entry is made. */
  counters(): SourceCounters;
  /** What was measured since the last entry. */
  rollups(): readonly RollupIncrement[];
  /** What alerts changed since the last entry; null when nothing did. */
  alerts?(): AlertEntry | null;
  /** The journal can take no more (`true`), or can again. */
  onHold(on: boolean): void;
  /** Number of the newest entry handed over before this ledger began (by the source before an edit). */
  readonly lastEntry?: number;
}

/**
 * What a source collects for the journal: events, gaps, transitions and the cursor of some moments become one entry,
 * whole or not at all. It counts what is handed over and not yet durable, and hears when the journal is behind.
 */
export interface Ledger {
  events(events: readonly DeliveredEvent[]): void;
  gaps(gaps: readonly Gap[]): void;
  transition(transition: Transition): void;
  /** What moved of the cursor with what was collected. */
  checkpoint(step: CheckpointStep): void;
  /** There is something to hand over, here or with whoever is asked when an entry is made. */
  collect(): void;
  /** Hands over at once what was collected. */
  handOver(): void;
  /** Entry `number` and all before it are durable. */
  committed(number: number): void;
  /** Calls back once all that was collected so far is durable, at once where it is; false: it was dropped, and never will be. */
  whenStored(done: (stored: boolean) => void): void;
  /** What was collected and not handed over is fetched again, and what was dropped never becomes durable. Transitions stay. */
  drop(): void;
  /** The journal's word on whether it can take more. */
  pressure(pressure: Pressure): void;
  /** The journal is behind: nothing more should come. */
  readonly held: boolean;
  /** Events collected or handed over that are not yet durable. */
  readonly notYetStored: number;
  /** Hands over the last entry; no timer is left. */
  close(): void;
}

/** What is collected this long at most goes to the journal as one entry, ms; the journal groups entries into commits. */
export const collectMs = 25;
/** So many events go at once: a journal block's worth. More would be older when they are encoded, and cost more then. */
const collectEvents = 512;

export function createLedger(deps: LedgerDeps): Ledger {
  const { source, rounds } = deps;
  let events: DeliveredEvent[] = [];
  let gaps: Gap[] = [];
  let transitions: Transition[] = [];
  const checkpoint = new CheckpointSum();
  let timer: Timer | null = null;
  let number = deps.lastEntry ?? 0;
  let notYetStored = 0;
  let held = false;
  let closed = false;
  /** Events of each entry that is not durable yet. */
  const unstored: { readonly number: number; readonly events: number }[] = [];
  let durable = number;
  let waiting: { readonly number: number; readonly done: (stored: boolean) => void }[] = [];

  function handOver(): void {
    timer?.cancel();
    timer = null;
    const rollups = deps.rollups();
    const alerts = deps.alerts?.() ?? null;
    const empty = events.length === 0 && gaps.length === 0 && transitions.length === 0 && checkpoint.empty;
    if (empty && rollups.length === 0 && alerts === null) return;
    number += 1;
    unstored.push({ number, events: events.length });
    const collected = { events, gaps, checkpoint: checkpoint.take(), transitions };
    events = [];
    gaps = [];
    transitions = [];
    const entry = { source, number, ...collected, rollups, counters: deps.counters(), ...(alerts ? { alerts } : {}) };
    if (deps.append(entry) === 'wait') hold(true);
  }

  function hold(on: boolean): void {
    if (held === on || closed) return;
    held = on;
    deps.onHold(on);
  }

  return {
    events(more) {
      events = events.length === 0 ? [...more] : events.concat(more);
      notYetStored += more.length;
    },
    gaps(more) {
      gaps = gaps.concat(more);
    },
    transition(transition) {
      transitions.push(transition);
    },
    checkpoint: (step) => checkpoint.add(step),
    collect() {
      if (closed) return;
      if (events.length >= collectEvents) handOver();
      else timer ??= rounds.next(handOver);
    },
    handOver,
    committed(upTo) {
      while (unstored[0] && unstored[0].number <= upTo) notYetStored -= unstored.shift()?.events ?? 0;
      durable = Math.max(durable, upTo);
      const ready = waiting.filter((one) => one.number <= durable);
      if (ready.length === 0) return;
      waiting = waiting.filter((one) => one.number > durable);
      for (const { done } of ready) done(true);
    },
    whenStored(done) {
      if (closed) return;
      const collected = events.length > 0 || gaps.length > 0 || !checkpoint.empty;
      const wanted = collected ? number + 1 : number;
      if (wanted <= durable) done(true);
      else waiting.push({ number: wanted, done });
    },
    drop() {
      events = [];
      gaps = [];
      checkpoint.take();
      unstored.length = 0;
      notYetStored = 0;
      const lost = waiting;
      waiting = [];
      // Behind whatever is under way: who hears it may end its session.
      if (lost.length > 0) rounds.next(() => lost.forEach(({ done }) => void (closed || done(false))));
    },
    pressure: (pressure) => hold(pressure === 'wait'),
    get held() {
      return held;
    },
    get notYetStored() {
      return notYetStored;
    },
    close() {
      if (closed) return;
      handOver();
      closed = true;
      waiting = [];
      timer?.cancel();
    },
  };
}

/** The one-second buckets that ended with the last full second. */
export function endedPoints(meters: Meters, clock: Clock): readonly LivePoint[] {
  const ended = Math.floor(clock.wall() / 1000) * 1000 - 1000;
  const points: LivePoint[] = [];
  for (const series of meters.seriesNames()) {
    const bucket = meters.recent(series, 3).find(({ start }) => start === ended);
    if (bucket) points.push({ series, seconds: 1, bucket });
  }
  return points;
}
