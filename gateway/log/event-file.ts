import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Latest, LogEntry } from '../backplane/backplane';
import type { Restored, StreamStore } from '../backplane/memory';
import { isRecord, memberText } from '../publication';
import { bootId } from './boot-id';

export interface EventFileOptions {
  /** The newest segment; the one before it stands beside it with `.1` at the end. */
  readonly path: string;
  readonly stream: string;
  /** Bound of both segments together, bytes. */
  readonly maxBytes: number;
  /** Identity of the machine's run. Default: read from the system. */
  readonly boot?: string;
  readonly onTrouble?: (message: string) => void;
}

interface Header {
  readonly epoch: string;
  readonly boot: string;
  /** Number of the last event before this segment. */
  readonly base: number;
}

interface Segment {
  readonly header: Header;
  readonly entries: readonly LogEntry[];
  readonly latest: readonly Latest[];
  /** Length of the part that is whole, without the closing mark. */
  readonly goodBytes: number;
  readonly closed: boolean;
}

const closingMark = '{"kind":"closed"}\n';

/**
 * Keeps the end of one stream in two append-only files of JSON lines, so that a restart keeps epoch, numbers and
 * the last minutes. Written (not synced) before an event goes out: that survives the end of the process, however
 * it comes. After a reboot without a clean end the newest lines may be missing and their numbers would be given
 * out twice, so the epoch is then not kept.
 */
export function createEventFile(options: EventFileOptions): StreamStore {
  const { path, stream, maxBytes } = options;
  const previousPath = `${path}.1`;
  const boot = options.boot ?? bootId();
  const trouble = options.onTrouble ?? (() => undefined);
  let file: number | null = null;
  let bytes = 0;
  let head = 0;
  let broken = false;

  function headerLine(epoch: string, base: number): string {
    return `${JSON.stringify({ kind: 'log', version: 1, stream, epoch, boot, base })}\n`;
  }

  function closeFile(): void {
    if (file !== null) closeSync(file);
    file = null;
  }

  function begin(epoch: string, base: number): void {
    closeFile();
    mkdirSync(dirname(path), { recursive: true });
    file = openSync(path, 'w');
    bytes = 0;
    write(headerLine(epoch, base));
  }

  function write(text: string): void {
    if (file === null) return;
    const buffer = Buffer.from(text);
    let written = 0;
    while (written < buffer.length) written += writeSync(file, buffer, written);
    bytes += buffer.length;
  }

  /** A log that misses events must not be found by the next start: numbers would be given out twice. */
  function giveUp(error: unknown): void {
    if (!broken) trouble(`The state file cannot be written (${String(error)}); a restart will begin a new epoch.`);
    broken = true;
    try {
      closeFile();
      rmSync(previousPath, { force: true });
      rmSync(path, { force: true });
    } catch (cause) {
      trouble(`The state file cannot be removed either: ${String(cause)}`);
    }
  }

  function restore(): Restored | null {
    const current = readSegment(path, stream);
    if (current === null) return null;
    const { epoch, base } = current.header;
    if (current.header.boot !== boot && !current.closed) return null;
    const previous = readSegment(previousPath, stream);
    const joins =
      previous !== null &&
      previous.header.epoch === epoch &&
      (previous.entries.at(-1)?.seq ?? previous.header.base) === base;
    const segments = joins ? [previous, current] : [current];
    const entries = segments.flatMap((segment) => segment.entries);
    head = entries.at(-1)?.seq ?? base;
    file = openSync(path, 'r+');
    // What is torn was never sent. The closing mark goes for good before anything follows it.
    ftruncateSync(file, current.goodBytes);
    if (current.header.boot !== boot) {
      closeFile();
      // A new segment, so that its header names this run of the machine.
      renameSync(path, previousPath);
      begin(epoch, head);
    } else {
      closeFile();
      file = openSync(path, 'a');
      bytes = current.goodBytes;
    }
    if (file !== null) fsyncSync(file);
    const latest = new Map<string, Latest>();
    for (const one of segments.flatMap((segment) => segment.latest)) {
      latest.delete(one.type);
      latest.set(one.type, one);
    }
    return { epoch, head, entries, latest: [...latest.values()] };
  }

  return {
    load() {
      try {
        return restore();
      } catch (error) {
        trouble(`The state file cannot be read (${String(error)}); a new epoch begins.`);
        return null;
      }
    },
    append(epoch, entries) {
      const base = head;
      head = entries.at(-1)?.seq ?? head;
      const text = entries.map((entry) => `${entry.json}\n`).join('');
      try {
        if (file === null || broken) {
          rmSync(previousPath, { force: true });
          begin(epoch, base);
        } else if (bytes + text.length > maxBytes / 2) {
          closeFile();
          renameSync(path, previousPath);
          begin(epoch, base);
        }
        write(text);
        if (broken) trouble('The state file can be written again.');
        broken = false;
      } catch (error) {
        giveUp(error);
      }
    },
    reset(epoch) {
      head = 0;
      try {
        rmSync(previousPath, { force: true });
        begin(epoch, 0);
      } catch (error) {
        giveUp(error);
      }
    },
    close() {
      if (file === null) return;
      try {
        write(closingMark);
        fsyncSync(file);
        closeFile();
      } catch (error) {
        giveUp(error);
      }
    },
  };
}

function textMember(record: Record<string, unknown>, name: string): string | null {
  const value = record[name];
  return typeof value === 'string' ? value : null;
}

function wholeMember(record: Record<string, unknown>, name: string): number | null {
  const value = record[name];
  return Number.isSafeInteger(value) ? (value as number) : null;
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(line);
    return isRecord(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function headerOf(line: string, stream: string): Header | null {
  const record = parseLine(line);
  if (record === null || record.kind !== 'log' || record.version !== 1 || record.stream !== stream) return null;
  const epoch = textMember(record, 'epoch');
  const boot = textMember(record, 'boot');
  const base = wholeMember(record, 'base');
  return epoch === null || boot === null || base === null ? null : { epoch, boot, base };
}

/** Reads a segment up to the first line that is not whole, not JSON or out of order; null when it has no header. */
function readSegment(path: string, stream: string): Segment | null {
  if (!existsSync(path)) return null;
  const content = readFileSync(path);
  let start = content.indexOf(0x0a) + 1;
  const header = start === 0 ? null : headerOf(content.toString('utf8', 0, start), stream);
  if (header === null) return null;
  const entries: LogEntry[] = [];
  const latest: Latest[] = [];
  let seq = header.base;
  for (;;) {
    const end = content.indexOf(0x0a, start);
    if (end === -1) break;
    const json = content.toString('utf8', start, end);
    const record = parseLine(json);
    if (record?.kind === 'closed') return { header, entries, latest, goodBytes: start, closed: true };
    const type = record === null ? null : textMember(record, 'type');
    const time = record === null ? null : wholeMember(record, 'time');
    if (record === null || type === null || time === null) break;
    if (record.kind !== 'event' || record.seq !== seq + 1 || record.epoch !== header.epoch) break;
    seq += 1;
    entries.push({ seq, time, type, json, bytes: end - start });
    latest.push({ type, seq, time, data: memberText(json, 'data') ?? 'null' });
    start = end + 1;
  }
  return { header, entries, latest, goodBytes: start, closed: false };
}
