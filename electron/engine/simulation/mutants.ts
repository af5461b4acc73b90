import { availableParallelism } from 'node:os';
import { bundleWorker, type Mutation, runSeeds } from './pool';

interface Mutant extends Mutation {
  readonly name: string;
}

/** Engines with one line broken each. The invariants must catch every one, or they would not catch the mistake either. */
const mutants: readonly Mutant[] = [];

/** Seeds tried per mutant before it counts as survived. */
const seedsPerMutant = 600;

/** Runs every mutant until an invariant catches it. Answers the exit code. */
export async function testMutants(series: number): Promise<number> {
  let caught = 0;
  for (const mutant of mutants) {
    const bundle = await bundleWorker(mutant);
    const seeds = Array.from({ length: seedsPerMutant }, (_, index) => (Math.imul(series, 7_368_787) + index) >>> 0);
    let by: { readonly seed: number; readonly text: string } | null = null;
    let runs = 0;
    await runSeeds(bundle.path, { seeds, stopAtViolation: true }, availableParallelism(), (report) => {
      runs += 1;
      const first = report.violations[0];
      if (first) by ??= { seed: report.seed, text: first.text };
    }).finally(() => bundle.remove());
    if (by !== null) caught += 1;
    const verdict = by === null ? 'SURVIVED' : `caught after ${runs} runs: ${(by as { text: string }).text}`;
    process.stdout.write(`${mutant.name.padEnd(34)} ${verdict}\n`);
  }
  process.stdout.write(`mutants: ${caught} of ${mutants.length} caught\n`);
  return caught === mutants.length ? 0 : 1;
}
