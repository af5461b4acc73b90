import type { DeliveredEvent } from '../../../electron/engine/core/delivery';
import type { OutboxFacade, SourceCommand } from '../../../electron/engine/core/facade';
import { createDialler } from '../../../electron/engine/dialling/dialler';
import { proxyFromEnvironment } from '../../../electron/engine/dialling/environment';
import { createHttpPort } from '../../../electron/engine/dialling/http-port';
import { createSocketPort } from '../../../electron/engine/dialling/socket-port';
import { createStreamPort } from '../../../electron/engine/dialling/stream-port';
import { createEngine, type EngineDeps } from '../../../electron/engine/engine';
import { createVolatileJournal } from '../../../electron/engine/journal/volatile';
import { createSimOutboxStore } from '../../../electron/engine/simulation/memory-stores';
import { createSourcePorts } from '../../../electron/engine/source/ports';
import { readThroughEventSource } from '../../../electron/engine/transports/eventsource-reader';
import { createSystemClock } from '../../../electron/node/clock';
import { createHostSignals } from '../../../electron/node/host-signals';
import { createSystemRandom } from '../../../electron/node/random';
import { runCommand } from '../../../electron/node/run-command';
import { createTrustedRoots } from '../../../electron/node/trusted-roots';
import type { Transition } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import type { ProtocolName } from '../../../shared/protocols';
import type { ReasonCode } from '../../../shared/reasons';
import { type RungConfig, sourceSchema } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import type { SourceView } from '../../../shared/view';

/** The engine as the application runs it, on the real clock and the real network. */
export interface Watch {
  /** Watches a feed; resolves when it has a view. */
  add(feed: WatchedFeed): Promise<Watched>;
  remove(source: Watched): Promise<void>;
  /** Sessions open now, of all sources. */
  sessions(): number;
  close(): Promise<void>;
}

export interface WatchedFeed {
  readonly protocol: ProtocolName;
  readonly ladder: readonly { readonly transport: TransportKind; readonly url: string }[];
  readonly pinnedRung?: number;
  /** What its protocol is told, and how it is read. */
  readonly recipe?: unknown;
}

/** One watched source, and all it told. */
export interface Watched {
  readonly id: string;
  readonly transitions: readonly Transition[];
  readonly events: readonly DeliveredEvent[];
  /** Gaps as they changed, newest state of each last. */
  readonly gaps: readonly Gap[];
  view(): SourceView;
  codes(): readonly ReasonCode[];
  /** The `n` of every delivered event, in order of delivery. */
  numbers(): readonly number[];
  /** Transport of the rung it is live on; null while it is not live. */
  liveOn(): TransportKind | null;
  command(command: SourceCommand): void;
  /** Hands a message over; what became of all of them is `sent`, oldest first. */
  send(type: string, body: string): Promise<void>;
  sent(): readonly string[];
  /** Resolves when `done` holds; fails after `withinMs` with the story so far. */
  until(what: string, done: () => boolean, withinMs?: number): Promise<void>;
  /** Resolves when it is live on this transport and has caught up. */
  untilLive(transport: TransportKind, withinMs?: number): Promise<void>;
}

export type Timing = NonNullable<EngineDeps['timing']>;

/** Backoff that does not make a test wait; what is under test keeps its shipped length. */
export const brisk: Timing = { backoffCapMs: 1_500 };

const lookEveryMs = 25;
/** Patience on a busy machine, ms: a condition that comes true sooner ends the wait sooner. */
const patienceMs = 30_000;

let sources = 0;

/** `timing`: what differs from the shipped waits. */
export function startWatch(timing: Timing = brisk): Watch {
  const clock = createSystemClock();
  const host = createHostSignals({ clock });
  const dial = createDialler({ clock });
  const http = createHttpPort({ dial, clock });
  let sessions = 0;
  const random = createSystemRandom();
  const engine = createEngine({
    clock,
    random,
    http,
    socket: createSocketPort({ dial, clock }),
    stream: createStreamPort({ dial, clock }),
    portsOf: createSourcePorts({
      clock,
      random,
      secrets: { read: () => null, onChange: () => () => {} },
      resolveProxy: proxyFromEnvironment({}),
      roots: createTrustedRoots({}),
      run: runCommand,
    }),
    reader: readThroughEventSource,
    host,
    journal: createVolatileJournal(),
    outboxStore: createSimOutboxStore(),
    onSession({ open }) {
      sessions += open ? 1 : -1;
    },
    timing,
  });
  const records = new Map<string, { transitions: Transition[]; events: DeliveredEvent[]; gaps: Gap[] }>();
  engine.onTransition((id, transition) => records.get(id)?.transitions.push(transition));
  engine.onEvents((id, events) => records.get(id)?.events.push(...events));
  engine.onGaps((id, gaps) => records.get(id)?.gaps.push(...gaps));

  return {
    async add({ protocol, ladder, pinnedRung, recipe }) {
      sources += 1;
      const id = `peer${sources}`;
      const record = { transitions: [], events: [], gaps: [] };
      records.set(id, record);
      await engine.addSource(
        sourceSchema.parse({
          id,
          name: id,
          url: ladder[0]?.url ?? '',
          protocol,
          ladder: ladder.map((rung) => ({ intervalSeconds: 1, ...rung })),
          pinnedRung: pinnedRung ?? null,
          recipe,
        }),
      );
      return watched(
        id,
        record,
        () => engine.view(id),
        (command) => engine.command(id, command),
        engine.outbox,
      );
    },
    remove: ({ id }) => engine.removeSource(id),
    sessions: () => sessions,
    async close() {
      await engine.close();
      http.close();
      host.close();
    },
  };
}

function watched(
  id: string,
  record: Pick<Watched, 'transitions' | 'events' | 'gaps'>,
  look: () => SourceView | null,
  command: Watched['command'],
  outbox: OutboxFacade,
): Watched {
  let lastView: SourceView | null = look();
  const source: Watched = {
    id,
    ...record,
    view() {
      lastView = look() ?? lastView;
      if (!lastView) throw new Error(`There is no source ${id}.`);
      return lastView;
    },
    codes: () => record.transitions.map(({ code }) => code),
    numbers: () => record.events.map(numberOf),
    liveOn() {
      const { state, config } = source.view();
      return state.kind === 'live' ? (config.ladder[state.rung]?.transport ?? null) : null;
    },
    command,
    async send(type, body) {
      await outbox.send(id, type, body);
    },
    sent: () => [...(outbox.view(id)?.items ?? [])].reverse().map(({ state }) => state),
    async until(what, done, withinMs = patienceMs) {
      const deadline = performance.now() + withinMs;
      while (!done()) {
        if (performance.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}\n${storyOf(source)}`);
        await pause(lookEveryMs);
      }
    },
    untilLive: (transport, withinMs) =>
      source.until(
        `live on ${transport}`,
        () => {
          const { state } = source.view();
          return source.liveOn() === transport && state.kind === 'live' && state.resync !== 'catching-up';
        },
        withinMs,
      ),
  };
  return source;
}

/** `n` of a body `{"n":1}` or `{"n":1, …}`; NaN where there is none. */
function numberOf({ body }: DeliveredEvent): number {
  return Number(/"n":(\d+)/.exec(String(body))?.[1] ?? Number.NaN);
}

/** What happened, for whoever reads a failure. */
export function storyOf(source: Watched): string {
  const { state, ladder, counters } = source.view();
  const lines = source.transitions.map(
    ({ at, code, text, to }) => `${new Date(at).toISOString().slice(14, 23)} ${to.kind} ${code}: ${text}`,
  );
  const rungs = ladder.map(({ transport, status }) => `${transport} ${status}`).join(', ');
  const numbers = source.numbers();
  return [
    ...lines,
    `state ${JSON.stringify(state)}`,
    `ladder ${rungs}`,
    `counters ${JSON.stringify(counters)}`,
    `numbers ${numbers.length}: … ${numbers.slice(-20).join(' ')}`,
    `gaps ${JSON.stringify(source.gaps)}`,
  ].join('\n');
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The four rungs of a gateway's stream, or some of them. */
export function gatewayLadder(
  host: string,
  transports: readonly TransportKind[] = ['websocket', 'sse', 'long-poll', 'poll'],
  stream = 'test',
): RungConfig[] {
  const paths: Partial<Record<TransportKind, string>> = {
    websocket: 'ws',
    sse: 'sse',
    'long-poll': 'poll',
    poll: 'poll',
  };
  return transports.map((transport) => ({
    transport,
    url: `${transport === 'websocket' ? 'ws' : 'http'}://${host}/v1/${stream}/${paths[transport]}`,
    intervalSeconds: 1,
  }));
}
