import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Latest } from '../backplane/backplane';
import type { Restored, StreamStore } from '../backplane/memory';
import { bootId } from './boot-id';
import { createHeadMark } from './head-mark';
import { nodeDisk, readSegment, type SegmentDisk } from './segment';

export interface EventFileOptions {
  /** The newest segment; the one before it stands beside it with `.1` at the end. */
  readonly path: string;
  readonly stream: string;
  /** Bound of both segments together, bytes. */
  readonly maxBytes: number;
  /** Identity of the machine's run. Default: read from the system. */
  readonly boot?: string;
  readonly onTrouble?: (message: string) => void;
  /** Reads the files; tests give one that fails. */
  readonly disk?: SegmentDisk;
}

const closingMark = '{"kind":"closed"}\n';

/**
 * Keeps the end of one stream in two append-only files of JSON lines, so that a restart keeps epoch, numbers and
 * the last minutes. Written (not synced) before an event goes out: that survives the end of the process, however
 * it comes. After a reboot without a clean end the newest lines may be missing and their numbers would be given
 * out twice, so the epoch is then not kept; nor where a mark beside the file says that it once went further, or where
 * it cannot be read: only a file that is not there is an empty one. What cannot be read is set aside, not written over.
 */
export function createEventFile(options: EventFileOptions): StreamStore {
  const { path, stream, maxBytes } = options;
  const previousPath = `${path}.1`;
  const boot = options.boot ?? bootId();
  const trouble = options.onTrouble ?? (() => undefined);
  const disk = options.disk ?? nodeDisk;
  const mark = createHeadMark(`${path}.head`);
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
      mark.close();
      rmSync(previousPath, { force: true });
      rmSync(path, { force: true });
    } catch (cause) {
      trouble(`The state file cannot be removed either: ${String(cause)}`);
    }
  }

  function restore(): Restored | null {
    const current = readSegment(disk, path, stream);
    if (current === null) return null;
    const { epoch, base } = current.header;
    if (current.header.boot !== boot && !current.closed) return null;
    const marked = mark.read();
    const reached = current.entries.at(-1)?.seq ?? base;
    if (marked === null || marked.epoch !== epoch || marked.head > reached) {
      trouble(`The state file lost its end (it stops at ${reached}); a new epoch begins.`);
      return null;
    }
    const previous = readSegment(disk, previousPath, stream);
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

  /** Keeps what cannot be read: the last such file, beside the new one. */
  function setAside(): string {
    const kept: string[] = [];
    for (const each of [path, previousPath]) {
      if (!existsSync(each)) continue;
      renameSync(each, `${each}.unreadable`);
      kept.push(`${each}.unreadable`);
    }
    return kept.length === 0 ? 'and there is nothing to keep' : `and what was there is kept as ${kept.join(' and ')}`;
  }

  return {
    load() {
      try {
        return restore();
      } catch (error) {
        closeFile();
        const aside = setAside();
        trouble(`The state file cannot be read (${String(error)}); a new epoch begins, ${aside}.`);
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
        mark.write(epoch, head);
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
        mark.write(epoch, 0);
      } catch (error) {
        giveUp(error);
      }
    },
    close() {
      mark.close();
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
