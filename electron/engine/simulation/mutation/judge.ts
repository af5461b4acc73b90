import { availableParallelism } from 'node:os';
import { createTerminal, errorText } from '../../../../shared/terminal';
import type { FeedKind } from '../feeds/kinds';
import { mutants } from '../mutants';
import { bundleWorker, type Mutation, runSeeds, runWhole } from '../pool';
import { judgeByTests } from './by-tests';
import { type DrawnMutant, drawMutants } from './drawn';
import type { Mutant } from './mutant';

/** Mutants drawn by the tool, beside those that were chosen. */
const drawnMutants = 36;
/** Seeds tried per mutant before the simulation has let it pass. */
const seedsPerMutant = 300;
/** For one that the tests of its own folder have let pass already. */
const seedsPerDrawn = 150;

/** What shows most in the fewest runs: numbers, sockets, several ways to one feed. */
const mutantFeeds: readonly FeedKind[] = ['gateway', 'multi', 'json-ws', 'nchan', 'recipe', 'mqtt'];

/** One third of them, by its number, for a series of runs that each take the next. */
export type Share = 0 | 1 | 2 | 'all';

interface Judged {
  readonly caught: boolean;
  readonly verdict: string;
}

/** Mutants judged at a time: one that runs tests uses one core. */
const atOnce = 2;
/** Threads of a simulation, beside the other mutant's. */
const threads = Math.max(1, Math.floor(availableParallelism() / atOnce));

/**
 * Breaks the engine one line at a time; the simulation or a unit test must see each. The answer is the exit code.
 * Unit tests are quicker, so those that are named for a mutant, or stand in the folder of a drawn one, are asked first;
 * a chosen one that names none is the simulation's to show.
 */
export async function testMutants(series: number, share: Share): Promise<number> {
  const out = createTerminal(process.stdout);
  const unbroken = await bundleWorker(null);
  const judgeOne = (mutant: Mutant | DrawnMutant): Promise<Judged> =>
    'identity' in mutant ? judgeDrawn(mutant, series, unbroken.path) : judgeChosen(mutant, series, unbroken.path);
  const all = [...mutants, ...(await drawMutants(series, drawnMutants))].filter(
    (_, index) => share === 'all' || index % 3 === share,
  );
  let caught = 0;
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let mutant = all[next++]; mutant; mutant = all[next++]) {
      const judged = await judgeOne(mutant);
      if (judged.caught) caught += 1;
      out.block(`${mutant.name}\n    ${errorText(judged.verdict)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane)).finally(() => unbroken.remove());
  out.line(`mutants: ${caught} of ${all.length} caught`);
  return caught === all.length ? 0 : 1;
}

async function judgeChosen(mutant: Mutant, series: number, unbroken: string): Promise<Judged> {
  const { tests, journal = false } = mutant;
  const first = tests ? await byTests(mutant, tests) : survived;
  if (first.caught) return first;
  const simulated = await simulate(mutant, series, seedsPerMutant, journal, unbroken);
  return simulated.caught || tests ? simulated : byTests(mutant, [folderOf(mutant)]);
}

async function judgeDrawn(mutant: DrawnMutant, series: number, unbroken: string): Promise<Judged> {
  const folder = folderOf(mutant);
  const tested = await byTests(mutant, [folder]);
  return tested.caught ? tested : simulate(mutant, series, seedsPerDrawn, folder === 'alerts', unbroken);
}

async function byTests(mutant: Mutation, tests: readonly string[]): Promise<Judged> {
  const verdict = await judgeByTests(mutant, tests);
  return verdict.kind === 'killed' ? { caught: true, verdict: `killed by: ${verdict.by}` } : survived;
}

const survived: Judged = { caught: false, verdict: 'SURVIVED' };

async function simulate(
  mutation: Mutation,
  series: number,
  count: number,
  journal: boolean,
  unbroken: string,
): Promise<Judged> {
  const seeds = Array.from({ length: count }, (_, index) => (Math.imul(series, 7_368_787) + index) >>> 0);
  const draw = { feeds: mutantFeeds, journal };
  const bundle = await bundleWorker(mutation);
  const violations: { readonly seed: number; readonly text: string }[] = [];
  let runs = 0;
  await runSeeds(bundle.path, { seeds, stopAtViolation: true, draw }, threads, (report) => {
    runs += 1;
    const first = report.violations[0];
    if (first) violations.push({ seed: report.seed, text: first.text });
  }).finally(() => bundle.remove());
  const found = violations[0];
  if (!found) return survived;
  // What the unbroken engine does as well proves nothing about the mutant.
  const { result } = await runWhole(unbroken, { whole: found.seed, shrink: false, draw });
  const innocent = result.violations.length === 0;
  return {
    caught: innocent,
    verdict: innocent ? `caught after ${runs} runs: ${found.text}` : 'NOT PROVEN: the engine itself violates',
  };
}

function folderOf({ file }: Mutation): string {
  return file.slice(0, file.lastIndexOf('/'));
}
