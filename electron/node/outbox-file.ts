import { copyFile, type FileHandle, link, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutboxStore } from '../engine/core/outbox';
import { headOf, keptAt, keptText } from './outbox-head';
import { type HeldMessages, type OutboxLine, textOf } from './outbox-lines';
import { chunkBytes, isMissing, type OutboxDisk, type Reading, readLines } from './outbox-reading';

export interface OutboxFile extends OutboxStore {
  damage(): string | null;
  close(): Promise<void>;
}

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
 * one, and `damage` names it. A line without its end is what a crash leaves: nobody was told that it is durable. The first
 * line says how long the file was when something was last durable: one that is shorter was cut, and that is damage too. What a
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
  /** It has a first line that says that length; those of before do not, until they are packed. */
  let headed = false;
  /** Through which that line is kept true. */
  let mark: FileHandle | null = null;
  /** Numbers up to this one may have been given to messages that nothing is known of. */
  let after = 0;
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
    after = found.after;
    const harm = harmOf(found);
    if (harm) {
      const aside = found.bytes > 0 ? ` It is kept as ${await keepAside()}.` : '';
      // Nothing is known of what is lost, but that no number of it is as high as the seconds that passed since 1970.
      after = Math.max(after, Math.floor(Date.now() / 1000));
      await pack(found.held);
      damage = `${harm}${aside}`;
    } else {
      bytes = found.wholeBytes;
      headed = found.kept !== null;
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
    const found = await disk.stat(path).catch((error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    });
    if (bytes === 0 && found === null) return;
    const ours = await handle?.stat();
    const same = bytes > 0 && found !== null && (!ours || (found.ino === ours.ino && found.dev === ours.dev));
    if (same && found.size >= bytes) return;
    const aside = found === null || same ? '' : ` What stood in its place is kept as ${await keepAside()}.`;
    const what = found === null ? 'taken away' : same ? 'cut' : 'replaced';
    await pack(kept);
    damage = `The file of messages was ${what} while it was in use: it was written anew.${aside}`;
  }

  async function pack(from: HeldMessages): Promise<void> {
    const fresh = await disk.open(`${path}.new`, 'w', 0o600);
    const head = headOf(after);
    let written = Buffer.byteLength(head);
    try {
      let part: string[] = [head];
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
      await fresh.write(keptText(written), keptAt);
      await fresh.sync();
    } finally {
      await fresh.close();
    }
    await disk.rename(`${path}.new`, path);
    await syncFolder(disk, path);
    const before = [handle, mark];
    handle = null;
    mark = null;
    bytes = written;
    headed = true;
    torn = false;
    packAt = 0;
    for (const one of before) await one?.close().catch(() => {});
  }

  /** Says in the first line how long the file is. One that says less proves less, and is not wrong. */
  async function markLength(): Promise<void> {
    if (!headed) return;
    mark ??= await disk.open(path, 'r+', 0o600);
    await mark.write(keptText(bytes), keptAt);
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
    if (bytes === 0) await pack(kept);
    // One of before goes on as it was where there is no room for another.
    else if (!headed) await pack(kept).catch(() => {});
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
    await markLength().catch(() => {});
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
    last: (source) => Math.max(after, held?.last(source) ?? 0),
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
      await mark?.close();
      handle = null;
      mark = null;
    },
  };
}

/** What is proven to be wrong with a file that was read, in a sentence; null when nothing is. */
function harmOf({ bytes, wholeBytes, kept, damaged, exists }: Reading): string | null {
  if (!exists) return null;
  if (bytes === 0) return 'The file of messages holds nothing, not even its first line: messages may be lost.';
  if (wholeBytes === 0) return 'The file of messages holds no whole line: messages may be lost.';
  if (kept !== null && wholeBytes < kept) {
    return `The file of messages was cut: it had ${kept} bytes and has ${bytes}, and messages may be lost with the rest.`;
  }
  if (damaged === 0) return null;
  return `The file of messages was damaged: ${damaged} of its lines could not be read, and messages may be lost with them.`;
}

/** A new name in a folder survives a power cut once the folder is written; systems that cannot do that need not. */
async function syncFolder(disk: OutboxDisk, path: string): Promise<void> {
  const folder = await disk.open(dirname(path), 'r').catch(() => null);
  await folder?.sync().catch(() => {});
  await folder?.close().catch(() => {});
}
