import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isRecord } from '../publication';
import { bootId } from './boot-id';

/** The folder belongs to another gateway that runs. */
export class FolderTakenError extends Error {
  override readonly name = 'FolderTakenError';
  readonly code = 'EFOLDERTAKEN';

  constructor(
    readonly folder: string,
    readonly pid: number | null,
  ) {
    super(`The state folder ${folder} is used by another gateway${pid === null ? '' : ` (process ${pid})`}.`);
  }
}

/** Folders locked by this process: two gateways in one are two all the same. */
const ours = new Set<string>();
/** How often, and how far apart, a lock is tried for: a predecessor may be just ending. */
const tries = 10;
const pauseMs = 200;

/**
 * Claims a folder for one gateway, since two that append to one log would give numbers out twice. A lock whose process
 * has gone, however it ended, counts for nothing. Returns its release.
 * @throws FolderTakenError, or the system's error
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const place = resolve(folder);
  const path = join(place, 'gateway.lock');
  mkdirSync(place, { recursive: true });
  for (let n = 1; ; n += 1) {
    if (!ours.has(place) && tryLock(path)) {
      ours.add(place);
      return () => {
        if (ours.delete(place)) rmSync(path, { force: true });
      };
    }
    if (n === tries) throw new FolderTakenError(place, holderOf(path)?.pid ?? null);
    await new Promise((wake) => setTimeout(wake, pauseMs));
  }
}

interface Holder {
  readonly pid: number;
  readonly boot: string;
  /** When the process began, in the kernel's words; empty where it does not say. */
  readonly begun: string;
}

function tryLock(path: string): boolean {
  const mine: Holder = { pid: process.pid, boot: bootId(), begun: begunOf(process.pid) };
  if (tryOnce(path, mine)) return true;
  const holder = holderOf(path);
  if (holder && isThere(holder)) return false;
  // Moved aside first and looked at again: a lock that somebody took meanwhile goes back.
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
    const moved = holderOf(aside);
    if (moved && isThere(moved)) {
      renameSync(aside, path);
      return false;
    }
    rmSync(aside, { force: true });
  } catch {
    // Somebody else moved it.
  }
  return tryOnce(path, mine);
}

function tryOnce(path: string, mine: Holder): boolean {
  try {
    writeFileSync(path, `${JSON.stringify(mine)}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(path: string): Holder | null {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isRecord(parsed)) return null;
    const { pid, boot, begun } = parsed;
    return typeof pid === 'number' && typeof boot === 'string' && typeof begun === 'string'
      ? { pid, boot, begun }
      : null;
  } catch {
    return null;
  }
}

/** Whether the very process that wrote the lock still runs: its number may belong to another by now. */
function isThere({ pid, boot, begun }: Holder): boolean {
  if (boot !== bootId() || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return begun === '' || begun === begunOf(pid);
}

/** Field 22 of /proc/PID/stat (proc(5)); its second field may hold spaces. */
function begunOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
