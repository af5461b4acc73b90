import { readFileSync } from 'node:fs';
import type { Latest, LogEntry } from '../backplane/backplane';
import { isRecord, memberText } from '../publication';

/** How segments are read. */
export interface SegmentDisk {
  readFile(path: string): Buffer;
}

export const nodeDisk: SegmentDisk = { readFile: (path) => readFileSync(path) };

interface Header {
  readonly epoch: string;
  readonly boot: string;
  /** Number of the last event before this segment. */
  readonly base: number;
}

/** One file of a log: a header and the events after it. */
export interface Segment {
  readonly header: Header;
  readonly entries: readonly LogEntry[];
  readonly latest: readonly Latest[];
  /** Length of the part that is whole, without the closing mark. */
  readonly goodBytes: number;
  readonly closed: boolean;
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

/**
 * Reads a segment up to the first line that is not whole, not JSON or out of order; null when there is no file or it
 * has no header. @throws the disk's error, but for a file that is not there
 */
export function readSegment(disk: SegmentDisk, path: string, stream: string): Segment | null {
  const content = contentOf(disk, path);
  if (content === null) return null;
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

function contentOf(disk: SegmentDisk, path: string): Buffer | null {
  try {
    return disk.readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
