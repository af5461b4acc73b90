import { writeFileSync } from 'node:fs';
import { createTerminal, errorText } from '../../shared/terminal';
import { machine } from '../bench';
import { compareDelivery } from './delivery';
import { faultKinds } from './faults';
import { document, lineOf, terminalTable } from './report';
import { contestants } from './roster';

/**
 * npm run compare -- delivery [--json] [--quick] [--events N] [--faults N] [--seed N] [--only client,…] [--without fault,…]
 *
 * Runs every client through the same faults, prints the table (or one JSON line per client), and writes
 * docs/comparison.md when it was a whole run. Exit code: 0, 1 when Wirewatch lost or repeated an event, 2 wrong use.
 */
const whole = { events: 100_000, faults: 50 };
const quick = { events: 5_000, faults: 8 };

const out = createTerminal(process.stdout);
const complain = createTerminal(process.stderr);

async function main(args: readonly string[]): Promise<number> {
  if (args[0] !== 'delivery') {
    complain.line('What to compare? `npm run compare -- delivery`');
    return 2;
  }
  const option = (name: string, otherwise: number): number => {
    const at = args.indexOf(`--${name}`);
    const value = at < 0 ? otherwise : Number(args[at + 1]);
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} needs a whole number of at least 1`);
    return value;
  };
  const size = args.includes('--quick') ? quick : whole;
  const events = option('events', size.events);
  const faults = option('faults', size.faults);
  const seed = option('seed', 11);
  const listed = <Name extends string>(option: string, names: readonly Name[]): readonly Name[] => {
    const at = args.indexOf(`--${option}`);
    const wanted = at < 0 ? [] : (args[at + 1] ?? '').split(',');
    return wanted.map((word) => {
      const name = names.find((one) => one === word);
      if (name === undefined) throw new RangeError(`--${option} takes ${names.join(', ')}, not "${word}"`);
      return name;
    });
  };
  const only = listed(
    'only',
    contestants.map(({ name }) => name),
  );
  const without = listed('without', faultKinds);
  const json = args.includes('--json');
  const say = (line: string): void => void (json || out.block(line));
  say(`delivery: ${events} events, ${faults} faults, seed ${seed}`);
  say(machine());
  const result = await compareDelivery({ events, faults, seed, only, without, say });
  if (json) {
    for (const client of result.clients) out.line(JSON.stringify(lineOf(client, faults)));
  } else {
    say(terminalTable(result));
    say(`took ${Math.round(result.tookMs / 1000)} s`);
  }
  if (only.length === 0 && without.length === 0 && events >= whole.events && faults >= whole.faults) {
    writeFileSync(new URL('../../docs/comparison.md', import.meta.url), document(result, { events, seed }));
    say('docs/comparison.md is written');
  }
  const ours = result.clients.find(({ contestant }) => contestant.package === null);
  return ours && (ours.tally.lost > 0 || ours.tally.repeated > 0) ? 1 : 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    complain.block(errorText(error));
    process.exit(1);
  },
);
