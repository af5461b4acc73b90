import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/**
 * Three projects, told apart by the end of the file's name:
 *
 * unit      `x.test.ts`           no network but loopback, no third-party server. Its files share the processes they run
 *                                 in, so that what they import is loaded once and not by each: a test puts back what it
 *                                 changes of what all share (mocks, timers, globals). Any order of the files is green:
 *                                 `--sequence.shuffle.files --sequence.seed=N`
 * contract  `x.contract.test.ts`  one suite held against every implementation of a seam, over real sockets
 * peers     `x.peers.test.ts`     against real third-party servers (nginx, haproxy, redis): slow, needs them installed
 */
const everywhere = ['shared', 'electron', 'renderer', 'gateway', 'bench', 'scripts', 'e2e'];

const files = (ending: string) => everywhere.map((folder) => `${folder}/**/*${ending}`);

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [...files('.test.ts'), ...files('.test.tsx')],
          exclude: ['**/*.contract.test.ts', '**/*.peers.test.ts', '**/node_modules/**'],
          // Limits catch what hangs; on a busy machine a test may take many times what it takes alone.
          testTimeout: 60_000,
          isolate: false,
          setupFiles: ['scripts/report/count-assertions.ts'],
          // Many tests wait for sockets and files: with one process on two cores, half of the machine would stand still.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          unstubEnvs: true,
          unstubGlobals: true,
        },
      },
      {
        test: {
          name: 'contract',
          include: files('.contract.test.ts'),
          setupFiles: ['scripts/report/count-assertions.ts'],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'peers',
          include: files('.peers.test.ts'),
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
