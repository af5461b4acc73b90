import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const folders = ['electron', 'renderer', 'gateway', 'shared', 'e2e', 'scripts'];
const tests = folders.flatMap(testsIn).map((file) => readFileSync(file, 'utf8'));

const page = readFileSync('docs/security.md', 'utf8');
const rows = page.split('\n').flatMap((line) => {
  const [, point, how, test] = /^\| (.+?) \| (.+) \| (.+) \|$/.exec(line) ?? [];
  return point && how && test && point !== 'Point' ? [{ point, test }] : [];
});

describe('the page of security', () => {
  it('has every point of the checklist of Electron, and a list of our own', () => {
    const numbered = rows.flatMap(({ point }) => /^(\d+)\. /.exec(point)?.[1] ?? []);
    expect(numbered).toEqual(Array.from({ length: 20 }, (_, index) => String(index + 1)));
    expect(rows.length).toBeGreaterThan(35);
  });

  // What the window and the files of others were attacked with, by number: `hostile 1` to `hostile 16`.
  it.each(Array.from({ length: 16 }, (_, index) => index + 1))('has a test named hostile %d', (number) => {
    expect(tests.some((text) => new RegExp(`['"\`]hostile ${number}: `).test(text))).toBe(true);
  });

  it.each(rows.filter(({ test }) => test !== '—'))('$point is held by a test that is there', ({ test }) => {
    const titles = [...test.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
    expect(titles.length).toBeGreaterThan(0);
    for (const title of titles)
      expect(
        tests.some((text) => text.includes(title)),
        title,
      ).toBe(true);
  });
});

function testsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(test|e2e)\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
