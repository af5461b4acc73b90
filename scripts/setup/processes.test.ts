import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { run } from './processes.mjs';

/** Whether a process runs: one that has ended and waits to be collected by process 1, however slowly, does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const state = process.platform === 'linux' ? readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] : '';
    return !state?.startsWith('Z');
  } catch {
    return false;
  }
}

async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 40; tries += 1) {
    if (!isAlive(pid)) return true;
    await wait(50);
  }
  return false;
}

describe.skipIf(process.platform === 'win32')('processes', () => {
  it('hands back the exit code and what was said', async () => {
    const outcome = await run('sh', ['-c', 'echo here; exit 3'], { capture: true });
    expect(outcome).toEqual({ code: 3, timedOut: false, output: 'here\n' });
  });

  it('ends the whole family when its time is up', async () => {
    const outcome = await run('sh', ['-c', 'sleep 60 & echo $!; wait'], { capture: true, timeoutMs: 300 });
    expect(outcome.timedOut).toBe(true);
    expect(await isGone(Number(outcome.output))).toBe(true);
  });

  it('leaves nothing behind of a process that ended by itself', async () => {
    const outcome = await run('sh', ['-c', 'sleep 60 & echo $!'], { capture: true });
    expect(outcome.code).toBe(0);
    expect(await isGone(Number(outcome.output))).toBe(true);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('passes %s on, once, and ends with its code', async (signal, code) => {
    const script = fileURLToPath(new URL('../with-setup.mjs', import.meta.url));
    const family = "process.on('SIGINT',()=>process.exit(130));process.on('SIGTERM',()=>process.exit(143));";
    const child = `${family}console.log(process.pid);setInterval(()=>{},1000)`;
    const launcher = spawn(process.execPath, [script, '--', 'node', '-e', child], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(launcher.stdout, 'data')) as [Buffer];
    launcher.kill(signal);
    // npm passes the same signal on a second time.
    launcher.kill(signal);
    expect(await once(launcher, 'exit')).toEqual([code, null]);
    expect(await isGone(Number(line))).toBe(true);
  });

  it('ends with the shell that npm put in between', async () => {
    const script = fileURLToPath(new URL('../with-setup.mjs', import.meta.url));
    const child = 'console.log(process.pid);setInterval(()=>{},1000)';
    const shell = spawn('sh', ['-c', `'${process.execPath}' '${script}' -- node -e '${child}'; true`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, npm_lifecycle_event: 'start' },
    });
    const [line] = (await once(shell.stdout, 'data')) as [Buffer];
    shell.kill('SIGTERM');
    expect(await isGone(Number(line))).toBe(true);
  });
});
