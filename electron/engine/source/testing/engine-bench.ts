import { afterEach } from 'vitest';
import { type SourceConfig, sourceSchema } from '../../../../shared/source';
import type { SourceView } from '../../../../shared/view';
import { createEngine, type Engine, type EngineDeps } from '../../engine';
import { createVolatileJournal } from '../../journal/volatile';
import { createFakeClock, type FakeClock } from '../../simulation/fake-clock';
import { createFakeGateway, type FakeGateway } from '../../simulation/fake-gateway';
import { createFakeHostSignals } from '../../simulation/fake-host';
import { createFakeNetwork } from '../../simulation/fake-network';
import type { FakeServer } from '../../simulation/fake-server';
import { createSeededRandom } from '../../simulation/seeded-random';
import { clearWeather, type Weather } from '../../simulation/weather';
import { readEventStreamDirectly } from '../../transports/event-stream-reader';

/** Where the one host of a bench is. */
const benchHost = 'feed.example.test';

/** An engine with one source, `s`, on a fake network and clock. */
export interface EngineBench {
  readonly clock: FakeClock;
  readonly engine: Engine;
  readonly view: () => SourceView | null | undefined;
  /** Resets every connection. */
  readonly cut: () => void;
}

interface Setup {
  /** What answers at `benchHost`. */
  readonly server: (clock: FakeClock) => FakeServer;
  readonly weather?: Partial<Weather>;
  readonly source: Pick<SourceConfig, 'protocol'> & {
    /** Transport and path, best first. */
    readonly ladder: readonly (readonly [SourceConfig['ladder'][number]['transport'], string])[];
    readonly reach?: SourceConfig['reach'];
    readonly recipe?: SourceConfig['recipe'];
  };
  /** What differs from the usual: a journal that keeps nothing, no outbox, no rules. */
  readonly parts?: (clock: FakeClock) => Partial<EngineDeps>;
  /** Before the source is added. */
  readonly listen?: (engine: Engine) => void;
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Starts it and gives it two seconds. It is closed after the test. */
export async function startEngineBench({ server, weather, source, parts, listen }: Setup): Promise<EngineBench> {
  const clock = createFakeClock();
  const random = createSeededRandom(1);
  const network = createFakeNetwork({ clock, random });
  network.addHost(benchHost, { server: server(clock), weather: { ...clearWeather(), ...weather } });
  const engine = createEngine({
    clock,
    random,
    http: network.http,
    socket: network.socket,
    stream: network.stream,
    reader: readEventStreamDirectly,
    host: createFakeHostSignals(),
    journal: createVolatileJournal(),
    ...parts?.(clock),
  });
  closers.push(async () => {
    const closed = engine.close();
    await clock.advanceAsync(5000);
    await closed;
  });
  listen?.(engine);
  const ladder = source.ladder.map(([transport, path]) => ({
    transport,
    url: `${transport === 'websocket' ? 'ws' : 'http'}://${benchHost}${path}`,
  }));
  await engine.addSource(sourceSchema.parse({ id: 's', name: 'Feed', url: ladder[0]?.url, ...source, ladder }));
  await clock.advanceAsync(2000);
  return { clock, engine, view: () => engine.view('s'), cut: () => network.strike(benchHost, 'reset') };
}

/** A gateway for a bench; it is closed after the test. */
export function gatewayFor(clock: FakeClock): FakeGateway {
  const gateway = createFakeGateway({ clock, random: createSeededRandom(2) });
  closers.push(async () => gateway.close());
  return gateway;
}
