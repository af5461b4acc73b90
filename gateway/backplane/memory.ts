import { randomBytes } from 'node:crypto';
import { otherEpoch } from '../errors';
import { loudly, type Report, tellAll } from '../tell';
import type {
  Appended,
  Backplane,
  Draft,
  Follower,
  Latest,
  LogEntry,
  Page,
  ReadRequest,
  StreamInfo,
} from './backplane';
import { encodeEvent } from './backplane';

/** How much of each stream is kept; whichever comes first. */
export interface Retention {
  readonly events: number;
  readonly bytes: number;
  readonly ageMs: number;
  /** Bytes of the last event of each type, which outlive the rest: the least recently updated go first. */
  readonly snapshotBytes: number;
}

export const defaultRetention: Retention = {
  events: 10_000,
  bytes: 32 * 1024 * 1024,
  ageMs: 24 * 3_600_000,
  snapshotBytes: 8 * 1024 * 1024,
};

/** A stream as it was before a restart. */
export interface Restored {
  readonly epoch: string;
  /** Number of the last event, whether it is still there or not. */
  readonly head: number;
  /** Oldest first, contiguous, up to the head. */
  readonly entries: readonly LogEntry[];
  readonly latest: readonly Latest[];
}

/** Keeps a stream beyond the process: written before anyone sees an entry. */
export interface StreamStore {
  load(): Restored | null;
  append(epoch: string, entries: readonly LogEntry[]): void;
  reset(epoch: string): void;
  close(): void;
}

export interface MemoryBackplaneDeps {
  readonly retention: Retention;
  /** The store of a stream, for those that have one. */
  readonly storeOf?: (stream: string) => StreamStore | null;
  /** Wall clock, epoch ms. */
  readonly now?: () => number;
  readonly newEpoch?: () => string;
  /** Hears what a follower threw. Default: it is an uncaught error. */
  readonly report?: Report;
}

const maxKeys = 10_000;
const keyAgeMs = 24 * 3_600_000;
const maxTypes = 1_000;
/** How often streams that nobody touches are looked at for what is over age, ms. */
const sweepMs = 1_000;

/** An epoch nobody used before: time makes it sortable for people, chance makes it unique. */
export function freshEpoch(): string {
  return `${Date.now().toString(36)}-${randomBytes(3).toString('hex')}`;
}

/** What the last event of a type weighs in a snapshot. */
function bytesOf({ type, data }: Latest): number {
  return Buffer.byteLength(type) + Buffer.byteLength(data);
}

interface Log {
  epoch: string;
  head: number;
  /** Those that were dropped leave `undefined`, so that their bytes are free at once. */
  entries: (LogEntry | undefined)[];
  /** Index of the oldest entry still held; what is before it is dropped in strides, since shifting costs. */
  first: number;
  bytes: number;
  readonly latest: Map<string, Latest>;
  latestBytes: number;
  readonly keys: Map<string, { readonly seq: number; readonly at: number }>;
  keyBytes: number;
  /** What of it is in the sum over all streams. */
  summed: number;
  readonly followers: Set<Follower>;
  readonly store: StreamStore | null;
}

/** The backplane of a single process. Bounded per stream by count, bytes and age. */
export function createMemoryBackplane(deps: MemoryBackplaneDeps): Backplane {
  const { retention } = deps;
  const now = deps.now ?? Date.now;
  const newEpoch = deps.newEpoch ?? freshEpoch;
  const report = deps.report ?? loudly;
  const logs = new Map<string, Log>();
  /** Bytes of all logs together. */
  let held = 0;
  let sweptAt = now();

  const oldestOf = (log: Log) => log.head - (log.entries.length - log.first) + 1;
  const infoOf = (log: Log): StreamInfo => ({ epoch: log.epoch, oldest: oldestOf(log), head: log.head });

  function dropOldest(log: Log): void {
    log.bytes -= log.entries[log.first]?.bytes ?? 0;
    log.entries[log.first] = undefined;
    log.first += 1;
    if (log.first > 1024 && log.first * 2 > log.entries.length) {
      log.entries = log.entries.slice(log.first);
      log.first = 0;
    }
  }

  function keepWithin(log: Log): void {
    const horizon = now() - retention.ageMs;
    for (;;) {
      const oldest = log.entries[log.first];
      if (oldest === undefined) break;
      const tooMany = log.entries.length - log.first > retention.events;
      // The newest stays whatever its size: a log that can never hold its last event could resume nobody.
      const tooBig = log.bytes > retention.bytes && log.entries.length - log.first > 1;
      if (!tooMany && !tooBig && oldest.time >= horizon) break;
      dropOldest(log);
    }
    forgetOldKeys(log);
    sum(log);
  }

  /** Brings the sum over all streams up to date. */
  function sum(log: Log): void {
    const bytes = log.bytes + log.latestBytes + log.keyBytes;
    held += bytes - log.summed;
    log.summed = bytes;
  }

  function forgetType(log: Log, type: string): void {
    const known = log.latest.get(type);
    if (known === undefined) return;
    log.latestBytes -= bytesOf(known);
    log.latest.delete(type);
  }

  function remember(log: Log, latest: Latest): void {
    forgetType(log, latest.type);
    log.latest.set(latest.type, latest);
    log.latestBytes += bytesOf(latest);
    for (const type of log.latest.keys()) {
      const tooBig = log.latestBytes > retention.snapshotBytes && log.latest.size > 1;
      if (log.latest.size <= maxTypes && !tooBig) return;
      forgetType(log, type);
    }
  }

  function forgetOldKeys(log: Log): void {
    const horizon = now() - keyAgeMs;
    for (const [key, used] of log.keys) {
      if (log.keys.size <= maxKeys && used.at >= horizon) return;
      log.keys.delete(key);
      log.keyBytes -= key.length;
    }
  }

  function open(stream: string): Log {
    const known = logs.get(stream);
    if (known !== undefined) return known;
    const store = deps.storeOf?.(stream) ?? null;
    const restored = store?.load() ?? null;
    const log: Log = {
      epoch: restored?.epoch ?? newEpoch(),
      head: restored?.head ?? 0,
      entries: [...(restored?.entries ?? [])],
      first: 0,
      bytes: restored?.entries.reduce((sum, entry) => sum + entry.bytes, 0) ?? 0,
      latest: new Map(),
      latestBytes: 0,
      keys: new Map(),
      keyBytes: 0,
      summed: 0,
      followers: new Set(),
      store,
    };
    for (const latest of restored?.latest ?? []) remember(log, latest);
    if (restored === null) store?.reset(log.epoch);
    keepWithin(log);
    logs.set(stream, log);
    return log;
  }

  function append(stream: string, drafts: readonly Draft[]): readonly Appended[] {
    const log = open(stream);
    const added: LogEntry[] = [];
    const latest: Latest[] = [];
    const answers: Appended[] = [];
    const keys = new Map<string, number>();
    const time = now();
    if (drafts.some(({ onlyIn = log.epoch }) => onlyIn !== log.epoch)) throw otherEpoch();
    for (const draft of drafts) {
      const usedBefore = draft.key === undefined ? undefined : (log.keys.get(draft.key)?.seq ?? keys.get(draft.key));
      if (usedBefore !== undefined) {
        answers.push({ position: { epoch: log.epoch, seq: usedBefore }, repeated: true });
        continue;
      }
      const seq = log.head + added.length + 1;
      const json = encodeEvent(stream, { epoch: log.epoch, seq }, time, draft);
      added.push({ seq, time, type: draft.type, json, bytes: Buffer.byteLength(json) });
      latest.push({ type: draft.type, seq, time, data: draft.data });
      if (draft.key !== undefined) keys.set(draft.key, seq);
      answers.push({ position: { epoch: log.epoch, seq }, repeated: false });
    }
    if (added.length === 0) return answers;
    log.store?.append(log.epoch, added);
    for (const entry of added) {
      log.entries.push(entry);
      log.bytes += entry.bytes;
    }
    log.head += added.length;
    for (const one of latest) remember(log, one);
    for (const [key, seq] of keys) {
      log.keys.set(key, { seq, at: time });
      log.keyBytes += key.length;
    }
    keepWithin(log);
    tellAll(log.followers, (follower) => follower.entries(added), report);
    return answers;
  }

  function read(log: Log, { epoch, after, limit, maxBytes }: ReadRequest): Page {
    keepWithin(log);
    const info = infoOf(log);
    if (epoch !== log.epoch) return { kind: 'other-epoch', info };
    if (after < info.oldest - 1) return { kind: 'trimmed', info };
    const entries: LogEntry[] = [];
    let bytes = 0;
    for (let index = log.first + (after - info.oldest + 1); entries.length < limit; index += 1) {
      const entry = log.entries[index];
      if (entry === undefined) break;
      bytes += entry.bytes;
      if (entries.length > 0 && bytes > maxBytes) break;
      entries.push(entry);
    }
    return { kind: 'page', info, entries };
  }

  return {
    async info(stream) {
      const log = logs.get(stream);
      if (log === undefined) return null;
      keepWithin(log);
      return infoOf(log);
    },
    async open(stream) {
      return infoOf(open(stream));
    },
    async count() {
      return logs.size;
    },
    async heldBytes() {
      const at = now();
      if (at - sweptAt >= sweepMs || at < sweptAt) {
        sweptAt = at;
        for (const log of logs.values()) keepWithin(log);
      }
      return held;
    },
    async append(stream, drafts) {
      return append(stream, drafts);
    },
    async read(stream, request) {
      return read(open(stream), request);
    },
    async latest(stream) {
      const log = open(stream);
      keepWithin(log);
      return { info: infoOf(log), latest: [...log.latest.values()] };
    },
    follow(stream, follower) {
      const log = open(stream);
      log.followers.add(follower);
      return () => {
        log.followers.delete(follower);
      };
    },
    async trim(stream, seq) {
      const log = open(stream);
      while (log.first < log.entries.length && oldestOf(log) <= seq) dropOldest(log);
      sum(log);
    },
    async restart() {
      for (const log of logs.values()) {
        log.epoch = newEpoch();
        log.head = 0;
        log.entries = [];
        log.first = 0;
        log.bytes = 0;
        log.latest.clear();
        log.latestBytes = 0;
        log.keys.clear();
        log.keyBytes = 0;
        sum(log);
        log.store?.reset(log.epoch);
        const info = infoOf(log);
        tellAll(log.followers, (follower) => follower.epoch(info), report);
      }
    },
    async close() {
      for (const log of logs.values()) {
        log.followers.clear();
        log.store?.close();
      }
    },
  };
}
