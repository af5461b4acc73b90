import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What is looked at: everything that is written here, but for what stands beside the project (out, node_modules). */
const folders = ['electron', 'renderer', 'gateway', 'shared', 'bench', 'e2e', 'scripts'];

/** A production file that is longer than this is two files. */
const mostLines = 350;

const files = folders.flatMap(sourcesIn);

describe('the tree', () => {
  it('has no import circles, types included', () => {
    const circles = circlesOf(new Map(files.map((file) => [file, importsOf(file)])));
    expect(circles).toEqual([]);
  });

  it(`has no production file over ${mostLines} lines`, () => {
    const long = files
      .filter((file) => !/\.(test|e2e|shots|peers)\.tsx?$|\/testing\//.test(file))
      .map((file) => [file, readFileSync(file, 'utf8').split('\n').length - 1] as const)
      .filter(([, lines]) => lines > mostLines);
    expect(long).toEqual([]);
  });

  it('finds a circle where there is one', () => {
    const graph = { a: ['b'], b: ['c', 'd'], c: ['a'], d: ['d'], e: ['a'] };
    expect(circlesOf(new Map(Object.entries(graph)))).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it.each([
    ["import { a } from './a';", ['./a']],
    ["import type { A } from './a';", ['./a']],
    ["import {\n  a,\n  type B,\n} from '../a';\nimport './b.css';", ['../a', './b.css']],
    ["export * from './a';\nexport { b } from './b';\nexport type { C } from './c';", ['./a', './b', './c']],
    ["const a = 1;\nconst from = 'x';\n// import './a'\n", []],
    ["export const a = async () => (await import('./later')).a;", []],
    ["let a: import('./a').A;", ['./a']],
  ])('reads the imports of %j', (text, expected) => {
    expect(namedIn(text)).toEqual(expected);
  });
});

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesIn(path);
    return /\.(tsx?|mjs|cjs)$/.test(entry.name) ? [path] : [];
  });
}

/**
 * The modules that a text names: imports, also of types only (two files that cannot be read one without the other are
 * one), and re-exports. What is imported while running (`await import`) is how code is loaded later and makes no circle.
 */
function namedIn(text: string): string[] {
  const bare = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  const statement = /^(?:import|export)\b(?:[^;'"]*?\bfrom)?\s*['"]([^'"]+)['"]|:\s*import\(['"]([^'"]+)['"]\)\./gm;
  return [...bare.matchAll(statement)].map((match) => match[1] ?? match[2] ?? '');
}

/** The project's files that a file imports. */
function importsOf(file: string): string[] {
  return namedIn(readFileSync(file, 'utf8')).flatMap((name) => {
    if (!name.startsWith('.')) return [];
    const base = join(dirname(file), name);
    const found = ['', '.ts', '.tsx', '/index.ts'].map((ending) => `${base}${ending}`).find(isFile);
    return found === undefined ? [] : [relative('.', found)];
  });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Groups of files each of which leads to every other, sorted; Tarjan's algorithm. */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];
  const visit = (node: string): void => {
    if (order.has(node)) return;
    const number = order.size;
    order.set(node, number);
    lowest.set(node, number);
    path.push(node);
    for (const next of graph.get(node) ?? []) {
      visit(next);
      if (path.includes(next)) lowest.set(node, Math.min(lowest.get(node) ?? 0, lowest.get(next) ?? 0));
    }
    if (lowest.get(node) !== number) return;
    const group = path.splice(path.indexOf(node)).sort();
    if (group.length > 1 || graph.get(node)?.includes(node)) circles.push(group);
  };
  for (const node of graph.keys()) visit(node);
  return circles.sort((a, b) => (a.join() < b.join() ? -1 : 1));
}
