import { pipeline } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import {
  maxLineBytes,
  parseHeader,
  parseLine,
  type RecordedLine,
  RecordingError,
  type RecordingHeader,
} from '../engine/recording/format';
import type { LineReader } from '../engine/recording/player';
import { openRegular } from './regular-file';

/** Larger than what a disk of today is given to one recording, bytes, compressed. */
const maxFileBytes = 64 * 1024 ** 3;
/** Text that is taken from the decompressor at once, bytes: what one `next` hands over at most, but for a longer line. */
const pieceBytes = 64 * 1024;

/** A line without its line end, and where it stands: the first is 1, after no bytes of the text. */
interface TextLine {
  readonly text: string;
  readonly number: number;
  readonly offset: number;
}

/** Reads the header of a recording. Rejects with a RecordingError, a FileRefused or the system's error. */
export async function readRecordingHeader(path: string): Promise<RecordingHeader> {
  const lines = textLines(path);
  try {
    for await (const [first] of lines) if (first) return parseHeader(first.text);
    throw new RecordingError({ kind: 'not-a-recording', message: 'it is empty, or its first line has no end.' });
  } finally {
    await lines.return(undefined);
  }
}

/**
 * Reads a recording from its first line after the header. A file that was cut off ends where it was cut. An answer may
 * be empty: then what was read so far ends in the middle of a line.
 */
export function readRecording(path: string): LineReader {
  const lines = textLines(path);
  /** What is wrong with a line behind others that are good: those are handed over first. */
  let trouble: { readonly error: unknown } | null = null;
  return {
    async next() {
      if (trouble) throw trouble.error;
      const batch = await lines.next();
      if (batch.done) return null;
      const parsed: RecordedLine[] = [];
      for (const { text, number, offset } of batch.value) {
        try {
          const line = number === 1 ? void parseHeader(text) : parseLine(text, number, offset);
          if (line) parsed.push(line);
        } catch (error) {
          if (parsed.length === 0) throw error;
          trouble = { error };
          break;
        }
      }
      return parsed;
    },
    close: () => void lines.return(undefined),
  };
}

/**
 * Whole lines of a compressed text, as they come; none for a piece that ends none. Each byte is looked at and copied once,
 * however long its line is, and no line is held that is longer than one may be.
 */
async function* textLines(path: string): AsyncGenerator<readonly TextLine[], void, undefined> {
  const handle = await openRegular(path);
  const file = handle.createReadStream({ end: maxFileBytes - 1 });
  // What the last flush wrote can be read although the end is missing.
  const gunzip = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH, chunkSize: pieceBytes });
  // Errors arrive where the stream is read; here they only must not go unheard.
  pipeline(file, gunzip, () => {});
  let number = 1;
  let offset = 0;
  let rest: Buffer[] = [];
  let restBytes = 0;
  try {
    for await (const piece of gunzip as AsyncIterable<Buffer>) {
      const lines: TextLine[] = [];
      let start = 0;
      for (let end = piece.indexOf(lineEnd); end >= 0; end = piece.indexOf(lineEnd, start)) {
        const bytes = restBytes + end - start;
        if (bytes > maxLineBytes) throw tooLong(number, offset);
        const text = rest.length === 0 ? piece.toString('utf8', start, end) : joined(rest, piece.subarray(start, end));
        lines.push({ text, number, offset });
        rest = [];
        restBytes = 0;
        number += 1;
        offset += bytes + 1;
        start = end + 1;
      }
      if (start < piece.length) rest.push(piece.subarray(start));
      restBytes += piece.length - start;
      yield lines;
      if (restBytes > maxLineBytes) throw tooLong(number, offset);
    }
  } catch (error) {
    throw isOfZlib(error) ? notCompressed(error, number, offset) : error;
  } finally {
    rest = [];
    file.destroy();
    gunzip.destroy();
  }
}

const lineEnd = 0x0a;

function joined(rest: readonly Buffer[], last: Buffer): string {
  return Buffer.concat([...rest, last]).toString('utf8');
}

function tooLong(line: number, offset: number): RecordingError {
  const message = `it is longer than ${maxLineBytes / 1024 ** 2} MiB, longer than any frame.`;
  return new RecordingError({ kind: 'bad-line', line, offset, message });
}

function notCompressed(error: Error, line: number, offset: number): RecordingError {
  if (line === 1) {
    return new RecordingError({ kind: 'not-a-recording', message: `it is not compressed as one (${error.message}).` });
  }
  const message = `it cannot be decompressed (${error.message}).`;
  return new RecordingError({ kind: 'bad-line', line, offset, message });
}

function isOfZlib(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
