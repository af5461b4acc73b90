import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * The oldest runtime is Electron 25: Node 18.15 and Chromium 114. Its gaps are invisible to the compiler and to tests
 * on a newer Node, so this looks for them in the source of everything that runs there.
 */
const missing: readonly (readonly [string, RegExp])[] = [
  ['URL.canParse', /\bURL\.canParse\b/],
  ['Object.groupBy, Map.groupBy', /\b(Object|Map)\.groupBy\b/],
  ['Array.fromAsync', /\bArray\.fromAsync\b/],
  ['Promise.withResolvers', /\bPromise\.withResolvers\b/],
  ['AbortSignal.any', /\bAbortSignal\.any\b/],
  ['Set methods', /\.(isSubsetOf|isSupersetOf|isDisjointFrom|symmetricDifference)\(/],
  ['import.meta.dirname', /\bimport\.meta\.(dirname|filename)\b/],
  ['Symbol.dispose', /\bSymbol\.(asyncDispose|dispose)\b/],
  ['using', /^\s*(await )?using \w+ =/m],
  ['RegExp.escape', /\bRegExp\.escape\b/],
  ['Dirent.parentPath', /\.parentPath\b/],
];

/** Missing in the main process only: Chromium has them. */
const missingInNode: readonly (readonly [string, RegExp])[] = [
  ['global crypto', /(?<![.\w])crypto\.(subtle|getRandomValues|randomUUID)\b/],
  ['global CustomEvent', /\bnew CustomEvent\b/],
  ['global File', /(?<![.\w])new File\(/],
];

const root = join(__dirname, '..');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'testing' ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function uses(folders: readonly string[], table: typeof missing): string[] {
  return folders.flatMap(sources).flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    return table.filter(([, use]) => use.test(text)).map(([name]) => `${relative('.', path)}: ${name}`);
  });
}

describe('what runs in the oldest runtime', () => {
  it('uses nothing that Node 18.15 and Chromium 114 both lack', () => {
    expect(uses(['electron', 'shared', 'gateway', 'renderer'], missing)).toEqual([]);
  });

  it('uses nothing in the main process that Node 18.15 lacks', () => {
    expect(uses(['electron', 'shared', 'gateway'], missingInNode)).toEqual([]);
  });
});
