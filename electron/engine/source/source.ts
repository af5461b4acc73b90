import type { AlertRule } from '../../../shared/alert';
import { badgeOf, type Transition } from '../../../shared/connection';
import type { FramesView } from '../../../shared/frame';
import type { Gap } from '../../../shared/gap';
import type { SeriesName } from '../../../shared/meters';
import type { SourceConfig } from '../../../shared/source';
import type { SnapshotAnswer, StateView } from '../../../shared/state';
import type { TransportKind } from '../../../shared/transport';
import type { SourceCounters, SourceView, WayView } from '../../../shared/view';
import { createAlerts } from '../alerts/alerts';
import { createConnection } from '../connection/connection';
import type { Governor } from '../connection/governor';
import type { RungMemory } from '../connection/memory';
import type { PortalWatch } from '../connection/portals';
import type { Timing } from '../connection/timing';
import type { Clock, Timer } from '../core/clock';
import type { CredentialPort } from '../core/credential';
import type { DeliveredEvent, Delivery, Pressure } from '../core/delivery';
import type { LivePoint, SourceCommand } from '../core/facade';
import type { JournalEntry, RestoredSource } from '../core/journal';
import type { HostSignals, HttpPort } from '../core/network';
import type { OutboxStore } from '../core/outbox';
import type { Random } from '../core/random';
import type { RungFacts, RungPurpose } from '../core/rung';
import type { Transport } from '../core/transport';
import { createSequencer, type DeliveryDiagnosis } from '../delivery/sequencer';
import { FrameRing } from '../frames/frame-ring';
import { frameRow } from '../frames/frame-row';
import { createMeters } from '../meters/meters';
import { protocolOf } from '../protocols/registry';
import { createSourceOutbox, type SourceOutbox } from './outbox';
import { createSourceRepairs } from './requests';
import { createSourceRungs } from './rungs';
import { createSourceState, type SourceState } from './state';

/** What every source of the application shares, and what belongs to this one. */
export interface SourceDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly host: HostSignals;
  readonly governor: Governor;
  readonly memory: RungMemory;
  readonly portals: PortalWatch;
  readonly transports: Readonly<Record<TransportKind, Transport>>;
  /** For requests beside the connection: missing ranges, snapshots. */
  readonly http: HttpPort;
  readonly credential: CredentialPort | null;
  /** How the last connection came about, where the ports know it. */
  way?(): WayView | null;
  readonly restored: RestoredSource | null;
  /** All alert rules; none where left out. */
  readonly alertRules?: readonly AlertRule[];
  /** Where messages to the feed wait; without it nothing can be sent. */
  readonly outboxStore?: OutboxStore | null;
  /** Takes what belongs into one transaction; `wait` holds the connection back until `pressure('go')`. */
  append(entry: JournalEntry): Pressure;
  /** Sessions as they open and end, for checks from outside. */
  onSession?(session: { readonly id: number; readonly purpose: RungPurpose; readonly open: boolean }): void;
  /** Waits and limits of the connection that differ from the shipped ones. */
  readonly timing?: Partial<Timing>;
}

export interface SourceSink {
  /** Something in the view changed. */
  onChange(): void;
  onEvents(events: readonly DeliveredEvent[]): void;
  onGaps(gaps: readonly Gap[]): void;
  onTransition(transition: Transition): void;
}

/** One watched feed: a connection, a sequencer, meters, and what goes to the journal. */
export interface Source {
  start(): void;
  /** Puts a new name in force; anything else needs a new source. */
  rename(config: SourceConfig): void;
  command(command: SourceCommand): SourceConfig;
  config(): SourceConfig;
  view(): SourceView;
  /** The journal's word on whether it can take more. */
  pressure(pressure: Pressure): void;
  /** Entry `number` and all before it are durable. */
  committed(number: number): void;
  credentialChanged(): void;
  /** The journal is back after a pause: what it did not store is fetched again. */
  reopenSince(stored: RestoredSource | null): void;
  /** Once a second: what becomes so by time alone. */
  tick(): void;
  setAlertRules(rules: readonly AlertRule[]): void;
  /** The one-second buckets that ended with the last full second. */
  points(): readonly LivePoint[];
  seriesNames(): readonly SeriesName[];
  readonly outbox: Pick<SourceOutbox, 'send' | 'again' | 'dismiss' | 'view'>;
  /** The newest event of each type of a stream, snapshots merged in. */
  latest(stream: string): ReturnType<SourceState['latest']>;
  state(): StateView;
  /** Asks the feed for a snapshot, where it offers one. */
  refreshState(): Promise<SnapshotAnswer>;
  /** The newest raw frames, oldest first. */
  frames(limit: number): FramesView;
  /** Ends sockets, timers and listeners and hands the last entry over. */
  close(): void;
}

/** What is collected this long goes to the journal as one entry; the journal groups entries into commits. */
const collectMs = 25;
/** So many events go at once: a journal block's worth. More would be older when they are encoded, and cost more then. */
const collectEvents = 512;
/** How long we ask a long-poll server to hold. */
const holdMs = 25_000;

export function createSource(initial: SourceConfig, deps: SourceDeps, sink: SourceSink): Source {
  const { clock, random, restored } = deps;
  let config = initial;
  let closed = false;
  let throttled = false;
  let diagnosis: DeliveryDiagnosis | null = null;
  const protocol = protocolOf(config.protocol, config.ladder);
  const before = restored?.counters ?? noCounters;
  let bytes = before.bytes;
  let lastEventAt = restored?.lastEventAt ?? null;

  // What waits for the next journal entry.
  let events: DeliveredEvent[] = [];
  let gaps: Gap[] = [];
  let transitions: Transition[] = [];
  let checkpoint: Delivery['checkpoint'] | null = null;
  let collectTimer: Timer | null = null;
  let entryNumber = 0;
  /** Events handed over with each entry that is not durable yet. */
  const unstored: { readonly number: number; readonly events: number }[] = [];
  let notYetStored = 0;

  const meters = createMeters({ clock });
  const frames = new FrameRing();
  const alerts = createAlerts(
    { source: config.id, clock, rules: deps.alertRules ?? [], restored: restored?.alertStates ?? [] },
    { onChange: () => collect() },
  );
  let countedRepeated = 0;
  let countedLost = 0;

  const sequencer = createSequencer(
    { facts: protocol, clock, random, restored: restored?.checkpoint ?? null },
    {
      onDelivery(delivery) {
        deliver(delivery);
      },
      onRepair: (request) => repairs.repair(request),
      onRepairEnded: (ref) => repairs.end(ref),
      onReattach: (reason) => connection.reattach(reason.kind),
      onSnapshotWanted: (stream) => state.wanted(stream),
      onCaughtUp: (session) => rungs.tellCaughtUp(session),
      onEpochChanged: () => sink.onChange(),
      onDiagnosis(said) {
        diagnosis = said;
        sink.onChange();
      },
    },
  );

  const rungs = createSourceRungs({
    ladder: config.ladder,
    protocol,
    transports: deps.transports,
    sequencer,
    clock,
    credential: deps.credential,
    holdMs,
    onFrame(frame) {
      bytes += frame.bytes;
      frames.add(frame);
    },
    onReady: () => outbox.ready(),
    onSendAnswer: (answer) => outbox.answered(answer),
    onDeliveringEnded: (session) => outbox.sessionEnded(session),
    ...(deps.onSession ? { onSession: deps.onSession } : {}),
  });

  const outbox = createSourceOutbox({
    source: config.id,
    clock,
    random,
    http: deps.http,
    credential: deps.credential,
    protocol,
    store: deps.outboxStore ?? null,
    rungs: () => rungs,
    onChange: () => sink.onChange(),
  });

  const repairs = createSourceRepairs({
    clock,
    http: deps.http,
    protocol,
    credential: deps.credential,
    ladder: config.ladder,
    send: (text) => rungs.send(text),
    currentRung: () => rungs.currentRung(),
    sequencer,
  });

  const state = createSourceState({
    protocol,
    ladder: config.ladder,
    streams: () => Object.keys(sequencer.resumePoint().positions),
    fetch: (stream, done) => repairs.snapshot(stream, done),
    onChange: () => sink.onChange(),
  });

  const connection = createConnection(
    {
      id: config.id,
      rungs: config.ladder.map(factsOf),
      clock,
      random,
      opener: rungs,
      governor: deps.governor,
      memory: deps.memory,
      portals: deps.portals,
      host: deps.host,
      credential: deps.credential,
      options: {
        pinned: config.pinnedRung,
        paused: config.paused,
        overlap: protocol.numbering !== 'none' || protocol.uniqueIds,
        heartbeatMs: protocol.heartbeatMs,
        stopCodes: config.reach?.stopCodes ?? [],
        ...(deps.timing ? { timing: deps.timing } : {}),
      },
    },
    {
      onTransition(transition) {
        transitions.push(transition);
        const live = transition.to.kind === 'live';
        if (live && transition.from.kind !== 'live') meters.reconnect();
        meters.live(live);
        alerts.transition(transition, connection.view().lastByteAt);
        collect();
        sink.onTransition(transition);
        sink.onChange();
      },
      onRoundTrip: (ms) => meters.roundTrip(ms),
      onChange: () => sink.onChange(),
    },
  );

  function deliver(delivery: Delivery): void {
    checkpoint = delivery.checkpoint;
    // A gap is told before the events that follow it, so that nobody sees a hole without its name.
    if (delivery.gaps.length > 0) {
      gaps = gaps.concat(delivery.gaps);
      alerts.gaps(delivery.gaps);
      sink.onGaps(delivery.gaps);
    }
    if (delivery.events.length > 0) {
      events = events.length === 0 ? [...delivery.events] : events.concat(delivery.events);
      notYetStored += delivery.events.length;
      lastEventAt = delivery.events[delivery.events.length - 1]?.receivedAt ?? lastEventAt;
      meters.observe(delivery.events);
      alerts.events(delivery.events);
      state.apply(delivery.events);
      sink.onEvents(delivery.events);
    }
    collect();
    sink.onChange();
  }

  function collect(): void {
    if (events.length >= collectEvents) handOver();
    else collectTimer ??= clock.after(collectMs, handOver);
  }

  /** One entry: events, cursor, gaps, rollups and transitions of the last moments, whole or not at all. */
  function handOver(): void {
    collectTimer?.cancel();
    collectTimer = null;
    measureDelivery();
    const rollups = meters.drain();
    const raised = alerts.drain();
    if (
      events.length === 0 &&
      gaps.length === 0 &&
      transitions.length === 0 &&
      checkpoint === null &&
      rollups.length === 0 &&
      raised === null
    )
      return;
    entryNumber += 1;
    const entry: JournalEntry = {
      source: config.id,
      number: entryNumber,
      events,
      gaps,
      checkpoint,
      rollups,
      transitions,
      counters: counters(),
      ...(raised ? { alerts: raised } : {}),
    };
    unstored.push({ number: entryNumber, events: events.length });
    events = [];
    gaps = [];
    transitions = [];
    checkpoint = null;
    if (deps.append(entry) === 'wait') hold(true);
  }

  /** What the sequencer dropped or gave up since the last look becomes part of the rollups. */
  function measureDelivery(): void {
    const { repeated, lost } = sequencer.counters;
    meters.repeated(repeated - countedRepeated);
    meters.lost(lost - countedLost);
    countedRepeated = repeated;
    countedLost = lost;
  }

  function hold(on: boolean): void {
    if (throttled === on || closed) return;
    throttled = on;
    connection.hold(on);
    sink.onChange();
  }

  function counters(): SourceCounters {
    const now = sequencer.counters;
    return {
      delivered: before.delivered + now.delivered,
      repeated: before.repeated + now.repeated,
      late: before.late + now.late,
      lost: before.lost + now.lost,
      gapsOpen: now.gapsOpen,
      undecodable: before.undecodable + now.undecodable,
      reconnects: before.reconnects + connection.view().counters.reconnects,
      bytes,
    };
  }

  function view(): SourceView {
    const shown = connection.view();
    const stale = meters.stale();
    const badge = badgeOf({ state: shown.state, pinnedRung: config.pinnedRung, throttled, stale, quiet: shown.quiet });
    return {
      id: config.id,
      config,
      state: shown.state,
      badge,
      since: shown.since,
      reason: shown.reason,
      advice: shown.advice,
      evidence: shown.evidence,
      ladder: shown.ladder,
      remembered: shown.remembered,
      numbering: protocol.numbering,
      promise: diagnosis === null ? protocol.promise : `${protocol.promise} ${diagnosisText(diagnosis)}`,
      lastByteAt: shown.lastByteAt ?? restored?.lastSeenAt ?? null,
      lastHeartbeatAt: shown.lastHeartbeatAt,
      lastEventAt,
      roundTripMs: shown.roundTripMs,
      eventsPerSecond: meters.eventsPerSecond(),
      spark: meters.spark(),
      counters: counters(),
      catchingUp: sequencer.catchingUp(),
      notYetStored,
      ...(deps.way ? { way: deps.way() } : {}),
      sends: Boolean(protocol.outlet && deps.outboxStore) && !config.builtIn,
    };
  }

  return {
    start: () => connection.start(),
    rename(changed) {
      config = { ...config, name: changed.name };
      sink.onChange();
    },
    command(command) {
      if (typeof command === 'object') {
        if ('playback' in command) return config;
        config = { ...config, pinnedRung: command.pin };
        connection.pin(command.pin);
      } else {
        switch (command) {
          case 'pause':
            config = { ...config, paused: true };
            connection.pause();
            break;
          case 'resume':
            config = { ...config, paused: false };
            connection.resume();
            break;
          case 'retry':
            connection.retryNow();
            break;
          case 'probe':
            connection.probeNow();
        }
      }
      sink.onChange();
      return config;
    },
    config: () => config,
    view,
    pressure: (pressure) => hold(pressure === 'wait'),
    committed(number) {
      while (unstored[0] && unstored[0].number <= number) notYetStored -= unstored.shift()?.events ?? 0;
    },
    credentialChanged: () => connection.credentialChanged(),
    reopenSince(stored) {
      alerts.reset(stored?.alertStates ?? []);
      sequencer.reopenSince(stored?.checkpoint ?? null);
      sequencer.flush();
    },
    tick: () => alerts.tick(!throttled && connection.view().state.kind === 'live' && meters.stale()),
    setAlertRules: (rules) => alerts.setRules(rules),
    points() {
      const ended = Math.floor(clock.wall() / 1000) * 1000 - 1000;
      const points: LivePoint[] = [];
      for (const series of meters.seriesNames()) {
        const bucket = meters.recent(series, 3).find(({ start }) => start === ended);
        if (bucket) points.push({ series, seconds: 1, bucket });
      }
      return points;
    },
    seriesNames: () => meters.seriesNames(),
    outbox,
    latest: (stream) => state.latest(stream),
    state: () => state.view(),
    refreshState: () => state.refresh(),
    frames: (limit) => ({ rows: frames.newest(limit).map(frameRow), evicted: frames.evicted }),
    close() {
      if (closed) return;
      connection.close();
      sequencer.flush();
      handOver();
      closed = true;
      collectTimer?.cancel();
      outbox.close();
      repairs.close();
      state.close();
      rungs.close();
      sequencer.close();
    },
  };
}

const noCounters: SourceCounters = {
  delivered: 0,
  repeated: 0,
  late: 0,
  lost: 0,
  gapsOpen: 0,
  undecodable: 0,
  reconnects: 0,
  bytes: 0,
};

function diagnosisText(diagnosis: DeliveryDiagnosis): string {
  switch (diagnosis.kind) {
    case 'instances-do-not-share-a-log':
      return `Its instances do not share a log: stream ${diagnosis.stream} changed its epoch back and forth.`;
    case 'too-many-streams':
      return `It has more than ${diagnosis.limit} streams; the others pass without order or dedupe.`;
  }
}

/** What the connection must know of a rung. http and ws of the same security count as one origin. */
function factsOf(rung: SourceConfig['ladder'][number]): RungFacts {
  const url = new URL(rung.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    transport: rung.transport,
    origin: `${url.protocol === 'wss:' || url.protocol === 'https:' ? 'https' : 'http'}://${url.host}`,
    loopback: host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host),
    url: rung.url,
    pollIntervalMs: rung.intervalSeconds * 1000,
    holdMs,
  };
}
