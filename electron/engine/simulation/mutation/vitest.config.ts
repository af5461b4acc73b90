import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { applyMutation, engineFolder, type Mutation } from '../pool';

const mutation = JSON.parse(process.env.WIREWATCH_MUTATION ?? 'null') as Mutation | null;

/** Examples before properties, the small files before the large: whatever fails first ends the run. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const weight = ({ moduleId }: TestSpecification): number =>
      statSync(moduleId).size + (/fuzz|property/.test(moduleId) ? 1e9 : 0);
    return [...files].sort((a, b) => weight(a) - weight(b));
  }
}

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
    // One thread that keeps what it has loaded: two mutants are judged at a time, and a start per file costs more than the tests.
    pool: 'threads',
    isolate: false,
    fileParallelism: false,
    sequence: { sequencer: QuickestFirst },
    setupFiles: [join(__dirname, 'properties.ts')],
  },
});
