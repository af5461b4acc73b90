import type { Alert } from '../../../shared/alert';
import type { Transition } from '../../../shared/connection';
import type { FaultState } from '../../../shared/faults';
import type { Gap } from '../../../shared/gap';
import type { Interest, JournalView, Update, UpdateBatch } from '../../../shared/ipc';
import type { SourceNumbers, SourceView } from '../../../shared/view';
import type { Clock, Timer } from '../core/clock';
import type { DeliveredEvent } from '../core/delivery';
import type { LivePoint } from '../core/facade';
import { createDetail } from './detail';
import { createKnownViews } from './known-views';

/** Bytes of one batch, about. */
const batchBytes = 256 * 1024;

/** Batches a window may have received and not yet acknowledged. */
const maxUnacknowledged = 2;

/**
 * Least time between two batches with tails, points or gaps, ms; where more events come than anybody reads, a pace at which one
 * still sees what kind they are: each batch is a layout of the page.
 */
const detailEveryMs = 50;
const crowdedEveryMs = 250;

/**
 * Least time between two batches with source state, ms; where there are many sources, and none but those that nobody looks
 * at changed, in nothing but numbers, a pace at which a person reads those: a batch for each heartbeat of each costs more
 * than what is in it.
 */
const stateEveryMs = 100;
const manyStateEveryMs = 1000;
const manySources = 24;

/**
 * The same for a hidden window, ms: of sources in another state, of alerts and the journal; and of what changed in nothing
 * but numbers. Nobody sees them, but a window that is shown paints what it had before it hears anything new.
 */
const hiddenEveryMs = 1000;
const hiddenNumbersEveryMs = 30_000;

/** Changed alerts waiting for a window that lags; with more it is given the whole list again. */
const maxAlerts = 400;
/** An alert beside its texts, bytes. */
const alertBytes = 400;
/** That a source is gone, bytes. */
const goneBytes = 60;

/** What a window is told from. Everything is read when it is sent, so that it is always the newest. */
export interface WindowRelayDeps {
  readonly clock: Clock;
  readonly generation: number;
  readonly send: (batch: UpdateBatch) => void;
  /** Ids of all sources, in order. */
  readonly ids: () => readonly string[];
  readonly view: (id: string) => SourceView | null;
  readonly journal: () => JournalView;
  /** Null outside demo mode. */
  readonly faults: () => FaultState | null;
  /** Open alerts, newest first; null where there are none to be told. */
  readonly alerts: () => readonly Alert[] | null;
  /** Revision of the state that the functions above would give now. */
  readonly revision: () => number;
}

/**
 * What forwards to one load of one window. Invariants: the first batch begins with the full state; at most two
 * batches are unacknowledged; what waits for a lagging window is bounded; nothing but source state is sent that
 * the window did not ask for; a hidden window hears of other states, alerts and the journal, of numbers rarely, and of
 * everything that waited as soon as it is shown.
 */
export interface WindowRelay {
  readonly generation: number;
  interest(): Interest | null;
  setInterest(interest: Interest): void;
  ack(batch: number): void;
  setHidden(hidden: boolean): void;

  sourceChanged(id: string): void;
  events(source: string, events: readonly DeliveredEvent[]): void;
  gaps(source: string, gaps: readonly Gap[]): void;
  transition(source: string, transition: Transition): void;
  points(source: string, points: readonly LivePoint[]): void;
  journalChanged(): void;
  faultsChanged(): void;
  alertsChanged(changed: readonly Alert[]): void;

  /** Sends nothing any more and holds no timer. */
  close(): void;
}

/** See `WindowRelay`. */
export function createWindowRelay(deps: WindowRelayDeps): WindowRelay {
  const { clock } = deps;
  const unacknowledged = new Set<number>();
  const dirty = new Set<string>();
  /** Of those, the ones that are in another state than the window was told. */
  const moved = new Set<string>();
  const known = createKnownViews();
  const detail = createDetail();
  let hidden = false;
  let full = false;
  let journalDirty = true;
  let faultsDirty = true;
  let alertsFull = true;
  const alerts = new Map<string, Alert>();
  let batch = 0;
  let revision = 0;
  let lastState = Number.NEGATIVE_INFINITY;
  /** When all sources that had changed were told last. */
  let lastNumbers = Number.NEGATIVE_INFINITY;
  let lastDetail = Number.NEGATIVE_INFINITY;
  let timer: Timer | null = null;
  let dueAt = Number.POSITIVE_INFINITY;
  let closed = false;

  const restWaits = () => !full || journalDirty || faultsDirty || alertsFull || alerts.size > 0;
  const stateWaits = () => dirty.size > 0 || restWaits();
  const detailWaits = () => !hidden && detail.waits();

  const lookedAt = () => {
    const source = detail.interest()?.source ?? null;
    return source !== null && dirty.has(source);
  };

  const stateDue = () => {
    if (!hidden) {
      const many = dirty.size > manySources || (known.size() > manySources && !restWaits() && !lookedAt());
      return lastState + (many && moved.size === 0 ? manyStateEveryMs : stateEveryMs);
    }
    const numbers = lastNumbers + hiddenNumbersEveryMs;
    return restWaits() || moved.size > 0 ? Math.min(lastState + hiddenEveryMs, numbers) : numbers;
  };
  const detailDue = () => lastDetail + (detail.crowded() ? crowdedEveryMs : detailEveryMs);

  const schedule = () => {
    if (closed || unacknowledged.size >= maxUnacknowledged) return;
    let due = Number.POSITIVE_INFINITY;
    if (stateWaits()) due = Math.min(due, stateDue());
    if (detailWaits()) due = Math.min(due, detailDue());
    if (due >= dueAt || due === Number.POSITIVE_INFINITY) return;
    timer?.cancel();
    dueAt = due;
    timer = clock.after(Math.max(0, due - clock.now()), flush);
  };

  const flush = () => {
    timer = null;
    dueAt = Number.POSITIVE_INFINITY;
    if (closed || unacknowledged.size >= maxUnacknowledged) return;
    const now = clock.now();
    const updates: Update[] = [];
    let room = batchBytes;
    if (stateWaits() && now >= stateDue()) {
      const whole = !hidden || now >= lastNumbers + hiddenNumbersEveryMs;
      const told = whole ? dirty : moved;
      room = addState(updates, told, room);
      // State that did not fit goes on at once: the pace is for what is new.
      if (told.size === 0) {
        lastState = now;
        if (whole) lastNumbers = now;
      }
    }
    if (full && detailWaits() && now >= detailDue()) {
      room = detail.take(updates, room);
      if (room > 0) lastDetail = now;
    }
    if (updates.length > 0) {
      batch += 1;
      if (dirty.size === 0) revision = deps.revision();
      unacknowledged.add(batch);
      deps.send({ generation: deps.generation, batch, revision, now: clock.wall(), updates });
    }
    schedule();
  };

  const addState = (updates: Update[], told: ReadonlySet<string>, budget: number): number => {
    let room = budget;
    const first = !full;
    if (first) {
      for (const id of deps.ids()) dirty.add(id);
      full = true;
    }
    if (first || told.size > 0) {
      const sources: SourceView[] = [];
      const numbers: SourceNumbers[] = [];
      const removed: string[] = [];
      for (const id of told) {
        const view = deps.view(id);
        const news = view && known.news(view);
        const size = view ? (news?.size ?? 0) : goneBytes;
        if (size > room && sources.length + numbers.length > 0) break;
        dirty.delete(id);
        moved.delete(id);
        room -= size;
        if (view) known.told(view);
        else {
          known.forget(id);
          if (!first) removed.push(id);
        }
        if (news?.kind === 'whole') sources.push(news.view);
        if (news?.kind === 'numbers') numbers.push(news.numbers);
      }
      if (first || sources.length + numbers.length + removed.length > 0) {
        const onlyNumbers = numbers.length === 0 ? {} : { numbers };
        updates.push({ kind: 'sources', full: first, sources, ...onlyNumbers, removed });
      }
    }
    if (journalDirty) {
      journalDirty = false;
      updates.push({ kind: 'journal', journal: deps.journal() });
      room -= 300;
    }
    if (faultsDirty) {
      faultsDirty = false;
      const faults = deps.faults();
      if (faults) updates.push({ kind: 'faults', faults });
      room -= 300;
    }
    if (alertsFull || alerts.size > 0) {
      const news = alertsFull ? deps.alerts() : [...alerts.values()];
      if (news) updates.push({ kind: 'alerts', full: alertsFull, alerts: news });
      for (const alert of news ?? []) room -= alertBytes + alert.text.length * 2;
      alertsFull = false;
      alerts.clear();
    }
    return room;
  };

  return {
    generation: deps.generation,
    interest: detail.interest,
    setInterest(next) {
      if (next.generation === deps.generation) detail.setInterest(next);
    },
    ack(number) {
      if (unacknowledged.delete(number)) schedule();
    },
    setHidden(next) {
      if (hidden === next) return;
      hidden = next;
      if (hidden) detail.skipEvents();
      // What it shows at first is old: the news come at once.
      else lastState = lastDetail = Number.NEGATIVE_INFINITY;
      // The timer was set at the other pace.
      timer?.cancel();
      timer = null;
      dueAt = Number.POSITIVE_INFINITY;
      schedule();
    },
    sourceChanged(id) {
      dirty.add(id);
      schedule();
    },
    events(source, events) {
      detail.events(source, events, hidden);
      schedule();
    },
    gaps(source, changed) {
      detail.gaps(source, changed);
      schedule();
    },
    transition(source, transition) {
      dirty.add(source);
      moved.add(source);
      detail.transition(source, transition);
      schedule();
    },
    points(source, fresh) {
      detail.points(source, fresh);
      schedule();
    },
    journalChanged() {
      journalDirty = true;
      schedule();
    },
    faultsChanged() {
      faultsDirty = true;
      schedule();
    },
    alertsChanged(changed) {
      for (const alert of changed) alerts.set(alert.id, alert);
      if (alertsFull || alerts.size > maxAlerts) {
        alertsFull = true;
        alerts.clear();
      }
      schedule();
    },
    close() {
      closed = true;
      timer?.cancel();
      timer = null;
      detail.clear();
      alerts.clear();
      dirty.clear();
      moved.clear();
      known.clear();
      unacknowledged.clear();
    },
  };
}
