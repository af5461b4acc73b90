import type { LogPlace, OutboxItem, OutboxState } from '../../../shared/outbox';
import type { Clock, Timer } from '../core/clock';
import type { OutboxStore } from '../core/outbox';

export interface ShelfDeps {
  readonly source: string;
  readonly clock: Clock;
  readonly store: OutboxStore;
  /** Something of it changed. */
  onChange(): void;
}

/**
 * The messages of one source, in memory as on the disk: what the disk did not take is not remembered, and what it has
 * not forgotten is not forgotten. Rejections carry a sentence for people.
 */
export interface Shelf {
  /** Reads what an earlier run left; asks again by itself until it can be read. `then` is called once, with it. */
  open(then: () => void): Promise<void>;
  /** Keeps a new message; resolves when it is durable. */
  add(make: (number: number) => OutboxItem): Promise<OutboxItem>;
  /** Those that wait to be sent, in order, up to the first about which a decision is just being written. */
  queued(limit: number): readonly OutboxItem[];
  get(number: number): OutboxItem | null;
  /** Whether it still waits, nothing is being decided about it, and the disk says the last that was written before it leaves. */
  waits(number: number): boolean;
  /** One of unknown fate, or sent, of which no decision is just being written: what the feed says of it late still counts. */
  doubtful(key: string): OutboxItem | null;
  /** Changes what is known in memory only: what the disk says of it is as good after a crash. */
  mark(number: number, state: OutboxState, note?: string): void;
  /** Sets in memory only where the feed's log stood when it left; null: the feed cannot have it. */
  left(number: number, place: LogPlace | null): void;
  /** Sets in memory only where it belongs. */
  belongs(number: number, to: string): void;
  /**
   * Writes of several that they leave, and where the feed's log stands (null: it has none). Memory does not change.
   * Rejects when the disk does not take it.
   */
  before(items: readonly OutboxItem[], place: LogPlace | null): Promise<void>;
  /** Changes it and records it; should the disk not take it, again later until it does. */
  settle(number: number, state: OutboxState, note: string): void;
  /** Writes what memory says of these, again later should the disk not take it. */
  record(numbers: readonly number[]): Promise<void>;
  /** A decision of a person: holds it back while it is written; stays as it was when it cannot be. `to`: where it goes again. */
  decide(number: number, decision: 'again' | 'dismiss', to: string | null): Promise<void>;
  all(): readonly OutboxItem[];
  /** What stands in the way of keeping messages, in a sentence. */
  trouble(): string | null;
  close(): void;
}

const maxWaiting = 10_000;
const maxWaitingChars = 16 * 1024 * 1024;
/** Settled ones that stay for looking at. */
export const keptSettled = 200;
/** The disk is asked again after this, ms, and then half as often each time up to a minute. */
const diskMs = 5000;
const longestDiskMs = 60_000;

/** See `Shelf`. */
export function createShelf({ source, clock, store, onChange }: ShelfDeps): Shelf {
  const items = new Map<number, OutboxItem>();
  /** Numbers of the settled ones, oldest first. */
  const settled: number[] = [];
  /** Numbers about which a decision of a person is being written. */
  const deciding = new Set<number>();
  /** Numbers whose record on the disk is older than what is known. */
  const unrecorded = new Set<number>();
  /** Numbers the disk still has and memory no longer. */
  const unforgotten = new Set<number>();
  let state: 'reading' | 'open' | 'closed' = 'reading';
  let lastNumber = 0;
  let waiting = 0;
  let waitingChars = 0;
  let problem: string | null = null;
  let retry: Timer | null = null;
  let recording: Promise<void> | null = null;
  let retryMs = diskMs;

  function say(next: string | null): void {
    if (problem === next) return;
    problem = next;
    onChange();
  }

  /** Asks the disk again after a while. */
  function later(act: () => void): void {
    if (retry !== null || state === 'closed') return;
    retry = clock.after(retryMs, () => {
      retry = null;
      act();
    });
    retryMs = Math.min(longestDiskMs, retryMs * 2);
  }

  function count(item: OutboxItem, by: 1 | -1): void {
    if (!isWaiting(item.state)) return;
    waiting += by;
    waitingChars += by * item.body.length;
  }

  function put(item: OutboxItem): void {
    const before = items.get(item.number);
    if (before) count(before, -1);
    count(item, 1);
    items.set(item.number, item);
  }

  function remove(number: number): void {
    const item = items.get(number);
    if (!item) return;
    count(item, -1);
    items.delete(number);
    unrecorded.delete(number);
  }

  function mark(number: number, next: OutboxState, note?: string): void {
    const item = items.get(number);
    if (!item) return;
    put({ ...item, state: next, note: note ?? item.note });
    onChange();
  }

  /** Writes what the disk is behind with, until it is not. What a person is deciding about is written by the decision. */
  async function catchUp(): Promise<void> {
    for (;;) {
      const behind = [...unrecorded].flatMap((number) => (deciding.has(number) ? [] : (items.get(number) ?? [])));
      const gone = [...unforgotten];
      if (behind.length === 0 && gone.length === 0) break;
      try {
        if (behind.length > 0) await store.put(source, behind);
        if (gone.length > 0) await store.forget(source, gone);
      } catch (error) {
        say(`The disk does not take what became of messages: ${textOf(error)} It is tried again.`);
        later(() => void record([]));
        return;
      }
      // What changed while it was being written is behind still.
      for (const item of behind) if (items.get(item.number) === item) unrecorded.delete(item.number);
      for (const number of gone) unforgotten.delete(number);
    }
    retryMs = diskMs;
    say(null);
  }

  async function record(numbers: readonly number[]): Promise<void> {
    for (const number of numbers) if (items.has(number)) unrecorded.add(number);
    if (retry !== null) return;
    recording ??= catchUp().finally(() => {
      recording = null;
    });
    await recording;
  }

  function trim(): void {
    while (settled.length > keptSettled) {
      const oldest = settled.shift() ?? 0;
      if (!items.has(oldest)) continue;
      remove(oldest);
      unforgotten.add(oldest);
    }
  }

  async function read(then: () => void): Promise<void> {
    let kept: readonly OutboxItem[];
    try {
      kept = await store.load(source);
    } catch (error) {
      say(
        `The messages kept for this source cannot be read: ${textOf(error)} Nothing is sent until they can; it is tried again.`,
      );
      later(() => void read(then));
      return;
    }
    if (state === 'closed') return;
    retryMs = diskMs;
    lastNumber = store.last?.(source) ?? 0;
    for (const item of kept) {
      lastNumber = Math.max(lastNumber, item.number);
      put(item);
      if (!isWaiting(item.state)) settled.push(item.number);
    }
    state = 'open';
    say(null);
    onChange();
    trim();
    void record([]);
    then();
  }

  function requireOpen(): void {
    if (state === 'closed') throw new Error('This source was closed or edited just now: send it again.');
    if (state === 'reading') throw new Error(problem ?? 'The messages kept for this source are still being read.');
  }

  return {
    open: read,
    async add(make) {
      requireOpen();
      const item = make(lastNumber + 1);
      if (waiting >= maxWaiting || waitingChars + item.body.length > maxWaitingChars) {
        throw new Error(`The outbox is full: ${waiting} messages wait. Decide about the unknown ones, or wait.`);
      }
      // A number is given once, taken or not: should half of a refused one be left on the disk, nothing joins it.
      lastNumber += 1;
      count(item, 1);
      try {
        await store.put(source, [item]);
      } finally {
        count(item, -1);
      }
      put(item);
      onChange();
      return item;
    },
    queued(limit) {
      const found: OutboxItem[] = [];
      for (const item of items.values()) {
        if (found.length >= limit || deciding.has(item.number)) break;
        if (item.state === 'queued') found.push(item);
      }
      return found;
    },
    get: (number) => items.get(number) ?? null,
    waits: (number) => items.get(number)?.state === 'queued' && !deciding.has(number) && !unrecorded.has(number),
    doubtful(key) {
      const item = items.get(Number(key.slice(key.lastIndexOf('-') + 1)));
      if (item?.key !== key || deciding.has(item.number)) return null;
      return item.state === 'unknown' || item.state === 'sent' ? item : null;
    },
    mark,
    left(number, place) {
      const item = items.get(number);
      if (item) put(withPlace(item, place));
    },
    belongs(number, to) {
      const item = items.get(number);
      if (item) put({ ...item, to });
    },
    async before(next, place) {
      // What is written now stands behind whatever was still to be recorded of them.
      for (const { number } of next) unrecorded.delete(number);
      try {
        await store.put(
          source,
          next.map((item) => ({ ...(place ? withPlace(item, place) : item), state: 'sending' as const })),
        );
      } catch (error) {
        void record(next.map(({ number }) => number));
        throw error;
      }
    },
    settle(number, to, note) {
      const before = items.get(number)?.state;
      mark(number, to, note);
      if (!isWaiting(to) && before !== undefined && isWaiting(before)) settled.push(number);
      trim();
      void record([number]);
    },
    record,
    async decide(number, decision, to) {
      requireOpen();
      const item = items.get(number);
      if (!item || deciding.has(number)) return;
      if (decision === 'again' && !forPerson(item.state)) return;
      if (item.state === 'sending') throw new Error('It is under way just now and cannot be taken back.');
      deciding.add(number);
      try {
        if (decision === 'dismiss') {
          await store.forget(source, [number]);
          remove(number);
        } else {
          const note = item.state === 'held' ? 'Sent here by you.' : 'Sent again by you.';
          const next: OutboxItem = { ...withPlace(item, null), state: 'queued', note, ...(to === null ? {} : { to }) };
          await store.put(source, [next]);
          put(next);
          unrecorded.delete(number);
        }
      } finally {
        deciding.delete(number);
        // Where the decision was not taken, what was held back for it is written now.
        if (unrecorded.has(number)) void record([]);
      }
      onChange();
    },
    all: () => [...items.values()],
    trouble: () => problem ?? store.damage?.() ?? null,
    close() {
      if (state === 'closed') return;
      const behind = state === 'open' && (unrecorded.size > 0 || unforgotten.size > 0);
      state = 'closed';
      retry?.cancel();
      // Once more: who opens this source next reads it from there.
      if (behind) recording ??= catchUp();
    },
  };
}

/** Those that a person decides about count. */
export function isWaiting(state: OutboxState): boolean {
  return state === 'queued' || state === 'sending' || forPerson(state);
}

/** Never sent by itself: each waits for a person. */
function forPerson(state: OutboxState): boolean {
  return state === 'unknown' || state === 'held';
}

function withPlace({ left: _, ...item }: OutboxItem, place: LogPlace | null): OutboxItem {
  return place ? { ...item, left: place } : item;
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
