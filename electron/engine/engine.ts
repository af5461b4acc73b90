import type { AlertRule } from '../../shared/alert';
import type { Transition } from '../../shared/connection';
import type { Gap } from '../../shared/gap';
import type { SourceConfig } from '../../shared/source';
import { createAlertNewsDesk } from './alerts/news';
import { createGovernor, type Governor } from './connection/governor';
import { createRungMemory } from './connection/memory';
import { createPortalWatch } from './connection/portals';
import type { AlertNews } from './core/alerts';
import type { Clock, Timer } from './core/clock';
import type { DeliveredEvent } from './core/delivery';
import type { EngineFacade, LivePoint, OutboxFacade } from './core/facade';
import type { Journal, JournalEntry, RestoredSource } from './core/journal';
import { createListeners, type Report } from './core/listeners';
import type { HostSignals, HttpPort, SocketPort, StreamPort } from './core/network';
import type { OutboxStore } from './core/outbox';
import type { Random } from './core/random';
import type { Transport } from './core/transport';
import type { RecordingPort } from './recording/port';
import { adjust, sameFeed } from './source/adjust';
import { createAwaitingSource } from './source/awaiting';
import { concealedTransport } from './source/concealed-transport';
import type { Source, SourceDeps, SourceSink } from './source/contract';
import { createReadings } from './source/discovery';
import { createPaces, restTicks } from './source/paces';
import type { SourcePorts } from './source/ports';
import { createRecordingSource } from './source/recorded';
import { createSource } from './source/source';
import type { EventStreamReader } from './transports/event-stream-reader';
import { createLongPollTransport } from './transports/long-poll';
import { createPollTransport } from './transports/poll';
import { createSseTransport } from './transports/sse';
import { createTcpTransport } from './transports/tcp';
import { createWebSocketTransport } from './transports/websocket';

export interface EngineDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** For every source, where `portsOf` does not give each its own. */
  readonly http: HttpPort;
  readonly socket: SocketPort;
  readonly stream: StreamPort;
  /** One source's own ports, by its profile, closed with it; null for one that uses the shared ones. */
  portsOf?(config: SourceConfig): SourcePorts | null;
  readonly reader: EventStreamReader;
  readonly host: HostSignals;
  /** The budget of every origin, where it is shared with somebody else. */
  readonly governor?: Governor;
  readonly journal: Journal;
  /** Sessions as they open and end, and of which source, for checks from outside. */
  onSession?(session: Parameters<NonNullable<SourceDeps['onSession']>>[0], source: string): void;
  /** Stands between a source and each of its transports, for checks from outside. */
  dressTransport?(transport: Transport): Transport;
  /** Opens recordings; without it none can be a source. */
  readonly recordings?: RecordingPort;
  /** Shorter waits, for tests that run on the real clock. */
  readonly timing?: SourceDeps['timing'];
  /** Where messages to feeds wait across restarts; without it nothing can be sent. */
  readonly outboxStore?: OutboxStore;
  /** Rules in force from the first event on; `setAlertRules` changes them. */
  readonly alertRules?: readonly AlertRule[];
  /** Where errors of listeners go. */
  readonly report?: Report;
}

/** The engine, with what only its driver uses. */
export interface Engine extends EngineFacade {
  readonly outbox: OutboxFacade;
}

interface Running {
  source: Source;
  readonly release: () => void;
}

/** The whole engine: sources, what they share, and the journal. */
export function createEngine(deps: EngineDeps): Engine {
  const { clock, journal } = deps;
  const sources = new Map<string, Running>();
  /** Sources being forgotten. */
  const forgetting = new Map<string, Promise<void>>();
  const changes = createListeners<[string]>(deps.report);
  const events = createListeners<[string, readonly DeliveredEvent[]]>(deps.report);
  const gaps = createListeners<[string, readonly Gap[]]>(deps.report);
  const transitions = createListeners<[string, Transition]>(deps.report);
  const points = createListeners<[string, readonly LivePoint[]]>(deps.report);
  const alerts = createListeners<[AlertNews]>(deps.report);
  const readings = createReadings();
  const alertNews = createAlertNewsDesk(alerts.tell);
  let alertRules = deps.alertRules ?? [];
  let watched: ReadonlySet<string> = new Set();
  let closing: Promise<void> | null = null;
  let tickTimer: Timer | null = null;
  let ticks = 0;

  const shared = {
    clock,
    random: deps.random,
    host: deps.host,
    governor: deps.governor ?? createGovernor(clock),
    memory: createRungMemory(clock),
    portals: createPortalWatch(clock, deps.report),
    ...createPaces(clock, deps.timing),
    append(entry: JournalEntry) {
      // First: one that keeps nothing says so of an entry while it takes it.
      alertNews.appended(entry, journal.view().kind === 'paused');
      return journal.append(entry);
    },
    ...(deps.timing ? { timing: deps.timing } : {}),
  };

  const stopCommitted = journal.onCommitted((id, number) => {
    alertNews.committed(id, number);
    const running = sources.get(id);
    if (!running) return;
    running.source.committed(number);
    changes.tell(id);
  });
  const stopPressure = journal.onPressure((pressure) => {
    for (const { source } of sources.values()) source.pressure(pressure);
  });

  const stopResumed = journal.onResumed((id, stored) => {
    alertNews.dropped(id);
    sources.get(id)?.source.reopenSince(stored);
  });
  const stopView = journal.onView(({ kind }) => {
    if (kind === 'paused') alertNews.paused();
  });

  /** Counts and rates of sources are looked at once a second, of those that rest now and then; ages are reckoned by whoever shows them. */
  function tick(): void {
    tickTimer = shared.ticks.next(tick);
    ticks += 1;
    for (const [id, { source }] of sources) {
      if (source.tick() || ticks % restTicks === 0) changes.tell(id);
      const ended = watched.has(id) ? source.points() : [];
      if (ended.length > 0) points.tell(id, ended);
    }
  }

  /** Asks where the source was, and watches it from there on. A source that waits for that can be edited, paused and removed like any. */
  async function begin(config: SourceConfig): Promise<void> {
    const { id } = config;
    const awaiting = createAwaitingSource(
      config,
      {
        clock,
        async restore() {
          await forgetting.get(id);
          const restored = await journal.restore(id);
          // What was played in an earlier run is no history: it is in the file.
          const played = config.protocol === 'recording' && restored !== null;
          if (played && sources.get(id)?.source === awaiting) await journal.forget(id);
          return restored;
        },
        trouble() {
          const view = journal.view();
          return view.kind === 'paused' ? view.text : null;
        },
        onRestored(now, restored) {
          if (now.protocol === 'recording') startRecording(now, restored === null);
          else watch(now, restored);
        },
      },
      sinkOf(id),
    );
    run(id, awaiting, () => {});
    try {
      await awaiting.settled;
    } catch (error) {
      if (sources.get(id)?.source === awaiting) stop(id);
      throw error;
    }
    if (closing) throw new Error('The engine is closed.');
  }

  function watch(config: SourceConfig, restored: RestoredSource | null): void {
    const ports = deps.portsOf?.(config) ?? null;
    const http = ports?.http ?? deps.http;
    const socket = ports?.socket ?? deps.socket;
    const stream = ports?.stream ?? deps.stream;
    const credential = ports?.credential ?? null;
    const { dressTransport = (transport: Transport) => transport } = deps;
    const dress = (transport: Transport) => concealedTransport(dressTransport(transport), credential);
    const { onSession } = deps;
    const source = createSource(
      config,
      {
        ...shared,
        ...(onSession ? { onSession: (session) => onSession(session, config.id) } : {}),
        http,
        transports: {
          websocket: dress(createWebSocketTransport({ socket, clock })),
          sse: dress(createSseTransport({ http, clock, reader: deps.reader })),
          'long-poll': dress(createLongPollTransport({ http, clock })),
          poll: dress(createPollTransport({ http, clock })),
          tcp: dress(createTcpTransport({ stream, clock })),
        },
        credential,
        ...(ports ? { way: ports.way } : {}),
        restored,
        reading: readings.of(config),
        onReading(reading) {
          const running = sources.get(config.id);
          if (running?.source !== source) return;
          readings.keep(source.config(), reading);
          end(running);
          begin(source.config()).catch((error) => deps.report?.(error));
        },
        alertRules,
        outboxStore: deps.outboxStore ?? null,
      },
      sinkOf(config.id),
    );
    const stopCredential = credential?.onChange(() => source.credentialChanged()) ?? (() => {});
    run(config.id, source, () => {
      stopCredential();
      ports?.close();
    });
  }

  /** A recording plays by itself when it is new; at a later start it waits at its beginning. */
  function startRecording(config: SourceConfig, isNew: boolean): void {
    const { recordings } = deps;
    if (!recordings) throw new Error('Recordings cannot be opened here.');
    const play = isNew && !config.paused;
    const source = createRecordingSource(config, { ...shared, recordings, play }, sinkOf(config.id));
    run(config.id, source, () => {});
  }

  /** What is stored of a source goes, and nothing of that id begins before it has gone. */
  function forget(id: string): Promise<void> {
    const before = forgetting.get(id) ?? Promise.resolve();
    const mine = before
      .then(() => journal.forget(id))
      .then(() => {
        alertNews.forgotten(id);
        return deps.outboxStore?.forget(id);
      })
      .finally(() => {
        if (forgetting.get(id) === kept) forgetting.delete(id);
        changes.tell(id);
      });
    const kept = mine.catch(() => {});
    forgetting.set(id, kept);
    return mine;
  }

  function sinkOf(id: string): SourceSink {
    return {
      onChange: () => changes.tell(id),
      onEvents: (delivered) => events.tell(id, delivered),
      onGaps: (changed) => gaps.tell(id, changed),
      onTransition: (transition) => transitions.tell(id, transition),
    };
  }

  function run(id: string, source: Source, release: () => void): void {
    sources.set(id, { source, release });
    tickTimer ??= shared.ticks.next(tick);
    source.start();
    changes.tell(id);
  }

  function outboxOf(id: string): Source['outbox'] {
    const running = sources.get(id);
    if (!running) throw new Error('There is no such source.');
    return running.source.outbox;
  }

  function stop(id: string): void {
    const running = sources.get(id);
    if (!running) return;
    end(running);
    sources.delete(id);
  }

  function end({ source, release }: Running): void {
    source.close();
    release();
  }

  return {
    async addSource(config) {
      if (closing) throw new Error('The engine is closed.');
      if (sources.has(config.id)) throw new Error(`There is a source ${config.id} already.`);
      await begin(config);
    },

    async editSource(config) {
      if (closing) throw new Error('The engine is closed.');
      const running = sources.get(config.id);
      if (!running) throw new Error(`There is no source ${config.id}.`);
      if (sameFeed(running.source.config(), config)) adjust(running.source, config);
      else {
        // It keeps its place among the others.
        end(running);
        await begin(config);
      }
    },

    removeSource(id) {
      stop(id);
      readings.forget(id);
      return forget(id);
    },

    command: (id, command) => sources.get(id)?.source.command(command) ?? null,
    view: (id) => sources.get(id)?.source.view() ?? null,
    frames: (id, limit) => sources.get(id)?.source.frames(limit) ?? null,
    state: (id) => sources.get(id)?.source.state() ?? null,
    refreshState: (id) => sources.get(id)?.source.refreshState() ?? null,
    views: () => [...sources.values()].map(({ source }) => source.view()),
    onChange: changes.subscribe,
    onEvents: events.subscribe,
    onGaps: gaps.subscribe,
    onTransition: transitions.subscribe,
    onPoints: points.subscribe,
    onAlerts: alerts.subscribe,
    journal,
    outbox: {
      send: async (id, type, body) => outboxOf(id).send(type, body),
      decide: async (id, number, decision) => outboxOf(id)[decision](number),
      view: (id) => sources.get(id)?.source.outbox.view() ?? null,
    },

    setAlertRules(rules) {
      alertRules = rules;
      for (const { source } of sources.values()) source.setAlertRules(rules);
    },

    setWatched(ids) {
      watched = new Set(ids);
    },

    close() {
      closing ??= (async () => {
        tickTimer?.cancel();
        for (const id of [...sources.keys()]) stop(id);
        stopCommitted();
        stopPressure();
        stopResumed();
        stopView();
        await journal.close();
      })();
      return closing;
    },
  };
}
