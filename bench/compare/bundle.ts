import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/** Where the bundles are; inside the project, so that what is left outside is found in its node_modules. */
const folder = join(root, '.cache', 'compare');

/** Files a run starts processes from. */
export interface Bundles {
  clientOf(name: string): string;
  readonly journalWorker: string;
}

/**
 * Bundles the clients into one file each, so that a process that is started again is up as fast as a shipped one and
 * no client pays for being compiled. What the application's own build leaves outside stays outside.
 */
export async function bundleClients(names: readonly string[]): Promise<Bundles> {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [
      ...names.map((name) => ({ in: join(here, 'clients', `${name}.ts`), out: name })),
      { in: join(root, 'electron/engine/journal/worker.ts'), out: 'journal-worker' },
    ],
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['@photostructure/sqlite', 'bufferutil', 'utf-8-validate', 'electron'],
    logLevel: 'warning',
  });
  return { clientOf: (name) => join(folder, `${name}.cjs`), journalWorker: join(folder, 'journal-worker.cjs') };
}
