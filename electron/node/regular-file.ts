import { closeSync, constants, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename } from 'node:path';

/**
 * A file that was named or chosen by a person may be anything that has a name: a pipe that nobody writes to, a device, a
 * file that says it is empty and is not, one that grows. Here it is read as a regular file and up to a limit, or refused.
 */
export class FileRefused extends Error {
  constructor(
    readonly kind: 'not-a-file' | 'too-large',
    message: string,
  ) {
    super(message);
    this.name = 'FileRefused';
  }
}

/** A pipe answers at once instead of waiting for its writer, and a terminal does not become ours. Windows has neither. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

/** How much is read at once, bytes. */
const pieceBytes = 256 * 1024;

/** Opens a regular file for reading; links are followed. Rejects with a FileRefused or the system's error. */
export async function openRegular(path: string): Promise<FileHandle> {
  // Asked before: to open a device may be to use it. And after: the name may mean another one by then.
  admit(path, await stat(path));
  const handle = await open(path, flags);
  try {
    admit(path, await handle.stat());
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The whole of a regular file of at most `limit` bytes. Rejects with a FileRefused or the system's error. */
export async function readRegular(path: string, limit: number): Promise<Buffer> {
  const handle = await openRegular(path);
  try {
    const pieces = piecesUpTo(basename(path), limit);
    for (;;) {
      const { bytesRead } = await handle.read(pieces.buffer, 0, pieceBytes, null);
      if (bytesRead === 0) return pieces.whole();
      pieces.take(bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** As `readRegular`, at once: for what a start or a command waits for anyway. @throws FileRefused, the system's error */
export function readRegularSync(path: string, limit: number): Buffer {
  admit(path, statSync(path));
  const file = openSync(path, flags);
  try {
    admit(path, fstatSync(file));
    return readDescriptorSync(file, basename(path), limit);
  } finally {
    closeSync(file);
  }
}

/** What is to be read of something that is open, of at most `limit` bytes. @throws FileRefused, the system's error */
export function readDescriptorSync(file: number, name: string, limit: number): Buffer {
  const pieces = piecesUpTo(name, limit);
  for (;;) {
    const bytesRead = readSync(file, pieces.buffer, 0, pieceBytes, null);
    if (bytesRead === 0) return pieces.whole();
    pieces.take(bytesRead);
  }
}

/** What is read counts, not what the file says of its size. */
function piecesUpTo(name: string, limit: number) {
  const buffer = Buffer.allocUnsafe(pieceBytes);
  const taken: Buffer[] = [];
  let bytes = 0;
  return {
    buffer,
    take(count: number): void {
      bytes += count;
      if (bytes > limit) {
        throw new FileRefused('too-large', `${name} is too large: at most ${sizeText(limit)} are read.`);
      }
      taken.push(Buffer.from(buffer.subarray(0, count)));
    },
    whole: () => Buffer.concat(taken),
  };
}

function admit(path: string, stats: Stats): void {
  if (stats.isFile()) return;
  throw new FileRefused('not-a-file', `${basename(path)} is ${kindOf(stats)}, not a file.`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

function sizeText(bytes: number): string {
  const mebibyte = 1024 * 1024;
  return bytes >= mebibyte ? `${Math.floor(bytes / mebibyte)} MiB` : `${bytes} bytes`;
}
