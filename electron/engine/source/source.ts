import type { Transition } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import type { SourceConfig } from '../../../shared/source';
import type { SourceView } from '../../../shared/view';
import { createAlerts } from '../alerts/alerts';
import { createConnection } from '../connection/connection';
import { defaultTiming } from '../connection/timing';
import type { Delivery } from '../core/delivery';
import type { SourceCommand } from '../core/facade';
import { createSequencer, type DeliveryDiagnosis } from '../delivery/sequencer';
import { FrameRing } from '../frames/frame-ring';
import { frameRow } from '../frames/frame-row';
import { createMeters } from '../meters/meters';
import { protocolOf } from '../protocols/registry';
import type { Source, SourceDeps, SourceSink } from './contract';
import { createCounters } from './counters';
import { destinationOf } from './destination';
import { createDiscovery, isGuess } from './discovery';
import { createFindings } from './findings';
import { createLedger, endedPoints } from './ledger';
import { createMeasure } from './measure';
import { createSourceOutbox } from './outbox';
import { whyAgain } from './reattach';
import { createSourceRepairs } from './requests';
import { createSourceRungs, pinOn, rungFactsOf } from './rungs';
import { createSourceState } from './state';
import { endsOf, logsIn, sendsPerSecondOf, silenceOf } from './terms';
import { composeView } from './view';

/** Composes one watched feed of what the stages are. */
export function createSource(initial: SourceConfig, deps: SourceDeps, sink: SourceSink): Source {
  const { clock, random, restored, http, credential, reading = null } = deps;
  let config = initial;
  let closed = false;
  let diagnosis: DeliveryDiagnosis | null = null;
  const { ladder } = reading ?? config;
  const protocol = protocolOf({ ...(reading ?? config), source: config.id });
  let lastEventAt = restored?.lastEventAt ?? null;
  const meters = createMeters({ clock });
  const measure = createMeasure(meters, clock);
  const frames = new FrameRing();
  const alerts = createAlerts(
    { source: config.id, clock, rules: deps.alertRules ?? [], restored: restored?.alertStates ?? [] },
    { onChange: () => ledger.collect() },
  );

  const sequencer = createSequencer(
    { facts: protocol, clock, random, restored: restored?.checkpoint ?? null },
    {
      onDelivery: deliver,
      onRepair: (request) => repairs.repair(request),
      onRepairEnded: (ref) => repairs.end(ref),
      onReattach: (reason) => connection.reattach(whyAgain(reason)),
      onLook: (session) => rungs.look(session, (newest) => sequencer.looked(session, newest)),
      onChanged: () => sink.onChange(),
      onSnapshotWanted: (stream) => state.wanted(stream),
      onCaughtUp: (session) => rungs.tellCaughtUp(session),
      onEpochChanged: () => sink.onChange(),
      onDiagnosis(said) {
        diagnosis = said;
        sink.onChange();
      },
    },
  );

  const counters = createCounters({
    before: restored?.counters ?? null,
    delivery: () => sequencer.counters,
    reconnects: () => connection.reconnects(),
  });

  const ledger = createLedger({
    source: config.id,
    rounds: deps.handOvers,
    append: deps.append,
    counters: counters.totals,
    lastEntry: restored?.lastEntry ?? 0,
    rollups() {
      counters.measure(meters);
      return measure.drain();
    },
    alerts: () => alerts.drain(),
    onHold(on) {
      connection.hold(on);
      sink.onChange();
    },
  });

  const silence = silenceOf(config, protocol, { clock, meters }, (why) => connection.silence(why));
  const findings = createFindings(clock, { ...defaultTiming, ...deps.timing }, silence);

  const rungs = createSourceRungs({
    id: config.id,
    governor: deps.governor,
    ladder,
    protocol,
    transports: deps.transports,
    sequencer,
    clock,
    findings,
    credentialed: logsIn(config, credential),
    sendsPerSecond: sendsPerSecondOf(config),
    onFrame(frame) {
      counters.read(frame.bytes);
      findings.frame(frame.bytes);
      frames.add(frame);
    },
    onMeasured(numbers) {
      measure.measured(numbers);
      alerts.measured(numbers.measured, numbers.receivedAt);
      ledger.collect();
    },
    whenStored: (done) => ledger.whenStored(done),
    onReady: () => outbox.ready(),
    onSendAnswer: (answer) => outbox.answered(answer),
    onDeliveringEnded: (session) => outbox.sessionEnded(session),
    ...(deps.onSession ? { onSession: deps.onSession } : {}),
  });

  const outbox = createSourceOutbox({
    source: config.id,
    clock,
    random,
    http,
    credential,
    protocol,
    store: deps.outboxStore ?? null,
    to: destinationOf(config),
    rungs: () => rungs,
    onChange: () => sink.onChange(),
  });

  const repairs = createSourceRepairs({
    clock,
    http,
    credential,
    protocol,
    ladder,
    send: (text) => rungs.request(text),
    currentRung: () => rungs.currentRung(),
    sequencer,
  });

  const state = createSourceState({
    protocol,
    ladder,
    streams: () => Object.keys(sequencer.resumePoint().positions),
    fetch: (stream, done) => repairs.snapshot(stream, done),
    onChange: () => sink.onChange(),
  });

  const connection = createConnection(
    {
      id: config.id,
      rungs: ladder.map(rungFactsOf),
      clock,
      random,
      opener: rungs,
      governor: deps.governor,
      memory: deps.memory,
      portals: deps.portals,
      ticks: deps.ticks,
      host: deps.host,
      credential,
      options: {
        pinned: pinOn(ladder, config.pinnedRung),
        paused: config.paused,
        overlap: !protocol.placesOneSession && (protocol.numbering !== 'none' || protocol.uniqueIds),
        // One address tried in several ways: not all of them need to exist.
        guessed: protocol.name === 'json' && new Set(ladder.map(({ url }) => url)).size === 1,
        heartbeatMs: protocol.heartbeatMs,
        ...endsOf(config, protocol),
        ...(deps.timing ? { timing: deps.timing } : {}),
      },
    },
    {
      onTransition: follow,
      onRoundTrip: (ms) => meters.roundTrip(ms),
      onChange: () => sink.onChange(),
    },
  );

  const discovery =
    deps.onReading && reading === null && isGuess(config)
      ? createDiscovery(config, {
          clock,
          transports: deps.transports,
          findings,
          numbered: () => Object.keys(sequencer.resumePoint().positions).length > 0,
          onFound: deps.onReading,
        })
      : null;

  function follow(transition: Transition): void {
    const live = transition.to.kind === 'live';
    if (live && transition.from.kind !== 'live' && !transition.excused) meters.reconnect();
    meters.live(live);
    alerts.transition(transition, connection.view().lastByteAt);
    discovery?.transition(transition);
    ledger.transition(transition);
    ledger.collect();
    sink.onTransition(transition);
    sink.onChange();
  }

  function deliver({ events, gaps, checkpoint }: Delivery): void {
    ledger.checkpoint(checkpoint);
    // A gap is told before the events that follow it, so that nobody sees a hole without its name.
    if (gaps.length > 0) {
      ledger.gaps(gaps);
      alerts.gaps(gaps);
      sink.onGaps(gaps);
    }
    if (events.length > 0) {
      ledger.events(events);
      lastEventAt = events[events.length - 1]?.receivedAt ?? lastEventAt;
      findings.news(sequencer.counters.undecodable);
      measure.observe(events);
      alerts.events(events);
      state.apply(events);
      sink.onEvents(events);
    }
    ledger.collect();
    sink.onChange();
  }

  /** What went with a damaged journal is lost like anything: it is in the file, and is told here. */
  function tellDamage(damage: readonly Gap[] | undefined): void {
    if (damage === undefined) return;
    counters.lostBeside(damage.length);
    alerts.gaps(damage);
    sink.onGaps(damage);
    ledger.collect();
  }

  function command(command: SourceCommand): SourceConfig {
    if (typeof command === 'object') {
      if ('playback' in command) return config;
      config = { ...config, pinnedRung: command.pin };
      connection.pin(pinOn(ladder, command.pin));
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
  }

  function view(): SourceView {
    return composeView({
      config,
      reading,
      connection: connection.view(),
      findings,
      leftSeries: measure.leftSeries,
      undecodable: sequencer.counters.undecodable,
      protocol,
      meters,
      counters: counters.totals(),
      catchingUp: sequencer.catchingUp(),
      diagnosis,
      hasPlace: () => sequencer.resumePoint().token !== null,
      resumeUnproven: sequencer.resumeUnproven,
      unprovenBreaks: sequencer.counters.resumesUnproven,
      throttled: ledger.held,
      notYetStored: ledger.notYetStored,
      lastEventAt,
      seenBefore: restored?.lastSeenAt ?? null,
      way: deps.way?.(),
      sends: Boolean(protocol.outlet && deps.outboxStore) && !config.builtIn,
    });
  }

  return {
    start() {
      tellDamage(restored?.damage);
      connection.start();
    },
    rename(changed) {
      config = { ...config, name: changed.name };
      sink.onChange();
    },
    command,
    config: () => config,
    view,
    pressure: ledger.pressure,
    committed: ledger.committed,
    credentialChanged: () => connection.credentialChanged(),
    reopenSince(stored) {
      ledger.drop();
      counters.rewind(stored?.counters ?? null);
      alerts.reset(stored?.alertStates ?? []);
      measure.again(sequencer.resumePoint().positions);
      sequencer.reopenSince(stored?.checkpoint ?? null);
      sequencer.flush();
      tellDamage(stored?.damage);
    },
    tick() {
      // Time in which this machine stood still is no silence of the feed: that is noticed first.
      connection.lookAtClocks();
      const moved = meters.tick();
      silence.look();
      const silent = silence.silentMs() !== null;
      const live = !ledger.held && connection.state().kind === 'live';
      alerts.tick(live && meters.stale(), sequencer.counters.resumesUnproven, live && silent);
      return moved || silent;
    },
    setAlertRules: (rules) => alerts.setRules(rules),
    points: () => endedPoints(meters, clock),
    seriesNames: () => meters.seriesNames(),
    outbox,
    latest: (stream) => state.latest(stream),
    state: () => state.view(),
    refreshState: () => state.refresh(),
    frames: (limit) => ({ rows: frames.newest(limit).map(frameRow), evicted: frames.evicted }),
    close() {
      if (closed) return;
      closed = true;
      discovery?.close();
      connection.close();
      sequencer.flush();
      ledger.close();
      outbox.close();
      repairs.close();
      state.close();
      rungs.close();
      sequencer.close();
    },
  };
}
