import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { createTerminal, errorText } from '../../../shared/terminal';
import { createCoverage } from './coverage';
import { type FeedKind, feedKinds } from './feeds/kinds';
import { type Share, testMutants } from './mutation/judge';
import { bundleWorker, runSeeds, runWhole, type WorkerReport } from './pool';
import type { Draw } from './scenario';

const out = createTerminal(process.stdout);

const usage = `Usage: npm run sim -- [--runs N] [--seed S]  the engine under random faults; one seed, one run
         --feeds all|${feedKinds.join('|')}
                                            what is watched, several with commas between (all)
         --explain N                        violating runs that are shrunk and shown (3)
         --journal                          with the real journal, whose disk and process fail too; its rows are judged
       npm run sim -- --mutants [--third N|today]  engines with one line broken each, all or a third of them
       npm run sim -- --one SEED [--feeds …] [--journal]  one run, with its trace
Exit 0 when nothing was violated (every mutant was caught), 1 otherwise, 64 for wrong use.`;

/** Each fault meets each feed that knows it so often in a series of at least `coverageRuns`; shorter ones meet fewer by chance. */
const leastMet = 20;
const coverageRuns = 3000;

function readOptions() {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      one: { type: 'string' },
      mutants: { type: 'boolean', default: false },
      third: { type: 'string' },
      feeds: { type: 'string', default: 'all' },
      journal: { type: 'boolean', default: false },
      explain: { type: 'string', default: '3' },
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
    explain: whole('explain', values.explain),
    mutants: values.mutants,
    share: shareOf(values.third),
    draw: { feeds: feedsOf(values.feeds), journal: values.journal },
    help: values.help,
  };
}

function feedsOf(text: string): readonly FeedKind[] {
  if (text === 'all') return feedKinds;
  return text.split(',').map((name) => {
    const feed = feedKinds.find((kind) => kind === name);
    if (!feed) throw new Error(`--feeds takes all, or some of ${feedKinds.join(', ')}, not "${name}".`);
    return feed;
  });
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

async function runSeries(runs: number, series: number, draw: Draw, explained: number): Promise<number> {
  const started = performance.now();
  const reports: WorkerReport[] = [];
  const coverage = createCoverage(draw);
  const bundle = await bundleWorker(null);
  const seeds = Array.from({ length: runs }, (_, index) => seedOf(series, index));
  let progress = 0;
  await runSeeds(bundle.path, { seeds, stopAtViolation: false, draw }, availableParallelism(), (report) => {
    reports.push(report);
    coverage.add(report.met);
    progress += 1;
    if (progress % 500 === 0) out.line(`${progress} runs, ${violating(reports).length} with violations`);
  });

  const bad = violating(reports);
  if (bad.length > 0) out.block(`\n${kindsOf(bad)}`);
  for (const report of bad.slice(0, explained)) await explain(bundle.path, report.seed, draw);
  await bundle.remove();
  reports.sort((a, b) => seeds.indexOf(a.seed) - seeds.indexOf(b.seed));
  const hash = createHash('sha256')
    .update(reports.map((report) => report.hash).join('\n'))
    .digest('hex')
    .slice(0, 16);
  const events = reports.reduce((sum, report) => sum + report.events, 0);
  const hours = reports.reduce((sum, report) => sum + report.virtualMs, 0) / 3_600_000;
  out.block(`\nfaults by the feed they met:\n${coverage.faultTable()}\n\n${coverage.stepTable()}`);
  out.block(
    `\n${events} events delivered in ${hours.toFixed(0)} virtual hours, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  const whole = draw.feeds.length === feedKinds.length;
  const rare = runs >= coverageRuns ? [...coverage.rareFaults(leastMet), ...(whole ? coverage.missing() : [])] : [];
  if (runs >= coverageRuns && whole) out.block(`\nout of reach:\n${coverage.excusedTable()}\n`);
  if (rare.length > 0) out.line(`met too seldom or never: ${rare.join(', ')}`);
  const violations = bad.length + (rare.length > 0 ? 1 : 0);
  out.line(`sim: ${runs} runs, ${violations} violations, seed ${series}, trace ${hash}`);
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
async function explain(path: string, seed: number, draw: Draw): Promise<void> {
  const whole = await runWhole(path, { whole: seed, shrink: true, draw }).catch((error: unknown) => String(error));
  if (typeof whole === 'string') {
    out.block(`\n${errorText(whole)}`);
    return;
  }
  const { faults, result } = whole;
  out.block('');
  const said = [`violation in run --one ${seed}, shrunk to ${faults.length} faults:`];
  for (const fault of faults) {
    said.push(`  ${fault.at} ms ${fault.kind} on ${fault.target} for ${fault.lastsMs} ms (size ${fault.size})`);
  }
  for (const { at, text } of result.violations) said.push(`  at ${at} ms: ${text}`);
  const at = result.violations[0]?.at ?? 0;
  const before = result.trace.filter((line) => Number.parseFloat(line) <= at + 1000);
  for (const line of before.slice(-40)) said.push(`    ${line}`);
  for (const line of said) out.line(line);
}

async function showOne(seed: number, draw: Draw): Promise<number> {
  const bundle = await bundleWorker(null);
  const { result } = await runWhole(bundle.path, { whole: seed, shrink: false, draw });
  await bundle.remove();
  for (const line of result.trace) out.line(line);
  for (const { at, text } of result.violations) out.line(`violation at ${at} ms: ${text}`);
  const violations = result.violations.length > 0 ? 1 : 0;
  out.line(`sim: 1 runs, ${violations} violations, seed ${seed}, trace ${result.hash.slice(0, 16)}`);
  return violations;
}

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions();
  } catch (error) {
    const complain = createTerminal(process.stderr);
    complain.line(error instanceof Error ? error.message : String(error));
    complain.block(`\n${usage}`);
    return 64;
  }
  if (options.help) out.block(usage);
  else if (options.one !== null) return showOne(options.one, options.draw);
  else if (options.mutants) return testMutants(options.seed, options.share);
  else return runSeries(options.runs, options.seed, options.draw, options.explain);
  return 0;
}

void main().then((code) => {
  process.exitCode = code;
});
