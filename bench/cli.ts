import { readFileSync } from 'node:fs';
import { createTerminal, errorText } from '../shared/terminal';
import type { Bench } from './bench';
import { machine } from './bench';

/**
 * npm run bench -- <name> [--json] [--<option> <number or word>]
 *
 * Without --json it says machine, runtime and sizes, and holds the figures against bench/budgets.json.
 * Exit code: 0 within budget, 1 over it, 2 for a name that is not one.
 */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  journal: async () => (await import('./journal')).journalBench,
  catchup: async () => (await import('./catchup')).catchupBench,
  pipeline: async () => (await import('./pipeline')).pipelineBench,
  startup: async () => (await import('./startup')).startupBench,
  many: async () => (await import('./many/many')).manyBench,
  ui: async () => (await import('./ui/ui')).uiBench,
  storm: async () => (await import('./storm')).stormBench,
  streams: async () => (await import('./streams')).streamsBench,
  flood: async () => (await import('./flood/flood')).floodBench,
};

interface Budget {
  readonly atMost?: number;
  readonly atLeast?: number;
}

const budgets = JSON.parse(readFileSync(new URL('./budgets.json', import.meta.url), 'utf8')) as Record<
  string,
  Record<string, Budget>
>;

/** What a figure breaks; null when it is within its budget or has none. */
function breach(name: string, figure: string, value: number | string): string | null {
  const budget = budgets[name]?.[figure];
  if (!budget || typeof value !== 'number') return null;
  if (budget.atMost !== undefined && !(value <= budget.atMost)) return `at most ${budget.atMost}`;
  if (budget.atLeast !== undefined && !(value >= budget.atLeast)) return `at least ${budget.atLeast}`;
  return null;
}

const out = createTerminal(process.stdout);
const complain = createTerminal(process.stderr);

async function main(args: readonly string[]): Promise<number> {
  const [name] = args;
  const load = name === undefined ? undefined : benches[name];
  if (name === undefined || !load) {
    complain.line(`Which benchmark? One of: ${Object.keys(benches).join(', ')}`);
    return 2;
  }
  const json = args.includes('--json');
  const bench = await load();
  const say = (line: string): void => void (json || out.block(line));
  say(`${bench.name}: ${bench.about}`);
  say(machine());
  const result = await bench.run({
    option(option, otherwise) {
      const at = args.indexOf(`--${option}`);
      const value = at < 0 ? otherwise : Number(args[at + 1]);
      if (!Number.isFinite(value)) throw new Error(`--${option} needs a number`);
      return value;
    },
    word(option, known) {
      const at = args.indexOf(`--${option}`);
      const word = at < 0 ? known[0] : known.find((one) => one === args[at + 1]);
      if (word === undefined) throw new Error(`--${option} is one of ${known.join(', ')}`);
      return word;
    },
    say,
  });
  if (json) out.line(JSON.stringify({ bench: bench.name, ...result.figures }));
  for (const note of result.notes) say(note);
  let broken = 0;
  for (const [figure, value] of Object.entries(result.figures)) {
    const wrong = breach(result.budget ?? bench.name, figure, value);
    if (wrong) broken++;
    say(`${figure.padEnd(24)} ${value}${wrong ? `   OVER BUDGET: ${wrong}` : ''}`);
  }
  return broken > 0 ? 1 : 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    complain.block(errorText(error));
    process.exitCode = 1;
  },
);
