import { fork } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Dial, Dialled } from '../../electron/engine/dialling/dial';
import { createDialler } from '../../electron/engine/dialling/dialler';
import { createHttpPort } from '../../electron/engine/dialling/http-port';
import { createSocketPort } from '../../electron/engine/dialling/socket-port';
import { createStreamPort } from '../../electron/engine/dialling/stream-port';
import { createEngine } from '../../electron/engine/engine';
import { createVolatileJournal } from '../../electron/engine/journal/volatile';
import { readThroughEventSource } from '../../electron/engine/transports/eventsource-reader';
import { createSystemClock } from '../../electron/node/clock';
import { createSystemRandom } from '../../electron/node/random';
import type { ProtocolName } from '../../shared/protocols';
import type {} from '../../shared/source';
import type { TransportKind } from '../../shared/transport';
import type { Bench, BenchContext, BenchResult } from '../bench';
import { round } from '../bench';

export const floodBench: Bench = {
  name: 'flood',
  about: 'one source that is flooded with what means nothing: how late everything else in the process comes',
  run,
};

interface Kind {
  readonly name: string;
  readonly transport: TransportKind;
}

const kinds: readonly Kind[] = [
  { name: 'sse-comments', transport: 'sse' },
  { name: 'sse-comment-chunks', transport: 'sse' },
  { name: 'sse-bytes', transport: 'sse' },
  { name: 'sse-bomb', transport: 'sse' },
  { name: 'poll-bytes', transport: 'poll' },
  { name: 'ws-empty', transport: 'websocket' },
  { name: 'ws-pings', transport: 'websocket' },
  { name: 'ws-pongs', transport: 'websocket' },
];

async function run({ option, word, say }: BenchContext): Promise<BenchResult> {
  const seconds = option('seconds', 5);
  const only = word('kind', ['all', ...kinds.map(({ name }) => name)]);
  const server = fork(fileURLToPath(new URL('./server.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  const [port] = (await once(server, 'message')) as [number];
  const delays: number[] = [];
  const longest: number[] = [];
  const grown: number[] = [];
  try {
    for (const kind of kinds.filter(({ name }) => only === 'all' || only === name)) {
      const seen = await flooded(kind, port, seconds);
      say(
        `  ${kind.name.padEnd(20)} delay p99 ${seen.p99} ms, longest ${seen.longest} ms; memory +${seen.megabytes} MB; ${seen.read} MB read; ${seen.state}`,
      );
      delays.push(seen.p99);
      longest.push(seen.longest);
      grown.push(seen.megabytes);
    }
  } finally {
    server.disconnect();
  }
  return {
    budget: 'main',
    figures: {
      delay_p99_ms: Math.max(...delays),
      longest_ms: Math.max(...longest),
      grown_mb: Math.max(...grown),
      seconds,
    },
    notes: [
      'delay: of the event loop (perf_hooks.monitorEventLoopDelay, every 5 ms), the worst of the kinds',
      'grown: resident memory at its highest over what it was before the flood began',
    ],
  };
}

async function flooded({ name, transport }: Kind, port: number, seconds: number) {
  const clock = createSystemClock();
  const dialler = createDialler({ clock });
  const dialled: Dialled[] = [];
  const dial: Dial = async (target, signal) => {
    const made = await dialler(target, signal);
    dialled.push(made);
    return made;
  };
  const read = () => dialled.reduce((sum, one) => sum + one.bytesRead(), 0);
  const http = createHttpPort({ dial, clock });
  const engine = createEngine({
    clock,
    random: createSystemRandom(),
    http,
    socket: createSocketPort({ dial, clock }),
    stream: createStreamPort({ dial, clock }),
    reader: readThroughEventSource,
    host: { network: () => 'bench', online: () => true, subscribe: () => () => undefined },
    journal: createVolatileJournal(),
  });
  const url = `${transport === 'websocket' ? 'ws' : 'http'}://127.0.0.1:${port}/${name}`;
  const protocol: ProtocolName = 'json';
  const states = new Set<string>();
  engine.onTransition((_, { to, text }) => states.add(`${to.kind} (${text.slice(0, 90)})`));
  const before = process.memoryUsage.rss();
  let most = before;
  await engine.addSource({
    id: 'flood',
    name: 'flood',
    url,
    protocol,
    ladder: [{ transport, url, intervalSeconds: 5 }],
    pinnedRung: null,
    paused: false,
    builtIn: false,
  });
  await wait(300);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until) {
    await wait(50);
    most = Math.max(most, process.memoryUsage.rss());
  }
  delay.disable();
  const state = [...states].at(-1) ?? 'nothing said';
  await engine.close();
  http.close();
  await wait(200);
  return {
    p99: round(delay.percentile(99) / 1e6),
    longest: round(delay.max / 1e6),
    megabytes: Math.round((most - before) / 2 ** 20),
    read: Math.round(read() / 2 ** 20),
    state,
  };
}
