import type { AlertRule } from '../../../shared/alert';
import type { Transition } from '../../../shared/connection';
import type { Position } from '../../../shared/position';
import type { SourceConfig } from '../../../shared/source';
import { createGovernor } from '../connection/governor';
import { createRungMemory } from '../connection/memory';
import { createPortalWatch } from '../connection/portals';
import type { SourceCommand } from '../core/facade';
import type { JournalEntry, RestoredSource } from '../core/journal';
import type { RungPurpose } from '../core/rung';
import type { Transport } from '../core/transport';
import type { FullJournal } from '../journal/journal';
import type { Source, SourceDeps } from '../source/contract';
import { createSource } from '../source/source';
import { readEventStreamDirectly } from '../transports/event-stream-reader';
import { createLongPollTransport } from '../transports/long-poll';
import { createPollTransport } from '../transports/poll';
import { createSseTransport } from '../transports/sse';
import { createWebSocketTransport } from '../transports/websocket';
import type { CrashFolder, CrashJournal } from './crash-journal';
import { createDeliveryJudge, type DeliveryJudge } from './delivery-judge';
import { createFakeClock, type FakeClock } from './fake-clock';
import { createFakeGateway, type FakeGateway } from './fake-gateway';
import { createFakeCredential, createFakeHostSignals, type FakeCredential, type FakeHostSignals } from './fake-host';
import { createFakeNetwork, type FakeNetwork } from './fake-network';
import { createMortalClock, type MortalClock } from './mortal-clock';
import { makeRude } from './rude-transport';
import { createSeededRandom } from './seeded-random';
import { clearWeather, type Weather } from './weather';

/** One watched host of a run: its server, weather, and the source that watches it. */
export interface Watch {
  readonly authority: string;
  readonly stream: string;
  readonly gateway: FakeGateway;
  readonly weather: Weather;
  readonly credential: FakeCredential;
  readonly source: Source;
  readonly judge: DeliveryJudge;
  /** Sessions open now, by number. */
  readonly sessions: Map<number, RungPurpose>;
  /** When sessions were opened, monotonic ms, `proof` excluded. */
  readonly opened: number[];
  readonly transitions: Transition[];
  /** Ids of gaps that were lost, those included whose transaction died with the process. */
  readonly lostGaps: ReadonlySet<string>;
  /** The cursor as first handed to the journal; null before the first attach. */
  firstPosition(): Position | null;
  /** A person does something: noted, since it may pass floors. */
  command(command: SourceCommand): void;
  renew(): void;
  /** When a person last did something, monotonic ms. */
  commandedAt(): number;
}

/** A run's world: two sources on two hosts, one clock, one seed. Everything between the byte streams and the view is the real engine. */
export interface World {
  readonly clock: FakeClock;
  readonly network: Pick<FakeNetwork, 'open' | 'heardAt' | 'strike'>;
  readonly host: FakeHostSignals;
  readonly watches: readonly [Watch, Watch];
  /** Lines that two runs of one seed must share. */
  readonly trace: string[];
  /** Listeners for checks at each transition. */
  onTransition(listener: (watch: Watch, transition: Transition) => void): void;
  onSession(listener: (watch: Watch) => void): void;
  /** Runs with a journal on disk and with crashes. */
  readonly crashes: boolean;
  journal(): FullJournal | null;
  /** A second has passed, as the engine says it to each source. */
  tick(): void;
  /** The process dies within its next transactions, after this many statements, and is started again. */
  crash(statements: number): Promise<void>;
  /** Timers of the application and its connections; zero after everything is closed. */
  pending(): number;
  /** Runs to a moment of monotonic time, letting promises settle where there are any. */
  runUntil(at: number): Promise<void>;
}

/** Rules in force in runs with a journal. */
export const watchedRules: readonly AlertRule[] = [
  ruleOf('high', {
    kind: 'metric',
    series: 'value:tick.wave',
    is: 'above',
    threshold: 12,
    clear: 5,
    seconds: 0,
  }),
  ruleOf('held', {
    kind: 'metric',
    series: 'value:tick.wave',
    is: 'below',
    threshold: 15,
    clear: 17,
    seconds: 8,
  }),
  ruleOf('seen', { kind: 'match', search: 'type:tick wave=7', quietSeconds: 30 }),
  ruleOf('lost', { kind: 'gap' }),
];

function ruleOf(id: string, condition: AlertRule['condition']): AlertRule {
  return { id, name: id, source: null, severity: 'info', enabled: true, condition };
}

/** Timers a run may fire: some hundred times what a busy one needs. Beyond it something turns in circles. */
const stepBudget = 3_000_000;

/** The run fires timers without end. */
export class HotLoop extends Error {
  constructor(readonly at: number) {
    super('timers fire without end: a hot loop');
  }
}

/** A process of the application: it can be killed and started again. */
interface Life {
  readonly clock: MortalClock;
  readonly network: FakeNetwork;
  readonly crash: CrashJournal | null;
}

/**
 * `folder`: with a journal on disk, which outlives the process. Without one, what is delivered is judged as it comes;
 * with one, what the journal holds in the end.
 */
export function createWorld(seed: number, complain: (text: string) => void, folder: CrashFolder | null = null): World {
  const clock = createFakeClock();
  const networkRandom = createSeededRandom(seed ^ 0x1f83d9ab);
  const engineRandom = createSeededRandom(seed ^ 0x5be0cd19);
  const host = createFakeHostSignals();
  const trace: string[] = [];
  let steps = 0;
  const transitionListeners: ((watch: Watch, transition: Transition) => void)[] = [];
  const sessionListeners: ((watch: Watch) => void)[] = [];
  const note = (text: string): void => {
    trace.push(`${clock.now().toFixed(1)} ${text}`);
  };
  let heardBefore = new Map<string, number | null>();
  let life = begin();

  function begin(): Life {
    const mortal = createMortalClock(clock);
    const network = createFakeNetwork({ clock: mortal, random: networkRandom });
    return { clock: mortal, network, crash: folder?.open(mortal) ?? null };
  }

  /** What the sources of one life share. */
  function sharedOf({ clock }: Life): SharedDeps {
    return {
      clock,
      random: engineRandom,
      host,
      governor: createGovernor(clock),
      memory: createRungMemory(clock),
      portals: createPortalWatch(clock),
    };
  }

  /** A source's own ports, which dress its requests, and the transports on them. */
  function portsOf({ clock, network }: Life, credential: FakeCredential): Pick<SourceDeps, 'http' | 'transports'> {
    const { http, socket } = credential.dress(network);
    const rude = (transport: Transport): Transport => makeRude(transport, { clock, random: networkRandom });
    return {
      http,
      transports: {
        websocket: rude(createWebSocketTransport({ socket, clock })),
        sse: rude(createSseTransport({ http, clock, reader: readEventStreamDirectly })),
        'long-poll': rude(createLongPollTransport({ http, clock })),
        poll: rude(createPollTransport({ http, clock })),
      },
    };
  }

  function watchHost(index: 0 | 1): MutableWatch {
    const authority = `${index === 0 ? 'a' : 'b'}.example.test`;
    const stream = index === 0 ? 'alpha' : 'beta';
    const weather = clearWeather();
    const gateway = createFakeGateway({ clock, random: createSeededRandom(seed ^ (0x3c6ef372 + index)) });
    gateway.faults.token = 'token-0';
    const credential = createFakeCredential(clock, () => gateway.faults.token);
    const judge = createDeliveryJudge({ stream, gateway, complain: (text) => complain(`${stream}: ${text}`) });
    const sessions = new Map<number, RungPurpose>();
    const opened: number[] = [];
    const transitions: Transition[] = [];
    const lostGaps = new Set<string>();
    let watch: MutableWatch | null = null;
    let first: Position | null = null;
    let commandedAt = Number.NEGATIVE_INFINITY;

    function create(inLife: Life, shared: SharedDeps, restored: RestoredSource | null): Source {
      inLife.network.addHost(authority, { server: gateway.server, weather });
      let entry = 0;
      const source = createSource(
        { ...configOf(authority, stream), paused: watch?.source.config().paused ?? false },
        {
          ...shared,
          ...portsOf(inLife, credential),
          credential,
          restored,
          alertRules: folder ? watchedRules : [],
          append(given) {
            entry += 1;
            first ??= startOf(given, stream);
            if (given.number !== entry) complain(`${stream}: journal entry ${given.number} follows ${entry - 1}`);
            if (inLife.crash) return inLife.crash.journal.append(given);
            inLife.clock.after(60, () => source.committed(given.number));
            return 'go';
          },
          onSession({ id, purpose, open }) {
            if (inLife !== life) return;
            if (open) {
              sessions.set(id, purpose);
              if (purpose !== 'proof') opened.push(clock.now());
              note(`${stream} open ${purpose}`);
            } else sessions.delete(id);
            if (watch) for (const listener of sessionListeners) listener(watch);
          },
        },
        {
          onChange() {},
          onEvents(events) {
            if (!folder) judge.delivered(events);
            for (const { position, late } of events)
              note(`${stream} ${position?.epoch}:${position?.seq}${late ? ' late' : ''}`);
          },
          onGaps(gaps) {
            if (folder) judge.declared(gaps);
            else judge.gapsChanged(gaps);
            for (const gap of gaps) if (gap.status === 'lost') lostGaps.add(gap.id);
            for (const gap of gaps) note(`${stream} gap ${gap.epoch}:${gap.from}–${gap.to} ${gap.status} ${gap.cause}`);
          },
          onTransition(transition) {
            transitions.push(transition);
            note(`${stream} ${inWords(transition)}`);
            if (watch) for (const listener of transitionListeners) listener(watch, transition);
          },
        },
      );
      return source;
    }

    const built: MutableWatch = {
      authority,
      stream,
      gateway,
      weather,
      credential,
      source: create(life, firstShared, null),
      judge,
      sessions,
      opened,
      transitions,
      lostGaps,
      firstPosition: () => first,
      command(command) {
        commandedAt = clock.now();
        built.source.command(command);
      },
      renew() {
        commandedAt = clock.now();
        credential.renew();
      },
      commandedAt: () => commandedAt,
      reborn(inLife, shared, restored) {
        commandedAt = clock.now();
        sessions.clear();
        // Another process: its pace is its own, and nobody restarts an application twice in half a second.
        opened.length = 0;
        built.source = create(inLife, shared, restored);
        built.source.start();
      },
    };
    watch = built;
    return built;
  }

  const firstShared = sharedOf(life);
  const watches: readonly [MutableWatch, MutableWatch] = [watchHost(0), watchHost(1)];
  listenToJournal(life);

  function listenToJournal({ crash }: Life): void {
    crash?.journal.onCommitted((id, number) => watches.find(({ stream }) => stream === id)?.source.committed(number));
    crash?.journal.onPressure((pressure) => {
      for (const { source } of watches) source.pressure(pressure);
    });
    crash?.journal.onResumed((id, stored) => watches.find(({ stream }) => stream === id)?.source.reopenSince(stored));
  }

  return {
    clock,
    network: {
      open: () => life.network.open(),
      heardAt: (authority) => life.network.heardAt(authority) ?? heardBefore.get(authority) ?? null,
      strike: (authority, how) => life.network.strike(authority, how),
    },
    host,
    watches,
    trace,
    pending: () => life.clock.pending(),
    crashes: folder !== null,
    journal: () => life.crash?.journal ?? null,
    tick() {
      for (const { source } of watches) source.tick();
    },
    async crash(statements) {
      const { crash, network, clock: mortal } = life;
      if (!crash) return;
      note(`CRASH after ${statements} statements`);
      crash.dieAfter(statements);
      await this.runUntil(clock.now() + 150);
      heardBefore = new Map(watches.map(({ authority }) => [authority, network.heardAt(authority)]));
      for (const { authority } of watches) network.strike(authority, 'half-open');
      mortal.kill();
      crash.bury();
      host.forget();
      for (const { credential } of watches) credential.forget();
      life = begin();
      listenToJournal(life);
      const shared = sharedOf(life);
      for (const watch of watches) {
        watch.reborn(life, shared, (await life.crash?.journal.restore(watch.stream)) ?? null);
      }
    },
    onTransition: (listener) => transitionListeners.push(listener),
    onSession: (listener) => sessionListeners.push(listener),
    async runUntil(at) {
      while (clock.step(at - clock.now())) {
        steps += 1;
        if (steps > stepBudget) throw new HotLoop(clock.now());
        if (!folder && watches[0].credential.busy() + watches[1].credential.busy() === 0) continue;
        for (let turn = 0; turn < 6; turn += 1) await Promise.resolve();
      }
      clock.advance(Math.max(0, at - clock.now()));
    },
  };
}

type SharedDeps = Omit<SourceDeps, 'http' | 'transports' | 'credential' | 'restored' | 'append' | 'onSession'>;

interface MutableWatch extends Watch {
  source: Source;
  /** The process was started again. */
  reborn(life: Life, shared: SharedDeps, restored: RestoredSource | null): void;
}

function inWords(transition: Transition): string {
  const { from, to, code } = transition;
  const rung = (state: Transition['to']): string => ('rung' in state ? `#${state.rung}` : '');
  const more = to.kind === 'live' ? ` ${to.resync}${to.candidate ? ` candidate #${to.candidate.rung}` : ''}` : '';
  return `${from.kind}${rung(from)} → ${to.kind}${rung(to)}${more} ${code}`;
}

/** Where the source began to watch: before the first delivered event, or at the first cursor. */
function startOf(entry: JournalEntry, stream: string): Position | null {
  const event = entry.events.find((one) => one.stream === stream && one.position !== null);
  if (event?.position) return { epoch: event.position.epoch, seq: event.position.seq - 1 };
  return entry.checkpoint?.resume.positions[stream] ?? null;
}

function configOf(authority: string, stream: string): SourceConfig {
  const http = `http://${authority}/v1/${stream}`;
  return {
    id: stream,
    name: stream,
    url: http,
    protocol: 'gateway',
    ladder: [
      { transport: 'websocket', url: `ws://${authority}/v1/${stream}/ws`, intervalSeconds: 5 },
      { transport: 'sse', url: `${http}/sse`, intervalSeconds: 5 },
      { transport: 'long-poll', url: `${http}/poll`, intervalSeconds: 5 },
      { transport: 'poll', url: `${http}/poll`, intervalSeconds: 5 },
    ],
    pinnedRung: null,
    paused: false,
    builtIn: false,
  };
}
