import type { Alert } from '../../../shared/alert';
import type { FaultState } from '../../../shared/faults';
import type { Interest, UpdateBatch } from '../../../shared/ipc';
import type { Clock } from '../core/clock';
import type { EngineFacade } from '../core/facade';
import { createWindowRelay, type WindowRelay } from './window-relay';

/** The demo gateway's faults, where there are any. */
export interface FaultFeed {
  state(): FaultState;
  onChange(listener: () => void): () => void;
}

/** Alerts as whoever acts on them has them. */
export interface AlertFeed {
  /** Those that last or were not acknowledged: the newest, newest first. */
  open(): readonly Alert[];
  onChange(listener: (changed: readonly Alert[]) => void): () => void;
}

export interface RelayDeps {
  readonly clock: Clock;
  readonly engine: EngineFacade;
  /** Null outside demo mode. */
  readonly faults: FaultFeed | null;
  /** Absent where nobody acts on alerts. */
  readonly alerts?: AlertFeed;
  /** Told, beside the engine, which sources some visible window looks at. */
  readonly onWatched?: (sources: readonly string[]) => void;
}

/** One load of one window, as its host drives it. Calls with an older generation change nothing. */
export interface RelayLink {
  readonly generation: number;
  setInterest(interest: Interest): void;
  ack(generation: number, batch: number): void;
  setHidden(hidden: boolean): void;
  close(): void;
}

/** What forwards to the renderer: listens to the engine once and tells each window what that window looks at. */
export interface Relay {
  /** Opens a new generation; the full state follows through `send`, never inside this call. */
  open(send: (batch: UpdateBatch) => void): RelayLink;
  /** Windows open now. */
  size(): number;
  close(): void;
}

/** See `Relay`. */
export function createRelay({ clock, engine, faults, alerts, onWatched }: RelayDeps): Relay {
  const windows = new Map<WindowRelay, { hidden: boolean }>();
  let generations = 0;
  let revision = 0;

  const each = (act: (window: WindowRelay) => void) => {
    for (const window of windows.keys()) act(window);
  };
  const changed = (act: (window: WindowRelay) => void) => {
    revision += 1;
    each(act);
  };

  const tellWatched = () => {
    const watched = new Set<string>();
    for (const [window, { hidden }] of windows) {
      const source = window.interest()?.source;
      if (source && !hidden) watched.add(source);
    }
    engine.setWatched([...watched]);
    onWatched?.([...watched]);
  };

  const unsubscribes = [
    engine.onChange((source) => changed((window) => window.sourceChanged(source))),
    engine.onEvents((source, events) => each((window) => window.events(source, events))),
    engine.onGaps((source, gaps) => each((window) => window.gaps(source, gaps))),
    engine.onTransition((source, transition) => each((window) => window.transition(source, transition))),
    engine.onPoints((source, points) => each((window) => window.points(source, points))),
    engine.journal.onView(() => changed((window) => window.journalChanged())),
    alerts?.onChange((news) => changed((window) => window.alertsChanged(news))),
    faults?.onChange(() => changed((window) => window.faultsChanged())),
  ];

  return {
    open(send) {
      generations += 1;
      const window = createWindowRelay({
        clock,
        generation: generations,
        send,
        ids: () => engine.views().map((view) => view.id),
        view: (id) => engine.view(id),
        journal: () => engine.journal.view(),
        faults: () => faults?.state() ?? null,
        alerts: () => alerts?.open() ?? null,
        revision: () => revision,
      });
      const facts = { hidden: false };
      windows.set(window, facts);
      window.journalChanged();
      return {
        generation: window.generation,
        setInterest(interest) {
          window.setInterest(interest);
          tellWatched();
        },
        ack(generation, batch) {
          if (generation === window.generation) window.ack(batch);
        },
        setHidden(hidden) {
          facts.hidden = hidden;
          window.setHidden(hidden);
          tellWatched();
        },
        close() {
          window.close();
          if (windows.delete(window)) tellWatched();
        },
      };
    },
    size: () => windows.size,
    close() {
      for (const unsubscribe of unsubscribes) unsubscribe?.();
      each((window) => window.close());
      windows.clear();
    },
  };
}
