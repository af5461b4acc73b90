import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What is big and needed later: whoever waits for the first paint waits for none of it. */
const later = [
  'zod',
  'recharts',
  'react-hook-form',
  'undici',
  'systeminformation',
  'tough-cookie',
  '@photostructure/sqlite',
];

describe('what the first paint waits for', () => {
  it.each(['renderer/app/main.tsx', 'electron/main/main.ts', 'electron/preload/preload.ts'])(
    '%s brings nothing big that is needed later',
    (entry) => {
      const ways = waysFrom(entry);
      expect(ways.size).toBeGreaterThan(0);
      const brought = later.flatMap((name) => (ways.has(name) ? [ways.get(name)?.join(' > ')] : []));
      expect(brought).toEqual([]);
    },
  );

  it('would find it', () => {
    expect(waysFrom('renderer/features/alerts/rule-dialog.tsx').get('zod')).toBeDefined();
    expect(waysFrom('electron/main/application.ts').get('zod')).toBeDefined();
  });
});

/** The modules that loading a file loads, each with the files on the way to it. */
function waysFrom(entry: string): ReadonlyMap<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>();
  const visit = (file: string, way: readonly string[]): void => {
    for (const name of loadedBy(readFileSync(file, 'utf8'))) {
      const found = name.startsWith('.') ? fileOf(join(dirname(file), name)) : name;
      if (found === null || ways.has(found)) continue;
      ways.set(found, [...way, found]);
      if (name.startsWith('.') && /\.tsx?$/.test(found)) visit(found, [...way, found]);
    }
  };
  visit(entry, [entry]);
  return ways;
}

/** What is imported for more than its types, and at once. */
function loadedBy(text: string): readonly string[] {
  const statement = /^(?:import|export)\s+(?!type\b)(?:([^;'"]*?)\s*\bfrom\s*)?['"]([^'"]+)['"]/gm;
  return [...text.matchAll(statement)].flatMap(([, names = '', from = '']) => {
    const inBraces = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
    const onlyTypes = inBraces?.split(',').every((name) => /^\s*(?:type\s|$)/.test(name)) ?? false;
    return onlyTypes ? [] : [from];
  });
}

function fileOf(base: string): string | null {
  const found = ['', '.ts', '.tsx', '/index.ts'].map((ending) => `${base}${ending}`);
  return found.find((path) => statSync(path, { throwIfNoEntry: false })?.isFile()) ?? null;
}
