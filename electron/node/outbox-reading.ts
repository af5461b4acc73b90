import type { FileHandle } from 'node:fs/promises';
import { headIn } from './outbox-head';
import { createHeldMessages, type HeldMessages, lineOf } from './outbox-lines';

/** What this file needs of a disk; tests give one that fails. */
export interface OutboxDisk {
  open(path: string, flags: string, mode?: number): Promise<FileHandle>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  copyFile(from: string, to: string): Promise<void>;
  mkdir(path: string, options: { readonly recursive: true }): Promise<unknown>;
  stat(path: string): Promise<{ readonly dev: number; readonly ino: number; readonly size: number }>;
}

/** An outbox file as it was found. */
export interface Reading {
  readonly held: HeldMessages;
  readonly exists: boolean;
  /** Length of the file, and of its lines that have an end. */
  readonly bytes: number;
  readonly wholeBytes: number;
  /** The length that its first line says it had at least; null where it says none. */
  readonly kept: number | null;
  /** Numbers up to this one may have been given to messages that were lost. */
  readonly after: number;
  /** Lines that are none of ours. */
  readonly damaged: number;
}

/** How much is read, or written, at once. */
export const chunkBytes = 4 * 1024 * 1024;
/** A message is at most 256 Ki characters, six bytes each where all are escaped: a longer line is none of ours. */
const maxLineBytes = 2 * 1024 * 1024;

/** Reads in pieces: no file is too large for it. @throws the disk's error, but for a file that is not there */
export async function readLines(disk: OutboxDisk, path: string): Promise<Reading> {
  const held = createHeldMessages();
  let bytes = 0;
  let wholeBytes = 0;
  let damaged = 0;
  let head: ReturnType<typeof headIn> = null;
  let rest: Buffer[] = [];
  let restBytes = 0;
  let handle: FileHandle;
  const found = (exists: boolean): Reading => ({
    ...{ held, exists, bytes, wholeBytes, damaged },
    kept: head?.kept ?? null,
    after: head?.after ?? 0,
  });
  try {
    handle = await disk.open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return found(false);
    throw error;
  }

  function take(piece: Buffer): void {
    const size = restBytes + piece.length + 1;
    const whole = size > maxLineBytes ? null : Buffer.concat([...rest, piece]);
    if (whole && wholeBytes === 0) head = headIn(whole);
    const line = whole && lineOf(whole);
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
      if (bytesRead === 0) return found(true);
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

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
