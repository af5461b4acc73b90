import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { answerWord, type Told } from './electron-child';
import type { Situation, Verdict } from './situation';

/**
 * The engine inside Electron's main process, where TLS is BoringSSL's and not OpenSSL's. What it makes of the same
 * situations must be the same.
 */
export interface ElectronWatcher {
  run(situation: Situation): Promise<readonly Verdict[]>;
  close(): Promise<void>;
}

/** Null where there is no Electron. */
export async function startElectronWatcher(): Promise<ElectronWatcher | null> {
  const executable = process.env.ELECTRON_EXEC_PATH;
  if (!executable) return null;
  const folder = mkdtempSync(join(tmpdir(), 'wirewatch-reach-electron-'));
  await build({
    entryPoints: [join(__dirname, 'electron-child.ts')],
    outfile: join(folder, 'main.js'),
    bundle: true,
    platform: 'node',
    target: 'node18',
    format: 'cjs',
    external: ['electron', '@photostructure/sqlite', 'bufferutil', 'utf-8-validate'],
    logLevel: 'error',
  });
  writeFileSync(join(folder, 'package.json'), '{"name":"reach","main":"main.js"}');
  const switches = (process.env.WIREWATCH_ELECTRON_ARGS ?? '').split(' ').filter(Boolean);
  const child = spawn(executable, [folder, `--user-data-dir=${join(folder, 'data')}`, ...switches], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const waiting: ((said: readonly Verdict[] | Error) => void)[] = [];
  const ended = new Promise((resolve) => child.once('exit', resolve));
  void ended.then(() => {
    for (const tell of waiting.splice(0)) tell(new Error('Electron ended.'));
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith(answerWord)) return;
    const said = JSON.parse(line.slice(answerWord.length)) as readonly Verdict[] | string;
    waiting.shift()?.(typeof said === 'string' ? new Error(said) : said);
  });
  return {
    run({ name, url, reach, secrets = {}, steps, inElectron }) {
      const expect = inElectron ?? steps[0]?.expect;
      if (!expect) throw new RangeError('A situation has at least one step.');
      const told: Told = {
        name,
        url,
        reach,
        secrets,
        expect: expect.kind === 'live' ? expect : { ...expect, words: expect.words.source },
      };
      return new Promise((resolve, reject) => {
        waiting.push((said) => (said instanceof Error ? reject(said) : resolve(said)));
        child.stdin.write(`${JSON.stringify(told)}\n`);
      });
    },
    async close() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
