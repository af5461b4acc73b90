import { defineConfig } from 'vitest/config';

/**
 * Three projects, told apart by the end of the file's name:
 *
 * unit      `x.test.ts`           no network but loopback, no third-party server
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
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'contract',
          include: files('.contract.test.ts'),
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
