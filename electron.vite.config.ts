import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';
import type { Rollup } from 'vite';

/**
 * How the three sides of the application are bundled.
 *
 * main     CommonJS for Node 18 (the oldest runtime supported, Electron 25): the application, the gateway's utility
 *          process and the workers of the journal and of recordings, each a file of its own in out/main.
 * preload  one self-contained CommonJS file: a sandboxed preload cannot require anything but electron.
 * renderer renderer/index.html for Chromium 114.
 *
 * Libraries are bundled into main, since some are ES modules only and one file starts faster than hundreds. Left out are
 * the journal's database, whose prebuilt binary is found beside its own code, and the two optional accelerators of `ws`.
 */
const leftOutside = ['electron', '@photostructure/sqlite', 'bufferutil', 'utf-8-validate'];

const mainEntries = {
  main: 'electron/main/main.ts',
  'gateway-process': 'electron/main/gateway-process.ts',
  'journal-worker': 'electron/engine/journal/worker.ts',
  'recording-worker': 'electron/node/recording-worker.ts',
};

/** Resolves entries to absolute paths. */
function entries(table: Record<string, string>): Record<string, string> {
  const found = Object.entries(table)
    .map(([name, path]) => [name, resolve(import.meta.dirname, path)] as const)
    .filter(([, path]) => existsSync(path));
  return Object.fromEntries(found);
}

/** Rollup remarks on comments in zod that only its own tree-shaking reads: nothing of ours. */
function onwarn(warning: Rollup.RollupLog, warn: (warning: Rollup.RollupLog) => void): void {
  if (warning.code !== 'INVALID_ANNOTATION') warn(warning);
}

export default defineConfig({
  main: {
    build: {
      target: 'node18',
      outDir: 'out/main',
      externalizeDeps: false,
      sourcemap: true,
      minify: false,
      rollupOptions: {
        input: entries(mainEntries),
        external: leftOutside,
        onwarn,
        output: { format: 'cjs', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      target: 'node18',
      outDir: 'out/preload',
      externalizeDeps: false,
      minify: false,
      rollupOptions: {
        input: entries({ preload: 'electron/preload/preload.ts' }),
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: '[name].js', inlineDynamicImports: true },
      },
    },
  },
  renderer: {
    root: resolve(import.meta.dirname, 'renderer'),
    plugins: [react()],
    build: {
      target: 'chrome114',
      minify: 'esbuild',
      modulePreload: { polyfill: false },
      // Fonts as data: addresses would be refused by the page's policy.
      assetsInlineLimit: 0,
      outDir: resolve(import.meta.dirname, 'out/renderer'),
      rollupOptions: { input: resolve(import.meta.dirname, 'renderer/index.html') },
    },
  },
});
