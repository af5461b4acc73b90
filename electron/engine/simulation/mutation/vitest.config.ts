import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { applyMutation, engineFolder, type Mutation } from '../pool';

const mutation = JSON.parse(process.env.WIREWATCH_MUTATION ?? 'null') as Mutation | null;

/** The unit tests, with one line of the engine replaced as the environment says. */
export default defineConfig({
  root: join(engineFolder, '../..'),
  plugins: mutation
    ? [
        {
          name: 'mutate',
          async load(id) {
            if (id.split('?')[0] !== join(engineFolder, mutation.file)) return null;
            return applyMutation(await readFile(join(engineFolder, mutation.file), 'utf8'), mutation);
          },
        },
      ]
    : [],
  test: {
    include: ['electron/engine/**/*.test.ts'],
    exclude: ['**/*.contract.test.ts', '**/*.peers.test.ts', '**/simulation/**', '**/node_modules/**'],
    testTimeout: 20_000,
  },
});
