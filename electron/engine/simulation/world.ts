import type { Transition } from '../../../shared/connection';
import type { SourceConfig } from '../../../shared/source';
import type { Journal } from '../core/journal';
import type { Transport } from '../core/transport';
import { createEngine, type Engine } from '../engine';
import { readEventStreamDirectly } from '../transports/event-stream-reader';
import { createFakeClock, type FakeClock } from './fake-clock';
import { createFakeCredential, createFakeHostSignals, type FakeHostSignals } from './fake-host';
import { type Attempt, createFakeNetwork, type FakeNetwork } from './fake-network';
import type { Strike } from './fake-server';
import type { FaultKind } from './fault-kinds';
import { createFeed } from './feeds/registry';
import { createHostRouter } from './host-router';
import { createMemoryJournal, createSimOutboxStore, type KeptPlaces, type SimOutboxStore } from './memory-stores';
import { createMortalClock, type MortalClock } from './mortal-clock';
import { createPassage } from './passage';
import { createRecorder, type Recorder } from './recorder';
import { makeRude } from './rude-transport';
import type { Scenario } from './scenario';
import { createSeededRandom } from './seeded-random';
import type { DiskFaults, JournalFolder, SimJournal } from './sim-journal';
import { type SimHost, type Watch, watchedRules } from './watch';
import { clearWeather } from './weather';

/** What happens to a source as a whole. None is waited for: a person clicks when they like. */
export type SourceDeed = 'add' | 'edit' | 'rename' | 'remove';

/** A run's world: three sources on two hosts, one clock, one seed. Everything between the byte streams and the view is the real engine. */
export interface World {
  readonly clock: FakeClock;
  readonly host: FakeHostSignals;
  readonly hosts: readonly [MutableHost, MutableHost];
  readonly watches: readonly Watch[];
  /** Lines that two runs of one seed must share. */
  readonly trace: string[];
  readonly outboxStore: SimOutboxStore;
  readonly disk: DiskFaults | null;
  engine(): Engine;
  journal(): SimJournal | null;
  open(): number;
  heardAt(watch: Watch): number | null;
  strike(host: SimHost, how: Strike): void;
  onTransition(listener: (watch: Watch, transition: Transition) => void): void;
  onSession(listener: (watch: Watch) => void): void;
  onAttempt(listener: (watch: Watch, attempt: Attempt) => void): void;
  onTold(listener: (watch: Watch, what: string) => void): void;
  note(text: string): void;
  /** The journal's file is found damaged at the next write: what is stored is gone. */
  damage(): void;
  /** Adds all sources. */
  start(): Promise<void>;
  deed(watch: Watch, deed: SourceDeed, change: (config: SourceConfig) => SourceConfig): void;
  /** Deeds that are not finished. */
  deedsUnderWay(): number;
  /** The process dies within its next transactions, after this many statements, and is started again; null: it ends in order. */
  restart(statements: number | null): Promise<void>;
  /** Timers of the application and its connections; zero after everything is closed. */
  pending(): number;
  /** Runs to a moment of monotonic time, letting promises settle. */
  runUntil(at: number): Promise<void>;
  close(): Promise<void>;
}

export interface MutableHost extends SimHost {
  readonly active: Set<FaultKind>;
  changedAt: number;
}

/** A process of the application: it can be killed and started again. */
interface Life {
  readonly clock: MortalClock;
  readonly network: FakeNetwork;
  readonly disk: SimJournal | null;
  readonly engine: Engine;
}

/**
 * `folder`: with a journal on disk, which outlives the process. Without one, what is delivered is judged as it comes;
 * with one, what the journal holds in the end.
 */
export function createWorld(
  scenario: Scenario,
  complain: (text: string) => void,
  folder: JournalFolder | null = null,
): World {
  const { seed } = scenario;
  const clock = createFakeClock();
  const networkRandom = createSeededRandom(seed ^ 0x1f83d9ab);
  const engineRandom = createSeededRandom(seed ^ 0x5be0cd19);
  const signals = createFakeHostSignals();
  const outboxStore = createSimOutboxStore();
  const places: KeptPlaces = new Map();
  const trace: string[] = [];
  const transitionListeners: ((watch: Watch, transition: Transition) => void)[] = [];
  const sessionListeners: ((watch: Watch) => void)[] = [];
  const attemptListeners: ((watch: Watch, attempt: Attempt) => void)[] = [];
  const toldListeners: ((watch: Watch, what: string) => void)[] = [];
  let heardBefore = new Map<string, number | null>();
  const passage = createPassage(clock);
  let deeds = 0;
  /** The process is closed just now. */
  let ending = false;

  const hosts: readonly [MutableHost, MutableHost] = [hostOf('a'), hostOf('b')];
  const recorders: readonly Recorder[] = scenario.feeds.map((kind, index) => {
    const id = ['alpha', 'beta', 'gamma'][index] ?? 'more';
    const host = hosts[index === 2 ? 1 : 0];
    const feed = createFeed(kind, { clock, random: createSeededRandom(seed ^ (0x3c6ef372 + index)) });
    const credential = createFakeCredential(clock, () => feed.token());
    const wanted = feed.config(id, `${host.authority}/${id}`);
    const engine = (): Engine => life.engine;
    return createRecorder({ id, clock, host, feed, credential, wanted, stored: folder !== null, engine, complain });
  });
  const byId = new Map(recorders.map((recorder) => [recorder.id, recorder]));
  let life = begin();

  function note(text: string): void {
    trace.push(`${clock.now().toFixed(1)} ${text}`);
  }

  function begin(): Life {
    const mortal = createMortalClock(clock);
    const network = createFakeNetwork({ clock: mortal, random: networkRandom });
    for (const host of hosts) {
      const servers = recorders.filter((one) => one.host === host).map((one) => [one.id, one.feed.server] as const);
      network.addHost(host.authority, { server: createHostRouter(new Map(servers)), weather: host.weather });
    }
    const disk = folder?.open(mortal) ?? null;
    const journal = disk?.journal ?? createMemoryJournal(mortal, places);
    const engine = createEngine({
      clock: mortal,
      random: engineRandom,
      http: network.http,
      socket: network.socket,
      stream: network.stream,
      portsOf: (config) => portsOf(network, config.id),
      reader: readEventStreamDirectly,
      host: signals,
      journal: watched(journal),
      onSession({ id, purpose, open }, source) {
        if (engine !== life.engine) return;
        byId.get(source)?.session(id, purpose, open);
        if (open) note(`${source} open ${purpose}`);
        const watch = byId.get(source);
        if (watch) for (const listener of sessionListeners) listener(watch);
      },
      dressTransport: (transport: Transport) => makeRude(transport, { clock: mortal, random: networkRandom }),
      outboxStore,
      alertRules: folder ? watchedRules : [],
    });
    listen(engine, network);
    return { clock: mortal, network, disk, engine };
  }

  function portsOf(network: FakeNetwork, id: string) {
    const ports = network.portsOf(id);
    const credential = byId.get(id)?.credential ?? null;
    return { ...ports, ...credential?.dress(ports), credential, way: () => null, close() {} };
  }

  /** The journal as the engine sees it, with what is appended noted on its way. */
  function watched(journal: Journal): Journal {
    return {
      ...journal,
      append(entry) {
        byId.get(entry.source)?.entry(entry);
        return journal.append(entry);
      },
    };
  }

  function listen(engine: Engine, network: FakeNetwork): void {
    engine.onEvents((id, events) => {
      byId.get(id)?.events(events);
      for (const { stream, position, ordinal, late, body } of events)
        note(
          `${id} ${ordinal} ${stream} ${position ? `${position.epoch}:${position.seq}` : body}${late ? ' late' : ''}`,
        );
    });
    engine.onGaps((id, gaps) => {
      byId.get(id)?.gaps(gaps);
      for (const gap of gaps)
        note(`${id} gap ${gap.stream} ${gap.epoch}:${gap.from}–${gap.to} ${gap.status} ${gap.cause}`);
    });
    engine.onTransition((id, transition) => {
      byId.get(id)?.transition(transition);
      note(`${id} ${inWords(transition)}`);
      const watch = byId.get(id);
      if (watch) for (const listener of transitionListeners) listener(watch, transition);
    });
    network.onAttempt((attempt) => {
      const watch = byId.get(attempt.owner);
      if (watch) for (const listener of attemptListeners) listener(watch, attempt);
    });
    network.onTold((owner, what) => {
      const watch = byId.get(owner);
      if (watch) for (const listener of toldListeners) listener(watch, what);
    });
  }

  async function addAll(): Promise<void> {
    const wanted = recorders.flatMap((one) => (one.wanted ? [one.wanted] : []));
    await Promise.all(wanted.map((config) => life.engine.addSource(config)));
  }

  /** From what the settings said to what they say now: what is there is edited, whatever the person calls it. */
  async function carryOut({ id }: Recorder, before: SourceConfig | null, now: SourceConfig | null): Promise<void> {
    const { engine } = life;
    if (now === null) return engine.removeSource(id);
    return before === null ? engine.addSource(now) : engine.editSource(now);
  }

  /** What is on its way to the disk is waited for at the end, as long as the disk is slow. */
  async function closed(engine: Engine): Promise<boolean> {
    const closing = engine.close();
    for (;;) {
      const slow = folder?.faults.slow ?? false;
      if (await passage.ended(closing, 10_000)) return true;
      if (!slow) return false;
    }
  }

  /** Sources begin when their journal can be read, which may take as long as a disk is in trouble. */
  async function begun(): Promise<void> {
    if (!(await passage.ended(addAll(), 180_000))) complain('sources have not begun after three minutes');
  }

  return {
    clock,
    host: signals,
    hosts,
    watches: recorders,
    trace,
    outboxStore,
    disk: folder?.faults ?? null,
    engine: () => life.engine,
    journal: () => life.disk,
    open: () => life.network.open(),
    heardAt: ({ id }) => life.network.heardAt(id) ?? heardBefore.get(id) ?? null,
    strike: ({ authority }, how) => life.network.strike(authority, how),
    onTransition: (listener) => transitionListeners.push(listener),
    onSession: (listener) => sessionListeners.push(listener),
    onAttempt: (listener) => attemptListeners.push(listener),
    onTold: (listener) => toldListeners.push(listener),
    note,
    damage() {
      if (!folder) return;
      folder.faults.damaged = true;
      for (const recorder of recorders) recorder.damaged = true;
    },
    start: begun,

    deed({ id }, deed, change) {
      const recorder = byId.get(id);
      if (!recorder) return;
      recorder.touched();
      const before = recorder.wanted;
      const config = before ?? recorder.feed.config(id, `${recorder.host.authority}/${id}`);
      recorder.wanted = deed === 'remove' ? null : change(config);
      deeds += 1;
      const { engine } = life;
      const work = carryOut(recorder, before, recorder.wanted);
      // What was read and not told yet is told as it ends.
      if (deed === 'remove') recorder.forgotten(life.disk?.journal.view().kind !== 'paused');
      work
        .catch((error: unknown) => {
          // One that is ending takes nothing any more.
          if (engine === life.engine && !ending) complain(`${id}: ${deed} was refused: ${String(error)}`);
        })
        .finally(() => {
          deeds -= 1;
        });
    },
    deedsUnderWay: () => deeds,

    async restart(statements) {
      const { disk, network, clock: mortal, engine } = life;
      note(statements === null ? 'RESTART' : `CRASH after ${statements} statements`);
      if (statements === null) {
        ending = true;
        if (!(await closed(engine))) complain('closing the engine takes longer than 10 s');
      } else {
        disk?.dieAfter(statements);
        await passage.until(clock.now() + 150);
      }
      heardBefore = new Map(recorders.map(({ id }) => [id, network.heardAt(id)]));
      for (const { authority } of hosts) network.strike(authority, 'half-open');
      mortal.kill();
      disk?.bury();
      signals.forget();
      for (const recorder of recorders) {
        recorder.credential.forget();
        recorder.reborn();
      }
      deeds = 0;
      ending = false;
      life = begin();
      await begun();
    },

    pending: () => life.clock.pending(),
    runUntil: passage.until,
    async close() {
      ending = true;
      await life.engine.close();
      for (const { feed } of recorders) feed.close();
    },
  };
}

function hostOf(name: string): MutableHost {
  return { authority: `${name}.example.test`, weather: clearWeather(), active: new Set(), changedAt: 0 };
}

function inWords(transition: Transition): string {
  const { from, to, code } = transition;
  const rung = (state: Transition['to']): string => ('rung' in state ? `#${state.rung}` : '');
  const more = to.kind === 'live' ? ` ${to.resync}${to.candidate ? ` candidate #${to.candidate.rung}` : ''}` : '';
  return `${from.kind}${rung(from)} → ${to.kind}${rung(to)}${more} ${code}`;
}
