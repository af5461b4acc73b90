import type { ConnectionState, Transition } from '../../../../shared/connection';
import { badgeOf } from '../../../../shared/connection';
import type { Gap } from '../../../../shared/gap';
import type { JournalView } from '../../../../shared/ipc';
import type { SourceConfig } from '../../../../shared/source';
import type { SourceView } from '../../../../shared/view';
import type { AlertNews } from '../../core/alerts';
import type { DeliveredEvent } from '../../core/delivery';
import type { EngineFacade, LivePoint, SourceCommand } from '../../core/facade';
import type { Journal } from '../../core/journal';

/**
 * An engine that does what the test says. Hooks: `set` replaces a source's view, `emit.*` tell the listeners,
 * `asked` is what was asked of it, in order.
 */
export interface FakeEngine extends EngineFacade {
  set(id: string, change: Partial<SourceView>): void;
  readonly emit: {
    events(source: string, events: readonly DeliveredEvent[]): void;
    gaps(source: string, gaps: readonly Gap[]): void;
    transition(source: string, transition: Transition): void;
    points(source: string, points: readonly LivePoint[]): void;
    journal(view: JournalView): void;
    alerts(news: AlertNews): void;
  };
  readonly asked: readonly string[];
  watched(): readonly string[];
}

/** See `FakeEngine`. */
export function createFakeEngine(): FakeEngine {
  const views = new Map<string, SourceView>();
  const asked: string[] = [];
  const change = hub<[string]>();
  const events = hub<[string, readonly DeliveredEvent[]]>();
  const gaps = hub<[string, readonly Gap[]]>();
  const transition = hub<[string, Transition]>();
  const points = hub<[string, readonly LivePoint[]]>();
  const alerts = hub<[AlertNews]>();
  const journalView = hub<[JournalView]>();
  let journalNow: JournalView = { kind: 'ok', behind: 0 };
  let watched: readonly string[] = [];

  const put = (config: SourceConfig) => {
    views.set(config.id, fakeView(config));
    change.tell(config.id);
  };

  return {
    async addSource(config) {
      asked.push(`add ${config.id}`);
      if (views.has(config.id)) throw new Error('taken');
      put(config);
    },
    async editSource(config) {
      asked.push(`edit ${config.id}`);
      if (!views.has(config.id)) throw new Error('no such source');
      put(config);
    },
    async removeSource(id) {
      asked.push(`remove ${id}`);
      if (views.delete(id)) change.tell(id);
    },
    command(id, command) {
      asked.push(`${wordOf(command)} ${id}`);
      const view = views.get(id);
      if (!view) return null;
      const config = commanded(view.config, command);
      put(config);
      return config;
    },
    view: (id) => views.get(id) ?? null,
    frames: () => null,
    state: () => null,
    refreshState: () => null,
    views: () => [...views.values()],
    onChange: change.subscribe,
    onEvents: events.subscribe,
    onGaps: gaps.subscribe,
    onTransition: transition.subscribe,
    onPoints: points.subscribe,
    onAlerts: alerts.subscribe,
    setAlertRules(rules) {
      asked.push(`rules ${rules.map(({ id }) => id).join(' ')}`);
    },
    journal: fakeJournal(() => journalNow, journalView.subscribe),
    setWatched(sources) {
      watched = sources;
    },
    async close() {
      asked.push('close');
    },
    set(id, part) {
      const view = views.get(id);
      if (!view) throw new Error(`no source ${id}`);
      views.set(id, { ...view, ...part });
      change.tell(id);
    },
    emit: {
      events: events.tell,
      gaps: gaps.tell,
      transition: transition.tell,
      points: points.tell,
      journal(view) {
        journalNow = view;
        journalView.tell(view);
      },
      alerts: alerts.tell,
    },
    asked,
    watched: () => watched,
  };
}

/** A source's view as it is right after it was added. */
export function fakeView(config: SourceConfig): SourceView {
  const state: ConnectionState = { kind: 'idle', cause: config.paused ? 'paused' : 'new' };
  return {
    id: config.id,
    config,
    state,
    badge: badgeOf({ state, pinnedRung: config.pinnedRung, throttled: false, stale: false, quiet: false }),
    since: 0,
    reason: { code: 'source-added', text: 'The source was added.' },
    advice: '',
    evidence: [],
    ladder: config.ladder.map(({ transport, url }) => ({
      transport,
      url,
      status: 'ready',
      reason: null,
      evidence: [],
      since: null,
      nextProbeAt: null,
    })),
    remembered: false,
    numbering: 'contiguous',
    promise: 'Exactly once, in order.',
    lastByteAt: null,
    lastHeartbeatAt: null,
    lastEventAt: null,
    roundTripMs: null,
    eventsPerSecond: 0,
    spark: [],
    counters: {
      delivered: 0,
      repeated: 0,
      late: 0,
      lost: 0,
      gapsOpen: 0,
      undecodable: 0,
      reconnects: 0,
      bytes: 0,
    },
    catchingUp: null,
    notYetStored: 0,
  };
}

/** A configuration that passes the schema. */
export function fakeConfig(id: string, change: Partial<SourceConfig> = {}): SourceConfig {
  return {
    id,
    name: `Source ${id}`,
    url: `http://127.0.0.1:1/v1/${id}`,
    protocol: 'gateway',
    ladder: [{ transport: 'sse', url: `http://127.0.0.1:1/v1/${id}/sse`, intervalSeconds: 5 }],
    pinnedRung: null,
    paused: false,
    builtIn: false,
    ...change,
  };
}

function wordOf(command: SourceCommand): string {
  if (typeof command === 'string') return command;
  return 'pin' in command ? `pin ${command.pin}` : `play ${command.playback.kind}`;
}

function commanded(config: SourceConfig, command: SourceCommand): SourceConfig {
  if (typeof command === 'object') return 'pin' in command ? { ...config, pinnedRung: command.pin } : config;
  switch (command) {
    case 'pause':
      return { ...config, paused: true };
    case 'resume':
      return { ...config, paused: false };
    case 'retry':
    case 'probe':
      return config;
  }
}

function fakeJournal(view: () => JournalView, onView: Journal['onView']): Journal {
  const none = () => () => {};
  return {
    restore: async () => null,
    append: () => 'go',
    onCommitted: none,
    onPressure: none,
    onResumed: none,
    view,
    onView,
    flush: async () => {},
    page: async () => ({ rows: [], gaps: [], more: false }),
    event: async () => {
      throw new Error('There is no such event.');
    },
    history: async () => [],
    states: async () => [],
    transitions: async () => [],
    seriesNames: async () => [],
    alertPage: async () => [],
    openAlerts: async () => [],
    markSent: async () => {},
    acknowledge: async () => {},
    forget: async () => {},
    close: async () => {},
  };
}

function hub<Args extends readonly unknown[]>() {
  const listeners = new Set<(...args: Args) => void>();
  return {
    tell: (...args: Args) => {
      for (const listener of [...listeners]) listener(...args);
    },
    subscribe: (listener: (...args: Args) => void) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
