import type { Alert } from '../../shared/alert';
import type { Transition } from '../../shared/connection';
import type { FaultState } from '../../shared/faults';
import type { Gap } from '../../shared/gap';
import type { AppInfo, JournalView, Update } from '../../shared/ipc';
import type { SourceView } from '../../shared/view';
import { mergeAlerts } from './alerts';
import { share } from './share';

/** How far the window has got with main. */
export type Phase =
  | { readonly kind: 'attaching' }
  | { readonly kind: 'attached'; readonly generation: number; readonly app: AppInfo }
  | { readonly kind: 'failed'; readonly message: string };

/** What main has told this window; event rows and chart points are kept outside (tail.ts, points.ts). */
export interface WindowState {
  readonly phase: Phase;
  /** The first full set of sources has arrived. */
  readonly complete: boolean;
  /** In main's order. */
  readonly sources: ReadonlyMap<string, SourceView>;
  /** Known gaps per source, newest last, at most `maxGaps`. */
  readonly gaps: ReadonlyMap<string, readonly Gap[]>;
  /** Transitions heard since the window opened, per source: a reason to read the timeline again. */
  readonly transitions: ReadonlyMap<string, Transition>;
  /** Newest first, at most `maxAlerts`. */
  readonly alerts: readonly Alert[];
  readonly journal: JournalView;
  readonly faults: FaultState | null;
}

/** Gaps kept per source; older ones are in the journal. */
export const maxGaps = 500;

export const initialState: WindowState = {
  phase: { kind: 'attaching' },
  complete: false,
  sources: new Map(),
  gaps: new Map(),
  transitions: new Map(),
  alerts: [],
  journal: { kind: 'ok', behind: 0 },
  faults: null,
};

/** Applies updates in order. Returns `state` itself when nothing changed. */
export function applyUpdates(state: WindowState, updates: readonly Update[]): WindowState {
  return updates.reduce(applyUpdate, state);
}

function applyUpdate(state: WindowState, update: Update): WindowState {
  switch (update.kind) {
    case 'sources':
      return applySources(state, update);
    case 'gaps':
      return {
        ...state,
        gaps: replaced(state.gaps, update.source, mergeGaps(state.gaps.get(update.source), update.gaps)),
      };
    case 'transition':
      return { ...state, transitions: replaced(state.transitions, update.source, update.transition) };
    case 'journal':
      return { ...state, journal: share(state.journal, update.journal) };
    case 'faults':
      return { ...state, faults: share(state.faults, update.faults) };
    case 'events':
    case 'points':
      return state;
    case 'alerts':
      return { ...state, alerts: mergeAlerts(state.alerts, update.alerts, update.full) };
  }
}

function applySources(state: WindowState, update: Extract<Update, { kind: 'sources' }>): WindowState {
  const sources = new Map(update.full ? [] : state.sources);
  for (const view of update.sources) sources.set(view.id, share(state.sources.get(view.id), view));
  for (const numbers of update.numbers ?? []) {
    const before = sources.get(numbers.id);
    if (before) sources.set(numbers.id, share(before, { ...before, ...numbers }));
  }
  for (const id of update.removed) sources.delete(id);
  const gone = [...state.sources.keys()].filter((id) => !sources.has(id));
  return {
    ...state,
    complete: state.complete || update.full,
    sources,
    gaps: without(state.gaps, gone),
    transitions: without(state.transitions, gone),
  };
}

/** A gap is one value that changes (open → filled or lost): by id, in the order first heard. */
function mergeGaps(known: readonly Gap[] = [], news: readonly Gap[]): readonly Gap[] {
  const byId = new Map(known.map((gap) => [gap.id, gap]));
  for (const gap of news) byId.set(gap.id, gap);
  return [...byId.values()].slice(-maxGaps);
}

function replaced<Value>(map: ReadonlyMap<string, Value>, key: string, value: Value): ReadonlyMap<string, Value> {
  return new Map(map).set(key, value);
}

function without<Value>(map: ReadonlyMap<string, Value>, keys: readonly string[]): ReadonlyMap<string, Value> {
  if (!keys.some((key) => map.has(key))) return map;
  const rest = new Map(map);
  for (const key of keys) rest.delete(key);
  return rest;
}
