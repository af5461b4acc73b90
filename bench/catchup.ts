import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createDialler } from '../electron/engine/dialling/dialler';
import { createHttpPort } from '../electron/engine/dialling/http-port';
import { createSocketPort } from '../electron/engine/dialling/socket-port';
import { createStreamPort } from '../electron/engine/dialling/stream-port';
import { createEngine } from '../electron/engine/engine';
import { createJournal } from '../electron/engine/journal/journal';
import { openThread } from '../electron/engine/journal/workers';
import { inferLadder } from '../electron/engine/protocols/ladder';
import { readThroughEventSource } from '../electron/engine/transports/eventsource-reader';
import { createSystemClock } from '../electron/node/clock';
import { createSystemRandom } from '../electron/node/random';
import type { Bench, BenchContext, BenchResult } from './bench';
import { median, round } from './bench';

export const catchupBench: Bench = {
  name: 'catchup',
  about: 'from resuming after an outage until every missed event is here and the state is live',
  run,
};

async function run({ option, say }: BenchContext): Promise<BenchResult> {
  const missed = option('events', 100_000);
  const rounds = option('rounds', 3);
  const server = fork(fileURLToPath(new URL('./catchup-server.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const folder = mkdtempSync(join(tmpdir(), 'bench-catchup-'));
  const clock = createSystemClock();
  const dial = createDialler({ clock });
  const http = createHttpPort({ dial, clock });
  const journal = createJournal({
    openWorker: () => openThread(fileURLToPath(new URL('../electron/engine/journal/worker.ts', import.meta.url))),
    clock,
    folder,
  });
  const engine = createEngine({
    clock,
    random: createSystemRandom(),
    http,
    socket: createSocketPort({ dial, clock }),
    stream: createStreamPort({ dial, clock }),
    reader: readThroughEventSource,
    host: { network: () => 'bench', online: () => true, subscribe: () => () => undefined },
    journal,
  });
  try {
    const { url } = (await answer(server)) as { readonly url: string };
    const inferred = inferLadder(url, 'gateway');
    if (!inferred.ok) throw new Error(`no ladder for ${url}`);
    await engine.addSource({
      id: 'bench',
      name: 'bench',
      url,
      protocol: 'gateway',
      ladder: [...inferred.ladder],
      pinnedRung: null,
      paused: false,
      builtIn: false,
    });
    const delivered = (): number => engine.view('bench')?.counters.delivered ?? 0;
    const current = (): boolean => {
      const state = engine.view('bench')?.state;
      return state?.kind === 'live' && state.resync === 'current';
    };
    await until(current);
    const seconds: number[] = [];
    for (let turn = 0; turn < rounds; turn++) {
      const before = delivered();
      engine.command('bench', 'pause');
      server.send(missed);
      await answer(server);
      const started = performance.now();
      engine.command('bench', 'resume');
      await until(() => current() && delivered() >= before + missed);
      seconds.push((performance.now() - started) / 1000);
      say(`  ${missed} events in ${round(seconds[seconds.length - 1] ?? 0, 2)} s`);
    }
    const counters = engine.view('bench')?.counters;
    return {
      figures: {
        s_per_100k: round((median(seconds) / missed) * 100_000, 2),
        lost: missed * rounds - delivered(),
        repeated: counters?.repeated ?? 0,
        events: missed,
      },
      notes: [
        'our gateway in a process of its own on loopback, WebSocket, journal in its worker; median of the rounds',
      ],
    };
  } finally {
    await engine.close();
    http.close();
    server.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

function answer(server: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    server.once('message', resolve);
    server.once('exit', () => reject(new Error('the server of the benchmark ended')));
  });
}

async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error('not caught up within 120 s');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
