import { availableParallelism } from 'node:os';
import { mendedFeeds } from '../feeds/kinds';
import { type Mutant, mutants } from '../mutants';
import { bundleWorker, type Mutation, runSeeds, runWhole } from '../pool';
import { judgeByTests } from './by-tests';
import { type DrawnMutant, drawMutants } from './drawn';

/** Mutants drawn by the tool, beside those that were chosen. */
const drawnMutants = 36;
/** Seeds tried per mutant before the simulation has let it pass. */
const seedsPerMutant = 300;
/** For one that the tests of its own folder have let pass already. */
const seedsPerDrawn = 150;

/** One third of them, by its number, for a series of runs that each take the next. */
export type Share = 0 | 1 | 2 | 'all';

interface Judged {
  readonly caught: boolean;
  readonly verdict: string;
}

/**
 * Breaks the engine one line at a time; the simulation or a unit test must see each. The answer is the exit code.
 * Chosen ones are shown to the simulation first, since that is what they are to prove; drawn ones to the tests of
 * their folder, which are quicker.
 */
export async function testMutants(series: number, share: Share): Promise<number> {
  const chosen = mutants.map((mutant) => ({ mutant, judge: () => judgeChosen(mutant, series) }));
  const drawn = (await drawMutants(series, drawnMutants)).map((mutant) => ({
    mutant,
    judge: () => judgeDrawn(mutant, series),
  }));
  const all = [...chosen, ...drawn].filter((_, index) => share === 'all' || index % 3 === share);
  let caught = 0;
  for (const { mutant, judge } of all) {
    const judged = await judge();
    if (judged.caught) caught += 1;
    process.stdout.write(`${mutant.name}\n    ${judged.verdict}\n`);
  }
  process.stdout.write(`mutants: ${caught} of ${all.length} caught\n`);
  return caught === all.length ? 0 : 1;
}

async function judgeChosen(mutant: Mutant, series: number): Promise<Judged> {
  const simulated = await simulate(mutant, series, seedsPerMutant, mutant.journal === true);
  return simulated.caught ? simulated : byTests(mutant, mutant.tests ?? [folderOf(mutant)]);
}

async function judgeDrawn(mutant: DrawnMutant, series: number): Promise<Judged> {
  const tested = await byTests(mutant, [folderOf(mutant)]);
  return tested.caught ? tested : simulate(mutant, series, seedsPerDrawn, folderOf(mutant) === 'alerts');
}

async function byTests(mutant: Mutation, folders: readonly string[]): Promise<Judged> {
  const verdict = await judgeByTests(mutant, folders);
  return verdict.kind === 'killed' ? { caught: true, verdict: `killed by: ${verdict.by}` } : survived;
}

const survived: Judged = { caught: false, verdict: 'SURVIVED' };

async function simulate(mutation: Mutation, series: number, count: number, journal: boolean): Promise<Judged> {
  const seeds = Array.from({ length: count }, (_, index) => (Math.imul(series, 7_368_787) + index) >>> 0);
  const draw = { feeds: mendedFeeds, journal, unmended: false };
  const bundle = await bundleWorker(mutation);
  const violations: { readonly seed: number; readonly text: string }[] = [];
  let runs = 0;
  await runSeeds(bundle.path, { seeds, stopAtViolation: true, draw }, availableParallelism(), (report) => {
    runs += 1;
    const first = report.violations[0];
    if (first) violations.push({ seed: report.seed, text: first.text });
  }).finally(() => bundle.remove());
  const found = violations[0];
  if (!found) return survived;
  // What the unbroken engine does as well proves nothing about the mutant.
  const unbroken = await bundleWorker(null);
  const { result } = await runWhole(unbroken.path, { whole: found.seed, shrink: false, draw });
  await unbroken.remove();
  const innocent = result.violations.length === 0;
  return {
    caught: innocent,
    verdict: innocent ? `caught after ${runs} runs: ${found.text}` : 'NOT PROVEN: the engine itself violates',
  };
}

function folderOf({ file }: Mutation): string {
  return file.slice(0, file.lastIndexOf('/'));
}
