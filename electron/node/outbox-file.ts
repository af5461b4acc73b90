import { copyFile, type FileHandle, link, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutboxStore } from '../engine/core/outbox';
import { createHeldMessages, type HeldMessages, lineOf, type OutboxLine, textOf } from './outbox-lines';

/** What this file needs of a disk; tests give one that fails. */
export interface OutboxDisk {
  open(path: string, flags: string, mode?: number): Promise<FileHandle>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  copyFile(from: string, to: string): Promise<void>;
  mkdir(path: string, options: { readonly recursive: true }): Promise<unknown>;
  stat(path: string): Promise<{ readonly dev: number; readonly ino: number; readonly size: number }>;
}

export interface OutboxFile extends OutboxStore {
  damage(): string | null;
  close(): Promise<void>;
}

const chunkBytes = 4 * 1024 * 1024;
/** A message is at most 256 Ki characters, six bytes each where all are escaped: a longer line is none of ours. */
const maxLineBytes = 2 * 1024 * 1024;
/** The file is packed when it holds this much more than twice what counts, bytes. */
const slackBytes = 4 * 1024 * 1024;
/** Where packing failed nothing more is taken beyond this much more, bytes. */
const longestSlackBytes = 64 * 1024 * 1024;

/**
 * Outboxes of all sources in one file of lines that only grows, and is packed now and then; the last line about a
 * message counts. What is asked to be written while the disk is busy goes with the next flush, together.
 *
 * Only a file that is not there is an empty one. While it cannot be read everything rejects, the next call reads again,
 * and nothing is written over it. Lines that are none, where lines must be, are damage: the file is kept beside the new
 * one, and `damage` names it. A line without its end is what a crash leaves: nobody was told that it is durable. What a
 * failed write left is cut off before anything else is written, so that nothing refused comes back after a restart.
 * Where the file was taken away, replaced or cut while it was in use, it is written anew from memory, and `damage` says so.
 */
export async function openOutboxFile(
  path: string,
  disk: OutboxDisk = { open, rename, link, copyFile, mkdir, stat },
): Promise<OutboxFile> {
  let held: HeldMessages | null = null;
  let reading: Promise<HeldMessages> | null = null;
  let handle: FileHandle | null = null;
  /** Length of the part of the file that counts. */
  let bytes = 0;
  /** There may be more in the file than that. */
  let torn = false;
  /** Packing failed: it is tried again when the file is this long. */
  let packAt = 0;
  let damage: string | null = null;
  let closed = false;
  /** Sources removed that the file may still have: it could not be read, or not be written. */
  const removed = new Set<string>();
  let pending: { lines: OutboxLine[]; done: Promise<void> } | null = null;
  let last: Promise<void> = Promise.resolve();

  /** What is kept, read once. @throws the disk's error, every time until it can be read */
  function contents(): Promise<HeldMessages> {
    if (held) return Promise.resolve(held);
    reading ??= read().finally(() => {
      reading = null;
    });
    return reading;
  }

  async function read(): Promise<HeldMessages> {
    await disk.mkdir(dirname(path), { recursive: true });
    const found = await readLines(disk, path);
    if (found.damaged > 0) {
      const aside = await keepAside();
      await pack(found.held);
      damage = `The file of messages was damaged: ${found.damaged} of its lines could not be read, and messages may be lost with them. It is kept as ${aside}.`;
    } else {
      bytes = found.wholeBytes;
      torn = found.bytes > found.wholeBytes;
    }
    held = found.held;
    for (const line of owed()) held.apply(line, 0);
    if (removed.size > 0) void write([]).catch(() => {});
    return found.held;
  }

  /** Answers where the file is kept. A second name costs no room; where there are none, a copy. */
  async function keepAside(): Promise<string> {
    const aside = `${path}.damaged-${new Date().toISOString().replaceAll(':', '-')}`;
    await disk.link(path, aside).catch(() => disk.copyFile(path, aside));
    return aside;
  }

  /** What is written through the handle must be what is read at the next start. */
  async function holdFast(kept: HeldMessages): Promise<void> {
    if (bytes === 0) return;
    const found = await disk.stat(path).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    const ours = await handle?.stat();
    const same = found !== null && (!ours || (found.ino === ours.ino && found.dev === ours.dev));
    if (same && found.size >= bytes) return;
    const aside = found === null || same ? '' : ` What stood in its place is kept as ${await keepAside()}.`;
    const what = found === null ? 'taken away' : same ? 'cut' : 'replaced';
    await pack(kept);
    damage = `The file of messages was ${what} while it was in use: it was written anew.${aside}`;
  }

  async function pack(from: HeldMessages): Promise<void> {
    const fresh = await disk.open(`${path}.new`, 'w', 0o600);
    let written = 0;
    try {
      let part: string[] = [];
      let partChars = 0;
      for (const text of from.texts()) {
        part.push(text);
        partChars += text.length;
        written += Buffer.byteLength(text);
        if (partChars < chunkBytes) continue;
        await fresh.appendFile(part.join(''), 'utf8');
        part = [];
        partChars = 0;
      }
      await fresh.appendFile(part.join(''), 'utf8');
      await fresh.sync();
    } finally {
      await fresh.close();
    }
    await disk.rename(`${path}.new`, path);
    await syncFolder(disk, path);
    const before = handle;
    handle = null;
    bytes = written;
    torn = false;
    packAt = 0;
    await before?.close().catch(() => {});
  }

  function owed(): readonly OutboxLine[] {
    return [...removed].map((source) => ({ source, forget: null }));
  }

  async function flush(asked: readonly OutboxLine[]): Promise<void> {
    const kept = await contents();
    const first = owed();
    const lines = [...first, ...asked];
    if (lines.length === 0) return;
    await holdFast(kept);
    if (torn) await cutBack().catch(() => pack(kept));
    if (bytes > 2 * kept.bytes() + slackBytes + longestSlackBytes) await pack(kept);
    const isNew = bytes === 0;
    handle ??= await disk.open(path, 'a', 0o600);
    const texts = lines.map(textOf);
    torn = true;
    try {
      await handle.appendFile(texts.join(''), 'utf8');
      await handle.sync();
    } catch (error) {
      await cutBack().catch(() => {});
      throw error;
    }
    torn = false;
    for (const { source } of first) removed.delete(source);
    for (const [index, line] of lines.entries()) {
      const size = Buffer.byteLength(texts[index] ?? '');
      bytes += size;
      kept.apply(line, size);
    }
    if (isNew) await syncFolder(disk, path);
    if (bytes <= Math.max(packAt, 2 * kept.bytes() + slackBytes)) return;
    // What was asked for is durable, whatever comes of this.
    await pack(kept).catch(() => {
      packAt = bytes + slackBytes;
    });
  }

  /** Takes what a failed write left out of the file. */
  async function cutBack(): Promise<void> {
    handle ??= await disk.open(path, 'a', 0o600);
    await handle.truncate(bytes);
    await handle.sync();
    torn = false;
  }

  function write(lines: readonly OutboxLine[]): Promise<void> {
    if (closed) return Promise.reject(new Error('The file of messages is closed.'));
    if (pending) {
      pending.lines.push(...lines);
      return pending.done;
    }
    const next = { lines: [...lines], done: Promise.resolve() };
    next.done = last
      .catch(() => {})
      .then(() => {
        pending = null;
        return flush(next.lines);
      });
    pending = next;
    last = next.done;
    return next.done;
  }

  /** Until nothing is being written, and who waited for it has had a turn to write more. */
  async function idle(): Promise<void> {
    for (;;) {
      const awaited = last;
      await awaited.catch(() => {});
      await nextTurn();
      if (last === awaited) return;
    }
  }

  await contents().catch(() => {});
  return {
    damage: () => damage,
    async load(source) {
      const kept = await contents();
      await idle();
      return kept.of(source);
    },
    put: (source, items) => write(items.map((item) => ({ source, item }))),
    async forget(source, numbers) {
      if (numbers === undefined) {
        // Its last writes first: nothing of it may come after this.
        await idle();
        if (held && !held.has(source)) return;
        removed.add(source);
        held?.apply({ source, forget: null }, 0);
        await write([]).catch(() => {});
      } else await write([{ source, forget: numbers }]);
    },
    async close() {
      await idle();
      if (removed.size > 0) await write([]).catch(() => {});
      closed = true;
      await handle?.close();
      handle = null;
    },
  };
}

interface Found {
  readonly held: HeldMessages;
  /** Length of the file, and of its lines that have an end. */
  readonly bytes: number;
  readonly wholeBytes: number;
  readonly damaged: number;
}

/** Reads in pieces: no file is too large for it. @throws the disk's error, but for a file that is not there */
async function readLines(disk: OutboxDisk, path: string): Promise<Found> {
  const held = createHeldMessages();
  let bytes = 0;
  let wholeBytes = 0;
  let damaged = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  let handle: FileHandle;
  try {
    handle = await disk.open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return { held, bytes, wholeBytes, damaged };
    throw error;
  }

  function take(piece: Buffer): void {
    const size = restBytes + piece.length + 1;
    const line = size > maxLineBytes ? null : lineOf(Buffer.concat([...rest, piece]));
    if (line) held.apply(line, size);
    else if (size > 1) damaged += 1;
    rest = [];
    restBytes = 0;
    wholeBytes += size;
  }

  const buffer = Buffer.allocUnsafe(chunkBytes);
  try {
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes, bytes);
      if (bytesRead === 0) return { held, bytes, wholeBytes, damaged };
      bytes += bytesRead;
      const chunk = buffer.subarray(0, bytesRead);
      let start = 0;
      for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, start)) {
        take(chunk.subarray(start, end));
        start = end + 1;
      }
      if (start === chunk.length) continue;
      // Of a line that is too long only its length is kept.
      if (restBytes <= maxLineBytes) rest.push(Buffer.from(chunk.subarray(start)));
      else rest = [];
      restBytes += chunk.length - start;
    }
  } finally {
    await handle.close();
  }
}

/** A new name in a folder survives a power cut once the folder is written; systems that cannot do that need not. */
async function syncFolder(disk: OutboxDisk, path: string): Promise<void> {
  const folder = await disk.open(dirname(path), 'r').catch(() => null);
  await folder?.sync().catch(() => {});
  await folder?.close().catch(() => {});
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
