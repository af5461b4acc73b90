import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { engineFolder, type Mutation } from '../pool';
import equivalents from './equivalents.json';

/** A mutant that nobody chose: made by Stryker's instrumenter, drawn by a seed. */
export interface DrawnMutant extends Mutation {
  readonly name: string;
  /** The same place and change, whatever line it stands on today. */
  readonly identity: string;
}

/** A change that nobody can tell from the engine as it is, and why. */
interface Equivalent {
  readonly identity: string;
  readonly reason: string;
}

/** Folders whose parts answer from what they are given, where every change of a line should change an answer. */
const pureFolders = ['connection', 'delivery', 'alerts'] as const;

/** What in them performs, passes on or only names: held by the simulation, and by mutants that were chosen. */
const notPure: ReadonlySet<string> = new Set([
  'connection/connection.ts',
  'connection/runner.ts',
  'connection/slots.ts',
  'connection/sessions.ts',
  'connection/host.ts',
  'connection/timing.ts',
  'delivery/limits.ts',
  'alerts/limits.ts',
]);

/** Words that people read are held by tests of their own; an emptied one is no fault of behaviour. */
const leftOut: ReadonlySet<string> = new Set(['StringLiteral', 'Regex']);

interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * Draws `count` mutants of the pure parts. Each mutant has a ticket, made of the seed and of what it changes; the lowest
 * are drawn: an edit elsewhere leaves the draw as it is. Those listed as equivalent are passed over.
 */
export async function drawMutants(seed: number, count: number): Promise<readonly DrawnMutant[]> {
  const known = new Set((equivalents as readonly Equivalent[]).map(({ identity }) => identity));
  const all: DrawnMutant[] = [];
  for (const file of await pureParts()) all.push(...(await mutantsOf(file)));
  const tickets = all
    .filter(({ identity }) => !known.has(identity))
    .map((mutant) => ({ mutant, ticket: createHash('sha256').update(`${seed} ${mutant.identity}`).digest('hex') }));
  tickets.sort((a, b) => (a.ticket < b.ticket ? -1 : 1));
  return tickets.slice(0, count).map(({ mutant }) => mutant);
}

async function pureParts(): Promise<readonly string[]> {
  const files: string[] = [];
  for (const folder of pureFolders) {
    for (const name of (await readdir(join(engineFolder, folder))).sort()) {
      const file = `${folder}/${name}`;
      if (name.endsWith('.ts') && !name.endsWith('.test.ts') && !notPure.has(file)) files.push(file);
    }
  }
  return files;
}

async function mutantsOf(file: string): Promise<readonly DrawnMutant[]> {
  // An ES module, and the simulation's tools are not: taken when it is needed.
  const { Instrumenter } = await import('@stryker-mutator/instrumenter');
  const text = await readFile(join(engineFolder, file), 'utf8');
  const instrumenter = new Instrumenter(silent);
  const { mutants } = await instrumenter.instrument([{ name: file, content: text, mutate: true }], {
    ignorers: [],
    plugins: null,
    excludedMutations: [...leftOut],
    noHeader: true,
  });
  const starts = lineStarts(text);
  const offsetOf = ({ line, column }: Place): number => (starts[line] ?? 0) + column;
  const seen = new Map<string, number>();
  return mutants.flatMap(({ mutatorName, replacement, location, status }) => {
    if (status !== undefined) return [];
    const start = offsetOf(location.start);
    const end = offsetOf(location.end);
    const before = text.slice(start, end);
    const key = `${file} ${mutatorName}: ${oneLine(before)} → ${oneLine(replacement)}`;
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    const identity = nth === 1 ? key : `${key} (${nth})`;
    return [{ name: shortened(identity), identity, file, ...uniquePlace(text, start, end, replacement) }];
  });
}

/** The change as a text that stands once in the file, and what takes its place: widened until it does. */
function uniquePlace(
  text: string,
  start: number,
  end: number,
  replacement: string,
): Pick<Mutation, 'find' | 'replace'> {
  let from = start;
  let to = end;
  while (text.split(text.slice(from, to)).length > 2) {
    from = Math.max(0, from - 20);
    to = Math.min(text.length, to + 20);
  }
  return { find: text.slice(from, to), replace: text.slice(from, start) + replacement + text.slice(end, to) };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function shortened(text: string): string {
  return text.length <= 110 ? text : `${text.slice(0, 109)}…`;
}

const nothing = (): void => {};
const silent = {
  isTraceEnabled: () => false,
  isDebugEnabled: () => false,
  isInfoEnabled: () => false,
  isWarnEnabled: () => false,
  isErrorEnabled: () => false,
  isFatalEnabled: () => false,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
};
