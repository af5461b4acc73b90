import { defineConfig } from '@playwright/test';

/**
 * Tests that drive the real Electron application. One worker: an application, its gateway and its renderer are a
 * machine's worth of work, and figures taken while another runs mean nothing.
 *
 * `e2e`    `e2e/*.e2e.ts` but for what is tagged `@long`; pictures and traces land in test-results/, which CI keeps
 * `long`   the journeys tagged `@long`: many starts, outages waited out; CI runs them, `npm test` does not
 * `shots`  `e2e/*.shots.ts`, the pictures of the README, written to docs/screenshots
 *
 * The set-up hands the runtime over in the environment: ELECTRON_EXEC_PATH (the executable) and WIREWATCH_ELECTRON_ARGS
 * (switches this machine needs, separated by spaces, put before the application's folder).
 */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  workers: 1,
  retries: 0,
  // Limits catch what hangs; on a busy machine a test may take many times what it takes alone.
  timeout: 300_000,
  forbidOnly: Boolean(process.env.CI),
  expect: { timeout: 90_000 },
  use: { trace: 'retain-on-failure' },
  projects: [
    { name: 'e2e', testMatch: '**/*.e2e.ts', grepInvert: /@long/ },
    { name: 'long', testMatch: '**/*.e2e.ts', grep: /@long/ },
    { name: 'shots', testMatch: '**/*.shots.ts' },
  ],
});
