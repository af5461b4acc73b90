import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { builtForElectron } from '../../shared/runtime';

it('hostile 14: the major it is built for is the one that is pinned', () => {
  const { devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  expect(Number.parseInt(devDependencies.electron ?? '', 10)).toBe(builtForElectron);
});
