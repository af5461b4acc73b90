import { createWriteStream, type WriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { constants, createGunzip, createGzip, type Gzip } from 'node:zlib';
import {
  formatLine,
  maxLineChars,
  parseHeader,
  parseLine,
  type RecordedLine,
  RecordingError,
  type RecordingHeader,
} from '../engine/recording/format';
import type { LineReader } from '../engine/recording/player';
import type { RecordingPort } from '../engine/recording/port';
import { openRegular } from './regular-file';

/** What is written reaches the file at least this often, ms: a recorder that is killed loses no more. */
const flushMs = 1000;
/** Text that is not yet compressed before `write` asks its caller to wait, characters. */
const highWater = 4 * 1024 * 1024;

/** A recording being written. */
export interface RecordingWriter {
  write(line: RecordedLine): void;
  /** Resolves when the disk has caught up; rejects with the system's error. Await it between handfuls. */
  drained(): Promise<void>;
  /** Writes the end line and closes. Resolves with the number of events, rejects with the system's error. */
  close(at: number): Promise<number>;
}

/** Begins a recording in a file that must not be there yet. Rejects with the system's error (`EEXIST` …). */
export async function createRecordingFile(path: string, header: RecordingHeader): Promise<RecordingWriter> {
  const handle = await open(path, 'wx', 0o600);
  const file: WriteStream = createWriteStream('', { fd: handle });
  const gzip: Gzip = createGzip();
  let failure: Error | null = null;
  let events = 0;
  const closed = new Promise<void>((resolve) => {
    pipeline(gzip, file, (error) => {
      if (error) failure ??= error;
      resolve();
    });
  });
  const put = (line: RecordingHeader | RecordedLine) => void gzip.write(`${formatLine(line)}\n`);
  put(header);
  const flushing = setInterval(() => gzip.flush(constants.Z_SYNC_FLUSH), flushMs);
  return {
    write(line) {
      if (line.kind === 'event') events += 1;
      put(line);
    },
    async drained() {
      if (failure) throw failure;
      if (gzip.writableLength < highWater) return;
      await Promise.race([new Promise((resolve) => gzip.once('drain', resolve)), closed]);
      if (failure) throw failure;
    },
    async close(at) {
      clearInterval(flushing);
      put({ kind: 'end', at, events });
      gzip.end();
      await closed;
      if (failure) throw failure;
      return events;
    },
  };
}

/** The recordings of this machine. */
export function createRecordings(): RecordingPort {
  return {
    header: (address) => readRecordingHeader(pathOf(address)),
    open: (address) => readRecording(pathOf(address)),
  };
}

function pathOf(address: string): string {
  return /^file:/i.test(address) ? fileURLToPath(address) : address;
}

/** Reads the header of a recording. Rejects with a RecordingError or the system's error. */
export async function readRecordingHeader(path: string): Promise<RecordingHeader> {
  const lines = textLines(path);
  try {
    const first = await lines.next();
    const [line] = first.done ? [] : first.value;
    if (line === undefined) throw new RecordingError({ kind: 'not-a-recording', message: 'it is empty.' });
    return parseHeader(line);
  } finally {
    await lines.return(undefined);
  }
}

/** Reads a recording from its first line after the header. A file that was cut off ends where it was cut. */
export function readRecording(path: string): LineReader {
  const lines = textLines(path);
  let number = 0;
  return {
    async next() {
      for (;;) {
        const batch = await lines.next();
        if (batch.done) return null;
        const parsed: RecordedLine[] = [];
        for (const text of batch.value) {
          number += 1;
          if (number === 1) {
            parseHeader(text);
            continue;
          }
          const line = parseLine(text, number);
          if (line) parsed.push(line);
        }
        if (parsed.length > 0) return parsed;
      }
    },
    close: () => void lines.return(undefined),
  };
}

/** Whole lines of a compressed text, as they come. */
async function* textLines(path: string): AsyncGenerator<readonly string[], void, undefined> {
  const file = (await openRegular(path)).createReadStream();
  // What the last flush wrote can be read although the end is missing.
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
  // Errors arrive where the stream is read; here they only must not go unheard.
  pipeline(file, gunzip, () => {});
  gunzip.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of gunzip as AsyncIterable<string>) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      if (rest.length > maxLineChars) {
        throw new RecordingError({ kind: 'not-a-recording', message: 'it has a line longer than any frame.' });
      }
      if (parts.length > 0) yield parts;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new RecordingError({ kind: 'not-a-recording', message: `it is not compressed as one (${error.message}).` });
    }
    throw error;
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}
