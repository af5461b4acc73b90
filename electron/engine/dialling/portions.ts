import { ByteQueue } from '../core/byte-queue';
import type { Clock, MonotonicMs } from '../core/clock';
import { createTurn } from './turn';

/** Handed on at once, bytes. */
const portionBytes = 32 * 1024;
/** The same where two in a row took long: a peer can fill them with messages of two bytes, each as dear as a large one. */
const smallPortionBytes = 1024;
const longMs = 4;
/** They stay small for so long the first time, and twice as long each time after, until a minute went without. */
const carefulMs = 100;
const longestCarefulMs = 10_000;
const calmMs = 60_000;

/** What is read from one connection, on its way to who understands it. */
export interface Portions {
  /** Nothing is handed on within the call. What is added one after another is handed on together. */
  add(bytes: Uint8Array): void;
  /** Calls back once everything added has been handed on; at once where nothing waits. */
  end(done: () => void): void;
  /** Hands on all that waits, however long it takes. */
  flush(): void;
  /** Nothing is handed on until `release`. */
  hold(): void;
  release(): void;
  /** Forgets what waits; no callback follows. */
  drop(): void;
}

export interface PortionsSink {
  give(bytes: Uint8Array): void;
  /** More has come than a turn takes: nothing should be read until `onRoom`. May be repeated. */
  onFull(): void;
  onRoom(): void;
}

/**
 * Hands bytes on in portions, and after a few milliseconds lets the event loop turn: however many messages, comments or
 * chunks a read is made of, it keeps nobody else waiting, and costs one call a portion instead of one a chunk.
 */
export function createPortions(clock: Clock, sink: PortionsSink): Portions {
  const queue = new ByteQueue();
  let ending: (() => void) | null = null;
  let held = false;
  let dropped = false;
  let full = false;
  let scheduled = false;
  const turnIsOver = createTurn();
  let gaveAt: MonotonicMs | null = null;
  /** The last portion took long; one alone may have been our own doing. */
  let slow = false;
  let nextCarefulMs = carefulMs;
  let carefulUntil = Number.NEGATIVE_INFINITY;

  function schedule(when: (act: () => void) => void): void {
    if (scheduled) return;
    scheduled = true;
    when(pour);
  }

  function pour(): void {
    scheduled = false;
    if (dropped || held) return;
    const now = clock.now();
    if (gaveAt !== null) {
      const long = now - gaveAt > longMs;
      if (slow && long) beCareful(now);
      slow = long;
    }
    gaveAt = null;
    if (queue.length === 0) {
      settle();
      return;
    }
    if (turnIsOver(now)) {
      full = true;
      sink.onFull();
      schedule(setImmediate);
      return;
    }
    gaveAt = now;
    sink.give(queue.takeSome(now < carefulUntil ? smallPortionBytes : portionBytes));
    if (!dropped) schedule(afterMicrotasks);
  }

  function beCareful(now: MonotonicMs): void {
    if (now < carefulUntil) return;
    nextCarefulMs = now - carefulUntil > calmMs ? carefulMs : Math.min(longestCarefulMs, nextCarefulMs * 2);
    carefulUntil = now + nextCarefulMs;
  }

  function settle(): void {
    if (full) {
      full = false;
      sink.onRoom();
    }
    const done = ending;
    ending = null;
    done?.();
  }

  return {
    add(bytes) {
      queue.add(bytes);
      schedule(process.nextTick);
    },
    end(done) {
      if (queue.length === 0) done();
      else ending = done;
    },
    flush() {
      while (queue.length > 0 && !dropped) sink.give(queue.takeSome(portionBytes));
    },
    hold() {
      held = true;
    },
    release() {
      held = false;
      if (queue.length > 0 || full) schedule(process.nextTick);
    },
    drop() {
      dropped = true;
      queue.clear();
      ending = null;
    },
  };
}

/** Once the promises are through that what was handed on has set going: what it costs is seen only then. */
function afterMicrotasks(act: () => void): void {
  queueMicrotask(() => process.nextTick(act));
}
