import type { SecretReader } from '../../electron/engine/core/secrets';
import { createDialler } from '../../electron/engine/dialling/dialler';
import type { ResolveProxy } from '../../electron/engine/dialling/environment';
import { createHttpPort } from '../../electron/engine/dialling/http-port';
import { createSocketPort } from '../../electron/engine/dialling/socket-port';
import { createStreamPort } from '../../electron/engine/dialling/stream-port';
import { createEngine } from '../../electron/engine/engine';
import { createVolatileJournal } from '../../electron/engine/journal/volatile';
import { inferLadder } from '../../electron/engine/protocols/ladder';
import { createSourcePorts } from '../../electron/engine/source/ports';
import { readThroughEventSource } from '../../electron/engine/transports/eventsource-reader';
import { createSystemClock } from '../../electron/node/clock';
import { createHostSignals } from '../../electron/node/host-signals';
import { createSystemRandom } from '../../electron/node/random';
import { runCommand } from '../../electron/node/run-command';
import { createTrustedRoots } from '../../electron/node/trusted-roots';
import type { Transition } from '../../shared/connection';
import { reachSchema } from '../../shared/reach';
import type { SourceConfig } from '../../shared/source';
import { httpTransports, type TransportKind } from '../../shared/transport';
import type { SourceView } from '../../shared/view';

/** Secrets that a test sets, changes and looks for in everything that comes out. */
export interface TestSecrets extends SecretReader {
  set(name: string, value: string): void;
  /** Every value there ever was. */
  values(): readonly string[];
}

export function createTestSecrets(initial: Readonly<Record<string, string>> = {}): TestSecrets {
  const secrets = new Map(Object.entries(initial));
  const ever = new Set(Object.values(initial));
  const listeners = new Set<(name: string) => void>();
  return {
    read: (name) => secrets.get(name) ?? null,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(name, value) {
      secrets.set(name, value);
      ever.add(value);
      for (const listener of [...listeners]) listener(name);
    },
    values: () => [...ever],
  };
}

/** One watched source: what it went through and what arrived. */
export interface Watched {
  readonly transport: TransportKind;
  readonly transitions: readonly Transition[];
  view(): SourceView;
  /** Numbers of the events, in the order they were delivered. */
  readonly numbers: readonly number[];
}

export interface Watcher {
  readonly sources: readonly Watched[];
  close(): Promise<void>;
}

export interface WatchWish {
  /** Address of a gateway's stream. */
  readonly url: string;
  /** What `reachSchema` takes. */
  readonly reach: unknown;
  readonly secrets: TestSecrets;
  readonly resolveProxy: ResolveProxy;
  /** Sources in all; they take the transports in turn. Default: one for each. */
  readonly count?: number;
}

/** The real engine with one source for each transport, each with that one rung: none can hide behind another. */
export async function watchAll(wish: WatchWish): Promise<Watcher> {
  const inferred = inferLadder(wish.url, 'gateway');
  if (!inferred.ok) throw new Error(inferred.errors[0]?.message);
  const { ladder: rungs, protocol } = inferred;
  // Thrown before anything is open: what stays open keeps the suite from ending.
  if (rungs.length !== httpTransports.length) throw new Error('The ladder lacks a rung.');
  const clock = createSystemClock();
  const random = createSystemRandom();
  const host = createHostSignals({ clock, online: () => true });
  const dial = createDialler({ clock });
  const http = createHttpPort({ dial, clock });
  const engine = createEngine({
    clock,
    random,
    http,
    socket: createSocketPort({ dial, clock }),
    stream: createStreamPort({ dial, clock }),
    portsOf: createSourcePorts({
      clock,
      random,
      secrets: wish.secrets,
      resolveProxy: wish.resolveProxy,
      roots: createTrustedRoots({}),
      run: runCommand,
    }),
    reader: readThroughEventSource,
    host,
    journal: createVolatileJournal(),
  });
  const sources: (Watched & { readonly transitions: Transition[]; readonly numbers: number[] })[] = [];
  const byId = new Map<string, (typeof sources)[number]>();
  engine.onTransition((id, transition) => byId.get(id)?.transitions.push(transition));
  engine.onEvents((id, events) => {
    for (const { position } of events) if (position) byId.get(id)?.numbers.push(position.seq);
  });
  for (let n = 0; n < (wish.count ?? rungs.length); n += 1) {
    const rung = rungs[n % rungs.length];
    if (!rung) continue;
    const { transport } = rung;
    const id = `s${n}`;
    const config: SourceConfig = {
      id,
      name: `source ${n}`,
      url: wish.url,
      protocol,
      ladder: [{ ...rung, intervalSeconds: 1 }],
      pinnedRung: null,
      paused: false,
      builtIn: false,
      reach: reachSchema.parse(wish.reach),
    };
    const view = () => {
      const now = engine.view(id);
      if (!now) throw new Error(`${id} has gone.`);
      return now;
    };
    const watched = { transport, transitions: [], numbers: [], view };
    sources.push(watched);
    byId.set(id, watched);
    await engine.addSource(config);
  }
  return {
    sources,
    async close() {
      await engine.close();
      http.close();
      host.close();
    },
  };
}
