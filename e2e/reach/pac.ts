import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Chromium's own reading of PAC scripts, through a windowless Electron. */
export interface PacReader {
  ask(script: string, url: string): Promise<string>;
  close(): Promise<void>;
}

const main = `
const { app, session } = require('electron');
const { createInterface } = require('node:readline');
app.disableHardwareAcceleration();
app.whenReady().then(() => {
  let before = null;
  createInterface({ input: process.stdin }).on('line', async (line) => {
    const { id, script, url } = JSON.parse(line);
    const ses = session.fromPartition('pac' + script.length);
    if (script !== before) await ses.setProxy({ mode: 'pac_script', pacScript: 'data:application/x-ns-proxy-autoconfig;base64,' + Buffer.from(script).toString('base64') });
    before = script;
    process.stdout.write('answer ' + JSON.stringify({ id, answer: await ses.resolveProxy(url) }) + '\\n');
  }).on('close', () => app.exit(0));
});
app.on('window-all-closed', () => {});
`;

/** Null where there is no Electron (WIREWATCH needs `electron,display` of the set-up). */
export function startPacReader(): PacReader | null {
  const executable = process.env.ELECTRON_EXEC_PATH;
  if (!executable) return null;
  const folder = mkdtempSync(join(tmpdir(), 'wirewatch-pac-'));
  writeFileSync(join(folder, 'package.json'), '{"name":"pac","main":"main.js"}');
  writeFileSync(join(folder, 'main.js'), main);
  const switches = (process.env.WIREWATCH_ELECTRON_ARGS ?? '').split(' ').filter(Boolean);
  const child = spawn(executable, [folder, `--user-data-dir=${join(folder, 'data')}`, ...switches], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const waiting = new Map<number, (answer: string) => void>();
  let count = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('answer ')) return;
    const { id, answer } = JSON.parse(line.slice(7)) as { id: number; answer: string };
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  return {
    ask(script, url) {
      count += 1;
      const id = count;
      return new Promise((resolve) => {
        waiting.set(id, resolve);
        child.stdin.write(`${JSON.stringify({ id, script, url })}\n`);
      });
    },
    async close() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(timer);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
