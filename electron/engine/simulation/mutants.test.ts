import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutants } from './mutants';
import { applyMutation, engineFolder } from './pool';

describe('mutants', () => {
  it('are at least fifteen, each with a name of its own', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(mutants.length).toBeGreaterThanOrEqual(15);
  });

  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    '%s: stands where it says, once',
    async (_, mutant) => {
      const text = await readFile(join(engineFolder, mutant.file), 'utf8');
      expect(applyMutation(text, mutant)).not.toBe(text);
    },
  );
});
