import type { Alert } from '../../../shared/alert';
import type { Transition } from '../../../shared/connection';
import type { FaultState } from '../../../shared/faults';
import type { Gap } from '../../../shared/gap';
import type { Interest, JournalView, Update, UpdateBatch } from '../../../shared/ipc';
import type { SourceView } from '../../../shared/view';
import type { Clock, Timer } from '../core/clock';
import type { DeliveredEvent } from '../core/delivery';
import type { LivePoint } from '../core/facade';
import { createTail } from './tail';
import { evidenceSize, viewSize } from './view-size';

/** Bytes of one batch, about. */
const batchBytes = 256 * 1024;

/** Batches a window may have received and not yet acknowledged. */
const maxUnacknowledged = 2;

/** Least time between two batches with tails, points or gaps, ms. */
const tailEveryMs = 50;

/**
 * Least time between two batches with source state, ms; with many sources that changed in nothing but numbers, a pace at
 * which a person reads those.
 */
const stateEveryMs = 100;
const manyStateEveryMs = 1000;
const manySources = 24;

/** The same for a hidden window, ms. */
const hiddenEveryMs = 1000;

/** Two minutes of 64 series. Points are one a second and series: more waiting means a window that died. */
const maxPoints = 7680;

const maxTransitions = 200;
const maxGaps = 1000;
/** Changed alerts waiting for a window that lags; with more it is given the whole list again. */
const maxAlerts = 400;
/** An alert beside its texts, bytes. */
const alertBytes = 400;

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
 * the window did not ask for.
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
  const tail = createTail();
  const gaps = new Map<string, Gap>();
  let transitions: Transition[] = [];
  let points: LivePoint[] = [];
  let interest: Interest | null = null;
  let wantedSeries: ReadonlySet<string> = new Set();
  let hidden = false;
  let full = false;
  let journalDirty = true;
  let faultsDirty = true;
  let alertsFull = true;
  /** Some source is in another state than the window was told. */
  let moved = false;
  const alerts = new Map<string, Alert>();
  let batch = 0;
  let revision = 0;
  let lastState = Number.NEGATIVE_INFINITY;
  let lastTail = Number.NEGATIVE_INFINITY;
  let timer: Timer | null = null;
  let dueAt = Number.POSITIVE_INFINITY;
  let closed = false;

  const stateWaits = () => !full || dirty.size > 0 || journalDirty || faultsDirty || alertsFull || alerts.size > 0;
  const tailWaits = () => (!hidden && tail.pending()) || gaps.size > 0 || transitions.length > 0 || points.length > 0;

  const stateDue = () =>
    lastState + (hidden ? hiddenEveryMs : dirty.size > manySources && !moved ? manyStateEveryMs : stateEveryMs);
  const tailDue = () => lastTail + (hidden ? hiddenEveryMs : tailEveryMs);

  const schedule = () => {
    if (closed || unacknowledged.size >= maxUnacknowledged) return;
    let due = Number.POSITIVE_INFINITY;
    if (stateWaits()) due = Math.min(due, stateDue());
    if (tailWaits()) due = Math.min(due, tailDue());
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
      room = addState(updates, room);
      // State that did not fit goes on at once: the pace is for what is new.
      if (dirty.size === 0) {
        lastState = now;
        moved = false;
      }
    }
    if (full && tailWaits() && now >= tailDue()) {
      room = addDetail(updates, room);
      if (room > 0) lastTail = now;
    }
    if (updates.length > 0) {
      batch += 1;
      if (dirty.size === 0) revision = deps.revision();
      unacknowledged.add(batch);
      deps.send({ generation: deps.generation, batch, revision, now: clock.wall(), updates });
    }
    schedule();
  };

  const addState = (updates: Update[], budget: number): number => {
    let room = budget;
    const first = !full;
    if (first) {
      for (const id of deps.ids()) dirty.add(id);
      full = true;
    }
    if (first || dirty.size > 0) {
      const sources: SourceView[] = [];
      const removed: string[] = [];
      for (const id of dirty) {
        const view = deps.view(id);
        const size = view ? viewSize(view) : 60;
        if (size > room && sources.length > 0) break;
        dirty.delete(id);
        room -= size;
        if (view) sources.push(view);
        else if (!first) removed.push(id);
      }
      updates.push({ kind: 'sources', full: first, sources, removed });
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
      const told = alertsFull ? deps.alerts() : [...alerts.values()];
      if (told) updates.push({ kind: 'alerts', full: alertsFull, alerts: told });
      for (const alert of told ?? []) room -= alertBytes + alert.text.length * 2;
      alertsFull = false;
      alerts.clear();
    }
    return room;
  };

  const addDetail = (updates: Update[], budget: number): number => {
    let room = budget;
    const source = interest?.source;
    if (!source) return room;
    while (transitions.length > 0 && room > 0) {
      const transition = transitions.shift();
      if (!transition) break;
      updates.push({ kind: 'transition', source, transition });
      room -= 800 + transition.text.length + evidenceSize(transition.evidence);
    }
    if (gaps.size > 0 && room > 0) {
      updates.push({ kind: 'gaps', source, gaps: [...gaps.values()] });
      room -= gaps.size * 250;
      gaps.clear();
    }
    if (points.length > 0 && room > 0) {
      const fitting = points.splice(0, Math.max(1, Math.floor(room / 160)));
      updates.push({ kind: 'points', source, points: fitting });
      room -= fitting.length * 160;
    }
    if (!hidden && room > 0) {
      const part = tail.take(room);
      if (part) {
        updates.push({ kind: 'events', source, rows: part.rows, skipped: part.skipped });
        room -= part.bytes;
      }
    }
    return room;
  };

  const forgetDetail = () => {
    tail.clear();
    gaps.clear();
    transitions = [];
    points = [];
  };

  return {
    generation: deps.generation,
    interest: () => interest,
    setInterest(next) {
      if (next.generation !== deps.generation) return;
      if (next.source !== interest?.source) forgetDetail();
      else if (!next.tail) tail.clear();
      interest = next;
      wantedSeries = new Set(next.series);
      points = points.filter((point) => wantedSeries.has(point.series));
    },
    ack(number) {
      if (unacknowledged.delete(number)) schedule();
    },
    setHidden(next) {
      if (hidden === next) return;
      hidden = next;
      if (hidden) tail.skip(0);
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
      if (interest?.source !== source || !interest.tail) return;
      if (hidden) tail.skip(events.length);
      else tail.push(events);
      schedule();
    },
    gaps(source, changed) {
      if (interest?.source !== source) return;
      for (const gap of changed) {
        gaps.delete(gap.id);
        gaps.set(gap.id, gap);
      }
      for (const id of gaps.keys()) {
        if (gaps.size <= maxGaps) break;
        gaps.delete(id);
      }
      schedule();
    },
    transition(source, transition) {
      moved = true;
      if (interest?.source !== source) return;
      transitions.push(transition);
      if (transitions.length > maxTransitions) transitions.shift();
      schedule();
    },
    points(source, fresh) {
      if (interest?.source !== source) return;
      for (const point of fresh) if (wantedSeries.has(point.series)) points.push(point);
      if (points.length > maxPoints) points.splice(0, points.length - maxPoints);
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
      forgetDetail();
      alerts.clear();
      dirty.clear();
      unacknowledged.clear();
    },
  };
}
