import { adviceOf, sayReason } from '../../../shared/reasons';
import type { SourceConfig } from '../../../shared/source';
import { noCounters, type SourceView } from '../../../shared/view';
import type { Clock, Timer } from '../core/clock';
import type { RestoredSource } from '../core/journal';
import type { Source, SourceSink } from './contract';

export interface AwaitingSourceDeps {
  readonly clock: Clock;
  /** Asks the journal; rejects when it cannot be read. */
  restore(): Promise<RestoredSource | null>;
  /** Why the journal cannot be read just now; null when it can. */
  trouble(): string | null;
  /** Its place is known: the source that watches takes over, under the configuration it has by now. */
  onRestored(config: SourceConfig, restored: RestoredSource | null): void;
}

/** A source whose place is being asked for. */
export interface AwaitingSource extends Source {
  /** Resolves once it is watched, is closed, or is known to have to wait. Rejects when it cannot be watched. */
  readonly settled: Promise<void>;
}

/** Pause before the journal is asked again, ms: doubling from the first to the last. */
const firstRetryMs = 1_000;
const lastRetryMs = 15_000;

/**
 * Stands for a source until the journal has said where it was. A journal that cannot be read is not an empty one: what
 * began anew would be stored over what it holds. So the source waits, says why, and takes what a person orders meanwhile.
 */
export function createAwaitingSource(
  initial: SourceConfig,
  deps: AwaitingSourceDeps,
  sink: SourceSink,
): AwaitingSource {
  const { clock } = deps;
  const since = clock.wall();
  let config = initial;
  let closed = false;
  let refused: string | null = null;
  let retryMs = firstRetryMs;
  let timer: Timer | null = null;
  let settle = (): void => {};
  let fail = (_error: unknown): void => {};
  const settled = new Promise<void>((resolve, reject) => {
    settle = resolve;
    fail = reject;
  });

  function ask(): void {
    timer = null;
    deps.restore().then(
      (restored) => {
        if (closed) return;
        closed = true;
        try {
          deps.onRestored(config, restored);
          settle();
        } catch (error) {
          fail(error);
        }
      },
      (error: unknown) => {
        if (closed) return;
        refused = error instanceof Error ? error.message : String(error);
        timer = clock.after(retryMs, ask);
        retryMs = Math.min(retryMs * 2, lastRetryMs);
        sink.onChange();
        settle();
      },
    );
  }

  function change(next: Partial<SourceConfig>): void {
    config = { ...config, ...next };
    sink.onChange();
  }

  function view(): SourceView {
    const why = deps.trouble() ?? refused;
    const code = why === null ? 'journal-asked' : 'journal-unreadable';
    return {
      id: config.id,
      config,
      state: { kind: 'idle', cause: config.paused ? 'paused' : 'new' },
      badge: config.paused ? 'paused' : why === null ? 'connecting' : 'waiting',
      since,
      reason: { code, text: sayReason(code, { why: why ?? '' }).text },
      advice: adviceOf(code),
      evidence: [],
      ladder: [],
      remembered: false,
      numbering: 'none',
      promise: '',
      lastByteAt: null,
      lastHeartbeatAt: null,
      lastEventAt: null,
      roundTripMs: null,
      eventsPerSecond: 0,
      spark: [],
      counters: noCounters,
      catchingUp: null,
      notYetStored: 0,
    };
  }

  const notYet = async (): Promise<never> => {
    throw new Error('This source waits for the journal: try again when it is watched.');
  };

  return {
    settled,
    start: ask,
    rename: ({ name }) => change({ name }),
    command(command) {
      if (command === 'pause' || command === 'resume') change({ paused: command === 'pause' });
      else if (typeof command === 'object' && 'pin' in command) change({ pinnedRung: command.pin });
      return config;
    },
    config: () => config,
    view,
    pressure: () => {},
    committed: () => {},
    credentialChanged: () => {},
    reopenSince: () => {},
    tick() {
      // The journal comes to be unreadable without a word to the source.
      if (deps.trouble() !== null) settle();
      return false;
    },
    setAlertRules: () => {},
    points: () => [],
    seriesNames: () => [],
    outbox: {
      send: notYet,
      again: notYet,
      dismiss: notYet,
      view: () => ({ promise: null, trouble: null, queued: 0, held: 0, unknown: 0, items: [] }),
    },
    latest: () => [],
    state: () => ({ rows: [], refused: 0, offered: false }),
    refreshState: async () => ({ ok: false, text: 'This source is not watched yet.' }),
    frames: () => ({ rows: [], evicted: 0 }),
    close() {
      closed = true;
      timer?.cancel();
      settle();
    },
  };
}
