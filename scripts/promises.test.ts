import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folders = ['electron', 'renderer', 'gateway', 'shared', 'e2e', 'scripts'];
const titles = folders.flatMap(testsIn).map((file) => readFileSync(file, 'utf8'));

/** The lines of the page, by name: `promise 7`, `behaviour 46`. */
const named = readFileSync('docs/promises.md', 'utf8').match(/^\| (?:promise|behaviour) \d+(?= \|)/gm) ?? [];

describe('the page of promises', () => {
  it('names some', () => expect(named.length).toBeGreaterThan(30));

  it.each(named.map((line) => line.slice(2)))('%s is held by a test that says so', (name) => {
    const title = new RegExp(`['"\`]${name}[:,]`);
    expect(titles.some((text) => title.test(text))).toBe(true);
  });
});

function testsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(test|e2e)\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
