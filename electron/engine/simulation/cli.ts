import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { createCoverage } from './coverage';
import { type Share, testMutants } from './mutation/judge';
import { bundleWorker, runSeeds, runWhole, type WorkerReport } from './pool';

const usage = `Usage: npm run sim -- [--runs N] [--seed S] [--journal]   the engine under random faults; one seed, one run;
                                            with the real journal, killed between statements
       npm run sim -- --mutants [--third N|today]  engines with one line broken each, all or a third of them
       npm run sim -- --one SEED                one run, with its trace
Exit 0 when nothing was violated (every mutant was caught), 1 otherwise, 64 for wrong use.`;

/** Share of (state, fault) pairs that a long enough series must meet. Short series meet fewer by chance. */
const coverageFloor = 0.95;
const coverageRuns = 2000;
/** Violating runs that are shrunk and shown. */
const shownViolations = 3;

function readOptions() {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      one: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      third: { type: 'string' },
      journal: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const whole = (name: string, text: string): number => {
    if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}".`);
    return Number(text);
  };
  return {
    runs: whole('runs', values.runs),
    seed: whole('seed', values.seed),
    one: values.one === undefined ? null : whole('one', values.one),
    mutants: values.mutants,
    share: shareOf(values.third),
    journal: values.journal,
    help: values.help,
  };
}

/** Which third of the mutants; `today`: another one every day, so that all come round. */
function shareOf(text: string | undefined): Share {
  switch (text === 'today' ? String(Math.floor(Date.now() / 86_400_000) % 3) : text) {
    case undefined:
      return 'all';
    case '0':
      return 0;
    case '1':
      return 1;
    case '2':
      return 2;
    default:
      throw new Error(`--third takes 0, 1, 2 or today, not "${text}".`);
  }
}

/** Seed of the i-th run of a series: series do not overlap. */
export function seedOf(series: number, index: number): number {
  return (Math.imul(series, 1_000_003) + index) >>> 0;
}

async function runSeries(runs: number, series: number, journal: boolean): Promise<number> {
  const started = performance.now();
  const reports: WorkerReport[] = [];
  const coverage = createCoverage();
  const bundle = await bundleWorker(null);
  const seeds = Array.from({ length: runs }, (_, index) => seedOf(series, index));
  let progress = 0;
  await runSeeds(bundle.path, { seeds, stopAtViolation: false, journal }, availableParallelism(), (report) => {
    reports.push(report);
    coverage.add(report.covered);
    progress += 1;
    if (progress % 500 === 0) process.stdout.write(`${progress} runs, ${violating(reports).length} with violations\n`);
  });

  const bad = violating(reports);
  if (bad.length > 0) process.stdout.write(`\n${kindsOf(bad)}\n`);
  for (const report of bad.slice(0, shownViolations)) await explain(bundle.path, report.seed, journal);
  await bundle.remove();
  reports.sort((a, b) => seeds.indexOf(a.seed) - seeds.indexOf(b.seed));
  const hash = createHash('sha256')
    .update(reports.map((report) => report.hash).join('\n'))
    .digest('hex')
    .slice(0, 16);
  const events = reports.reduce((sum, report) => sum + report.events, 0);
  const hours = reports.reduce((sum, report) => sum + report.virtualMs, 0) / 3_600_000;
  const share = coverage.share();
  process.stdout.write(`\nfaults by the state they met:\n${coverage.table()}\n`);
  process.stdout.write(
    `\n${events} events delivered in ${hours.toFixed(0)} virtual hours, ${((performance.now() - started) / 1000).toFixed(0)} s\n`,
  );
  const short = runs >= coverageRuns && share < coverageFloor;
  process.stdout.write(
    `coverage: ${(share * 100).toFixed(1)} % of state × fault${runs >= coverageRuns ? `, floor ${coverageFloor * 100} %` : ''}${short ? `; missing: ${coverage.missing().join(', ')}` : ''}\n`,
  );
  const violations = bad.length + (short ? 1 : 0);
  process.stdout.write(`sim: ${runs} runs, ${violations} violations, seed ${series}, trace ${hash}\n`);
  return violations === 0 ? 0 : 1;
}

function violating(reports: readonly WorkerReport[]): readonly WorkerReport[] {
  return reports.filter((report) => report.violations.length > 0);
}

/** Violations by kind: numbers and epochs taken out, with how many runs and one seed each. */
function kindsOf(bad: readonly WorkerReport[]): string {
  const kinds = new Map<string, number[]>();
  for (const { seed, violations } of bad) {
    for (const kind of new Set(
      violations.map(({ text }) => text.replace(/\be[0-9a-f]{6}\b/g, 'E').replace(/\d+/g, 'N')),
    )) {
      kinds.set(kind, [...(kinds.get(kind) ?? []), seed]);
    }
  }
  const lines = [...kinds].sort((a, b) => b[1].length - a[1].length);
  return lines.map(([kind, seeds]) => `${seeds.length} runs (--one ${seeds[0]}): ${kind.slice(0, 160)}`).join('\n');
}

/** Prints a violating run as small as it can be made. */
async function explain(path: string, seed: number, journal: boolean): Promise<void> {
  const { faults, result } = await runWhole(path, { whole: seed, shrink: true, journal });
  const out = [`\nviolation in run --one ${seed}, shrunk to ${faults.length} faults:`];
  for (const fault of faults) {
    out.push(`  ${fault.at} ms ${fault.kind} on ${fault.target} for ${fault.lastsMs} ms (size ${fault.size})`);
  }
  for (const { at, text } of result.violations) out.push(`  at ${at} ms: ${text}`);
  const at = result.violations[0]?.at ?? 0;
  const before = result.trace.filter((line) => Number.parseFloat(line) <= at + 1000);
  for (const line of before.slice(-40)) out.push(`    ${line}`);
  process.stdout.write(`${out.join('\n')}\n`);
}

async function showOne(seed: number, journal: boolean): Promise<number> {
  const bundle = await bundleWorker(null);
  const { result } = await runWhole(bundle.path, { whole: seed, shrink: false, journal });
  await bundle.remove();
  process.stdout.write(`${result.trace.join('\n')}\n`);
  for (const { at, text } of result.violations) process.stdout.write(`violation at ${at} ms: ${text}\n`);
  const violations = result.violations.length > 0 ? 1 : 0;
  process.stdout.write(`sim: 1 runs, ${violations} violations, seed ${seed}, trace ${result.hash.slice(0, 16)}\n`);
  return violations;
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
    return 64;
  }
  if (options.help) process.stdout.write(`${usage}\n`);
  else if (options.one !== null) return showOne(options.one, options.journal);
  else if (options.mutants) return testMutants(options.seed, options.share);
  else return runSeries(options.runs, options.seed, options.journal);
  return 0;
}

void main().then((code) => {
  process.exitCode = code;
});
