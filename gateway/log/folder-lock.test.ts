import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGateway } from '../gateway';
import { FolderTakenError, lockFolder } from './folder-lock';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wirewatch-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the lock of a state folder', () => {
  it('is for one gateway, until that one closes', async () => {
    const first = createGateway({ stateDir: folder });
    await first.listen();
    const second = createGateway({ stateDir: folder });
    await expect(second.listen()).rejects.toThrow(FolderTakenError);
    await second.close();
    await first.close();
    const third = createGateway({ stateDir: folder });
    await third.listen();
    await third.close();
  });

  it('of another process that runs is kept, of one that has gone it is not', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const { readFileSync } = await import('node:fs');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const lock = join(folder, 'gateway.lock');
    await writeFile(lock, JSON.stringify({ pid: other.pid, boot, begun: '' }));
    await expect(lockFolder(folder)).rejects.toThrow(`used by another gateway (process ${other.pid})`);
    // The same number, but a process that began at another time.
    await writeFile(lock, JSON.stringify({ pid: other.pid, boot, begun: '1' }));
    (await lockFolder(folder))();
    await writeFile(lock, JSON.stringify({ pid: other.pid, boot: 'an earlier run', begun: '' }));
    (await lockFolder(folder))();
    await writeFile(lock, JSON.stringify({ pid: other.pid, boot, begun: '' }));
    const gone = new Promise((resolve) => other.once('exit', resolve));
    other.kill('SIGKILL');
    await gone;
    (await lockFolder(folder))();
    await writeFile(lock, 'rubbish');
    (await lockFolder(folder))();
  });
});
