import type { Clock, Timer } from '../core/clock';
import type { Pressure } from '../core/delivery';
import type { JournalEntry } from '../core/journal';
import type { SourceCommit, ToWorker } from './messages';
import { createQueue, type Sent } from './queue';

export interface JournalLimits {
  /** Longest wait of an entry before its group is handed over, ms. */
  readonly groupMs: number;
  /** Events that are handed over at once, without waiting. */
  readonly groupEvents: number;
  /** Above these the pressure is `wait`; `go` comes at half of them. */
  readonly waitEvents: number;
  readonly waitBytes: number;
}

export const defaultLimits: JournalLimits = {
  groupMs: 50,
  groupEvents: 8_192,
  waitEvents: 65_536,
  waitBytes: 32 * 1024 * 1024,
};

/** Groups handed over and not yet committed. */
const underWay = 2;

export interface HandOverDeps {
  readonly clock: Clock;
  readonly limits: JournalLimits;
  post(message: ToWorker, transfer: readonly ArrayBuffer[]): void;
  committed(source: string, number: number): void;
  /** What was under way of this source is not stored. */
  lost(source: string): void;
  pressed(pressure: Pressure): void;
}

/** Gathers entries into groups and hands them to the worker, a few at a time, as long as it is not held. */
export interface HandOver {
  /** Events not yet durable. */
  readonly behind: number;
  /** Groups are under way. */
  readonly busy: boolean;
  /** Takes an entry; false when it is held and holds more than it may. */
  add(entry: JournalEntry): boolean;
  /** Of an entry that is otherwise dropped, keeps the transitions. */
  addTransitions(entry: JournalEntry): void;
  readonly pressure: Pressure;
  /** What was taken of a source and is not committed, oldest first. */
  unstored(source: string): readonly SourceCommit[];
  /** Drops what is gathered of one source; its transitions stay. */
  drop(source: string): void;
  /** Drops it whole: what is under way of it is nobody's news any more, though another may be added with its id. */
  forget(source: string): void;
  /** Hands over what there is, if there is room under way. */
  now(): void;
  /** Until what was added is committed, or cannot be. */
  flush(): Promise<void>;
  onCommitted(group: number): void;
  /** A group cannot be stored. */
  onGivenUp(group: number): void;
  /** The worker is gone, with all that was under way. */
  onWorkerGone(): void;
  /** Nothing can be stored: nobody waits, nothing is handed over until `release`. */
  hold(): void;
  release(): void;
  /** No timer is left. */
  close(): void;
}

export function createHandOver({ clock, limits, post, committed, lost, pressed }: HandOverDeps): HandOver {
  const { groupMs, groupEvents, waitEvents, waitBytes } = limits;
  const queue = createQueue();
  const sent: Sent[] = [];
  let groups = 0;
  let flushTimer: Timer | null = null;
  let pressure: Pressure = 'go';
  let held = false;
  let waiters: { readonly group: number; resolve(): void }[] = [];

  /** What is not yet durable. */
  function waiting(): { readonly events: number; readonly bytes: number } {
    let { events, bytes } = queue;
    for (const group of sent) {
      events += group.events;
      bytes += group.bytes;
    }
    return { events, bytes };
  }

  function weigh(): void {
    const { events, bytes } = waiting();
    const behind = !held && (events > waitEvents || bytes > waitBytes);
    const drained = held || (events <= waitEvents / 2 && bytes <= waitBytes / 2);
    if (pressure === 'go' ? !behind : !drained) return;
    pressure = behind ? 'wait' : 'go';
    pressed(pressure);
  }

  function now(): void {
    flushTimer?.cancel();
    flushTimer = null;
    if (queue.empty || held || sent.length >= underWay) return;
    const { group, sent: account, transfer } = queue.take(++groups, clock.wall());
    sent.push(account);
    post({ kind: 'commit', group }, transfer);
  }

  function schedule(): void {
    if (flushTimer || queue.empty || held) return;
    flushTimer = clock.after(groupMs, now);
  }

  /** Lets go whoever waits for a group up to this one. */
  function settle(number: number): void {
    const done = waiters.filter((waiter) => waiter.group <= number);
    waiters = waiters.filter((waiter) => waiter.group > number);
    for (const waiter of done) waiter.resolve();
  }

  function lose(accounts: readonly Sent[]): void {
    for (const account of accounts) for (const [source] of account.entries) lost(source);
  }

  return {
    get behind() {
      return waiting().events;
    },
    get busy() {
      return sent.length > 0;
    },
    get pressure() {
      return pressure;
    },

    add(entry) {
      queue.add(entry);
      if (held) return queue.events <= waitEvents && queue.bytes <= waitBytes;
      if (queue.events >= groupEvents) now();
      schedule();
      weigh();
      return true;
    },

    unstored(source) {
      const sentOnes = sent.flatMap(({ commits }) => commits.filter((commit) => commit.source === source));
      const gathered = queue.peek(source);
      return gathered ? [...sentOnes, gathered] : sentOnes;
    },

    addTransitions: queue.addTransitions,
    drop: (source) => queue.drop(source, true),
    forget(source) {
      queue.drop(source, false);
      sent.forEach((account, at) => {
        const entries = account.entries.filter(([name]) => name !== source);
        sent[at] = { ...account, entries, commits: account.commits.filter((commit) => commit.source !== source) };
      });
    },
    now,

    flush() {
      now();
      if (held || (sent.length === 0 && queue.empty)) return Promise.resolve();
      // With the pipe full the rest goes as the next group.
      const group = queue.empty ? groups : groups + 1;
      return new Promise((resolve) => {
        waiters.push({ group, resolve });
      });
    },

    onCommitted(number) {
      const account = sent.shift();
      if (!account || account.number !== number) throw new Error(`group ${number} committed out of turn`);
      for (const [source, entry] of account.entries) committed(source, entry);
      settle(number);
      weigh();
      if (queue.events >= groupEvents) now();
      else schedule();
    },

    onGivenUp(number) {
      const at = sent.findIndex((account) => account.number === number);
      lose(sent.splice(at, 1));
      settle(number);
      weigh();
    },

    onWorkerGone() {
      lose(sent.splice(0));
    },

    hold() {
      held = true;
      settle(Number.POSITIVE_INFINITY);
      weigh();
    },

    release() {
      held = false;
      now();
    },

    close() {
      flushTimer?.cancel();
    },
  };
}
