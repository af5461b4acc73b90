import type { Transition } from '../../../shared/connection';
import type { Position } from '../../../shared/position';
import type { SourceConfig } from '../../../shared/source';
import { createGovernor } from '../connection/governor';
import { createRungMemory } from '../connection/memory';
import { createPortalWatch } from '../connection/portals';
import type { SourceCommand } from '../core/facade';
import type { JournalEntry } from '../core/journal';
import type { RungPurpose } from '../core/rung';
import type { Transport } from '../core/transport';
import { createSource, type Source } from '../source';
import { readEventStreamDirectly } from '../transports/event-stream-reader';
import { createLongPollTransport } from '../transports/long-poll';
import { createPollTransport } from '../transports/poll';
import { createSseTransport } from '../transports/sse';
import { createWebSocketTransport } from '../transports/websocket';
import { createDeliveryJudge, type DeliveryJudge } from './delivery-judge';
import { createFakeClock, type FakeClock } from './fake-clock';
import { createFakeGateway, type FakeGateway } from './fake-gateway';
import { createFakeCredential, createFakeHostSignals, type FakeCredential, type FakeHostSignals } from './fake-host';
import { createFakeNetwork, type FakeNetwork } from './fake-network';
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
  readonly network: FakeNetwork;
  readonly host: FakeHostSignals;
  readonly watches: readonly [Watch, Watch];
  /** Lines that two runs of one seed must share. */
  readonly trace: string[];
  /** Listeners for checks at each transition. */
  onTransition(listener: (watch: Watch, transition: Transition) => void): void;
  onSession(listener: (watch: Watch) => void): void;
  /** Runs to a moment of monotonic time, letting promises settle where there are any. */
  runUntil(at: number): Promise<void>;
}

/** Timers a run may fire: some hundred times what a busy one needs. Beyond it something turns in circles. */
const stepBudget = 3_000_000;

/** The run fires timers without end. */
export class HotLoop extends Error {
  constructor(readonly at: number) {
    super('timers fire without end: a hot loop');
  }
}

export function createWorld(seed: number, complain: (text: string) => void): World {
  const clock = createFakeClock();
  const networkRandom = createSeededRandom(seed ^ 0x1f83d9ab);
  const engineRandom = createSeededRandom(seed ^ 0x5be0cd19);
  const network = createFakeNetwork({ clock, random: networkRandom });
  const host = createFakeHostSignals();
  const trace: string[] = [];
  let steps = 0;
  const transitionListeners: ((watch: Watch, transition: Transition) => void)[] = [];
  const sessionListeners: ((watch: Watch) => void)[] = [];
  const rude = (transport: Transport): Transport => makeRude(transport, { clock, random: networkRandom });
  const shared = {
    clock,
    random: engineRandom,
    host,
    governor: createGovernor(clock),
    memory: createRungMemory(clock),
    portals: createPortalWatch(clock),
    http: network.http,
    transports: {
      websocket: rude(createWebSocketTransport({ socket: network.socket, clock })),
      sse: rude(createSseTransport({ http: network.http, clock, reader: readEventStreamDirectly })),
      'long-poll': rude(createLongPollTransport({ http: network.http, clock })),
      poll: rude(createPollTransport({ http: network.http, clock })),
    },
  };

  function watchHost(index: 0 | 1): Watch {
    const authority = `${index === 0 ? 'a' : 'b'}.example.test`;
    const stream = index === 0 ? 'alpha' : 'beta';
    const weather = clearWeather();
    const gateway = createFakeGateway({ clock, random: createSeededRandom(seed ^ (0x3c6ef372 + index)) });
    gateway.faults.token = 'token-0';
    network.addHost(authority, { server: gateway.server, weather });
    const credential = createFakeCredential(clock, () => gateway.faults.token);
    const judge = createDeliveryJudge({ stream, gateway, complain: (text) => complain(`${stream}: ${text}`) });
    const sessions = new Map<number, RungPurpose>();
    const opened: number[] = [];
    const transitions: Transition[] = [];
    let entry = 0;
    let first: Position | null = null;
    let commandedAt = Number.NEGATIVE_INFINITY;
    const source = createSource(
      configOf(authority, stream),
      {
        ...shared,
        credential,
        restored: null,
        append(given) {
          entry += 1;
          first ??= startOf(given, stream);
          if (given.number !== entry) complain(`${stream}: journal entry ${given.number} follows ${entry - 1}`);
          clock.after(60, () => source.committed(given.number));
          return 'go';
        },
        onSession({ id, purpose, open }) {
          if (open) {
            sessions.set(id, purpose);
            if (purpose !== 'proof') opened.push(clock.now());
            trace.push(`${clock.now().toFixed(1)} ${stream} open ${purpose}`);
          } else sessions.delete(id);
          for (const listener of sessionListeners) listener(watch);
        },
      },
      {
        onChange() {},
        onEvents(events) {
          judge.delivered(events);
          for (const { position, late } of events) {
            trace.push(`${clock.now().toFixed(1)} ${stream} ${position?.epoch}:${position?.seq}${late ? ' late' : ''}`);
          }
        },
        onGaps(gaps) {
          judge.gapsChanged(gaps);
          for (const gap of gaps) {
            trace.push(
              `${clock.now().toFixed(1)} ${stream} gap ${gap.epoch}:${gap.from}–${gap.to} ${gap.status} ${gap.cause}`,
            );
          }
        },
        onTransition(transition) {
          transitions.push(transition);
          trace.push(`${clock.now().toFixed(1)} ${stream} ${inWords(transition)}`);
          for (const listener of transitionListeners) listener(watch, transition);
        },
      },
    );
    credential.onChange(() => source.credentialChanged());
    const watch: Watch = {
      authority,
      stream,
      gateway,
      weather,
      credential,
      source,
      judge,
      sessions,
      opened,
      transitions,
      firstPosition: () => first,
      command(command) {
        commandedAt = clock.now();
        source.command(command);
      },
      renew() {
        commandedAt = clock.now();
        credential.renew();
      },
      commandedAt: () => commandedAt,
    };
    return watch;
  }

  const watches: readonly [Watch, Watch] = [watchHost(0), watchHost(1)];

  return {
    clock,
    network,
    host,
    watches,
    trace,
    onTransition: (listener) => transitionListeners.push(listener),
    onSession: (listener) => sessionListeners.push(listener),
    async runUntil(at) {
      while (clock.step(at - clock.now())) {
        steps += 1;
        if (steps > stepBudget) throw new HotLoop(clock.now());
        if (watches[0].credential.busy() + watches[1].credential.busy() === 0) continue;
        for (let turn = 0; turn < 6; turn += 1) await Promise.resolve();
      }
      clock.advance(Math.max(0, at - clock.now()));
    },
  };
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
