import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { build, type Plugin } from 'esbuild';
import type { RunResult } from './run';
import type { Draw, Fault } from './scenario';

export interface WorkerOrder {
  readonly seeds: readonly number[];
  readonly stopAtViolation: boolean;
  readonly draw: Draw;
}

/** A worker's own share of an order. */
export interface SharedOrder extends WorkerOrder {
  /** Not zero: no further run is to be begun. */
  readonly stop: SharedArrayBuffer;
}

export type WorkerReport = Omit<RunResult, 'trace'>;

/** One run told whole; where it violates and is to be explained, as small as it can be made. */
export interface WholeRun {
  readonly result: RunResult;
  readonly faults: readonly Fault[];
}

export interface WholeOrder {
  readonly whole: number;
  readonly shrink: boolean;
  readonly draw: Draw;
}

/** One line of the engine replaced by a wrong one. `find` stands exactly once in `file` (relative to `electron/engine`). */
export interface Mutation {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const engineFolder = resolve(__dirname, '..');

/** The simulation as one file, with a mutation in it or not. The caller removes the folder. */
export async function bundleWorker(
  mutation: Mutation | null,
): Promise<{ readonly path: string; remove(): Promise<void> }> {
  // Inside node_modules, so that what is not bundled is found from there.
  const cache = resolve(engineFolder, '../../node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'wirewatch-sim-'));
  const path = join(folder, 'worker.cjs');
  await build({
    entryPoints: [join(__dirname, 'worker.ts')],
    outfile: path,
    bundle: true,
    platform: 'node',
    target: 'node18',
    format: 'cjs',
    sourcemap: 'inline',
    external: ['@photostructure/sqlite'],
    logLevel: 'error',
    plugins: mutation ? [mutate(mutation)] : [],
  });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Replaces the one place. Throws when it is not there exactly once: the engine changed and the mutant must follow. */
export function applyMutation(text: string, { file, find, replace }: Mutation): string {
  const places = text.split(find).length - 1;
  if (places !== 1) throw new Error(`${file} has ${places} places like: ${find}`);
  return text.replace(find, () => replace);
}

function mutate({ file, find, replace }: Mutation): Plugin {
  return {
    name: 'mutate',
    setup(context) {
      context.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (relative(engineFolder, path) !== file) return null;
        return { contents: applyMutation(await readFile(path, 'utf8'), { file, find, replace }), loader: 'ts' };
      });
    },
  };
}

/** A closed journal keeps its files open until its statements are collected, which a busy thread puts off: threads are renewed. */
const runsPerThread = 250;

/** Runs seeds on `threads` workers of a bundle; calls back per run. Stops all at the first violation where asked. */
export async function runSeeds(
  path: string,
  order: WorkerOrder,
  threads: number,
  onReport: (report: WorkerReport) => void,
): Promise<void> {
  // Asked to stop, not terminated: a thread that ends inside SQLite takes the process with it.
  const stop = new SharedArrayBuffer(4);
  const stopped = (): boolean => Atomics.load(new Int32Array(stop), 0) !== 0;

  /** How many of the seeds it came through, and why it came no further, where it says so. */
  function runThread(seeds: readonly number[]): Promise<{ readonly reported: number; readonly why: string | null }> {
    return new Promise((done) => {
      const worker = new Worker(path, { workerData: { ...order, seeds, stop } satisfies SharedOrder });
      let reported = 0;
      let why: string | null = null;
      worker.on('message', (report: WorkerReport) => {
        reported += 1;
        onReport(report);
        if (order.stopAtViolation && report.violations.length > 0) Atomics.store(new Int32Array(stop), 0, 1);
      });
      // It is one run's: the others go on. A process that ended for it would end them inside SQLite.
      worker.on('error', (error) => {
        why = `the run threw: ${error.stack ?? error.message}`;
      });
      worker.on('exit', () => done({ reported, why }));
    });
  }

  async function runLane(seeds: readonly number[]): Promise<void> {
    for (let from = 0; from < seeds.length && !stopped(); ) {
      const batch = seeds.slice(from, from + runsPerThread);
      const { reported, why } = await runThread(batch);
      from += reported;
      const hung = batch[reported];
      if (hung === undefined || stopped()) continue;
      // A thread with nothing left to do ends, whatever a run of it still waits for.
      onReport(unended(hung, why ?? 'the run does not end: it waits for what never comes'));
      from += 1;
    }
  }

  const lanes = Array.from({ length: threads }, (_, index) =>
    order.seeds.filter((_seed, at) => at % threads === index),
  );
  await Promise.all(lanes.map(runLane));
}

/** The report of a run that did not come to its end. */
function unended(seed: number, text: string): WorkerReport {
  const met = { faults: {}, states: {}, steps: {}, reasons: {} };
  return { seed, violations: [{ at: 0, text }], hash: '', met, events: 0, virtualMs: 0 };
}

/** One run, with everything there is to tell of it. Rejects where it never ends. */
export function runWhole(path: string, order: WholeOrder): Promise<WholeRun> {
  return new Promise((done, fail) => {
    const worker = new Worker(path, { workerData: order });
    worker.on('message', (run: WholeRun) => done(run));
    worker.on('error', fail);
    worker.on('exit', () => fail(new Error(`run ${order.whole} does not end: it waits for what never comes`)));
  });
}
