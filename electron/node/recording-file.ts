import { createWriteStream, type WriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { constants, createGzip, type Gzip } from 'node:zlib';
import { formatLine, type RecordedLine, type RecordingHeader } from '../engine/recording/format';

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
