import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineFolder, type Mutation } from '../pool';

/** What tests said of a mutant: the first one that failed, or none. */
export type TestVerdict = { readonly kind: 'killed'; readonly by: string } | { readonly kind: 'survived' };

/** A mutant that hangs its tests is ended, and counts as killed by that, ms. */
const limitMs = 60_000;

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Runs unit tests of the engine, folders or files relative to it, with one line replaced, until one fails. */
export async function judgeByTests(mutation: Mutation, tests: readonly string[]): Promise<TestVerdict> {
  const workshop = await mkdtemp(join(tmpdir(), 'wirewatch-mutant-'));
  const out = join(workshop, 'report.json');
  try {
    const code = await runVitest(mutation, tests, out);
    if (code === 0) return { kind: 'survived' };
    if (code === null) return { kind: 'killed', by: 'tests that no longer end' };
    return { kind: 'killed', by: firstFailure(JSON.parse(await readFile(out, 'utf8')) as Report) };
  } finally {
    await rm(workshop, { recursive: true, force: true });
  }
}

function runVitest(mutation: Mutation, tests: readonly string[], out: string): Promise<number | null> {
  const { file, find, replace } = mutation;
  const root = join(engineFolder, '../..');
  const args = ['run', '--config', join(__dirname, 'vitest.config.ts'), '--bail=1', '--silent'];
  const paths = tests.map((path) => `electron/engine/${path}${path.endsWith('.ts') ? '' : '/'}`);
  return new Promise((done, fail) => {
    const child = spawn(
      process.execPath,
      [join(root, 'node_modules/vitest/vitest.mjs'), ...args, '--reporter=json', `--outputFile=${out}`, ...paths],
      {
        cwd: root,
        env: { ...process.env, WIREWATCH_MUTATION: JSON.stringify({ file, find, replace }) },
        stdio: 'ignore',
        timeout: limitMs,
        killSignal: 'SIGKILL',
      },
    );
    child.on('error', fail);
    child.on('exit', (code) => done(code));
  });
}

function firstFailure({ testResults }: Report): string {
  for (const { assertionResults } of testResults) {
    const failed = assertionResults.find(({ status }) => status === 'failed');
    if (failed) return failed.fullName;
  }
  const broken = testResults.find(({ status }) => status === 'failed');
  return broken ? `${broken.name}: ${broken.message.slice(0, 80)}` : 'a run that failed without naming a test';
}
