import type { OutboxItem, OutboxView } from '../../../shared/outbox';
import { type Clock, deadline, type Timer } from '../core/clock';
import type { OutboxStore } from '../core/outbox';
import { type Random, uniform } from '../core/random';
import { createShelf, isWaiting, keptSettled } from './shelf';

/** What came of handing a message over by a request of its own. */
export type PostOutcome =
  | { readonly kind: 'acknowledged'; readonly note: string }
  | { readonly kind: 'refused'; readonly note: string }
  /** Not now: ask again, and not before `floorMs` have passed. */
  | { readonly kind: 'later'; readonly floorMs: number };

/** A request under way. */
export interface Posting {
  readonly outcome: Promise<PostOutcome>;
  /** Ends it at once: no timer and no exchange is left. The outcome may never come then. */
  cancel(): void;
}

/** The way to the feed just now. */
export interface OutboxLink {
  /**
   * Hands over by the open WebSocket; the number of the session that took it. Null where there is none, or where its
   * budget is used up: `ready` is called when it can take more.
   */
  send(item: OutboxItem): number | null;
  /** Calls back when the session has shown that it got everything sent before; never when it ends before that. */
  confirm(session: number, done: () => void): void;
  /** Hands over by a POST; null where there is no such way. */
  post(item: OutboxItem): Posting | null;
}

export interface OutboxDeps {
  readonly source: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly store: OutboxStore;
  readonly link: OutboxLink;
  /** The feed says of each message that it has it, and takes one key once. */
  readonly acknowledges: boolean;
  readonly promise: string;
  /** Something of the view changed. */
  onChange(): void;
}

/** Messages from us to one feed: durable, bounded, in order. */
export interface Outbox {
  /** Takes over what an earlier run left. To be called once, before anything else; resolves when that was tried. */
  open(): Promise<void>;
  /** Takes a message; resolves when it is durable. Rejects with a sentence when it cannot be taken: then it never goes. */
  add(type: string, body: string): Promise<OutboxItem>;
  /** A session can take messages, or a lower rung answers. */
  ready(): void;
  /** The feed has the message of this key. */
  acknowledged(key: string, note: string): void;
  /** The feed does not take it: for good, or (`floorMs`) not before that many ms have passed. */
  refused(key: string, note: string, floorMs: number | null): void;
  sessionEnded(session: number): void;
  /** A person decides about one whose fate is unknown: again with the same key, or no more. Rejects with a sentence. */
  again(number: number): Promise<void>;
  dismiss(number: number): Promise<void>;
  view(): OutboxView;
  /** Ends it: no timer and no exchange is left. */
  close(): void;
}

/** Largest message, characters. */
const maxBody = 256 * 1024;
/** Without acknowledgement this many are under way at once: all of them may become unknown. */
const batch = 16;
/** After a refusal that is not final, ms; doubled each time up to the longest, half of it by chance. */
const laterMs = 1000;
const longestLaterMs = 30_000;
/** What a feed asks for counts up to an hour, as every floor. */
const longestFloorMs = 3_600_000;
/** An acknowledgement over a WebSocket is waited for this long before the message goes again, ms. */
const answerMs = 15_000;
/** When the disk does not take what must be recorded first, ms. */
const diskMs = 5000;
/** What was sent in this time is confirmed together, ms: a ping for each would double what we send. */
const confirmMs = 1000;

/** See `Outbox`. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const { clock, link, random, onChange } = deps;
  const shelf = createShelf({ source: deps.source, clock, store: deps.store, onChange });
  /** Numbers under way, and over which session; null for a request of its own. */
  const underWay = new Map<number, number | null>();
  /** Numbers sent since a sign of life was last asked for. */
  let unconfirmed: number[] = [];
  let confirmAt = 0;
  let confirmTimer: Timer | null = null;
  let posting: Posting | null = null;
  let busy = false;
  let wanted = false;
  let closed = false;
  let timer: Timer | null = null;
  /** Nothing is sent before this, monotonic ms, and how often in a row it was put off. */
  let notBefore = 0;
  let putOff = 0;

  function arm(ms: number, act: () => void): void {
    timer?.cancel();
    timer = closed ? null : deadline(clock, ms, act);
  }

  function wait(floorMs: number): void {
    const longest = Math.min(longestLaterMs, laterMs * 2 ** Math.min(putOff, 10));
    const ms = Math.min(longestFloorMs, Math.max(0, floorMs)) + uniform(random, longest / 2, longest);
    putOff += 1;
    notBefore = clock.now() + ms;
    arm(ms, pump);
  }

  function pump(): void {
    wanted = true;
    if (!busy) void drain();
  }

  async function drain(): Promise<void> {
    busy = true;
    // What came up meanwhile is looked at before resting.
    while (wanted && !closed && clock.now() >= notBefore) {
      wanted = false;
      try {
        if (deps.acknowledges) await pumpAcknowledged();
        else await pumpSilent();
      } catch {
        // The disk does not take it: nothing may leave unrecorded.
        notBefore = clock.now() + diskMs;
        arm(diskMs, pump);
      }
    }
    busy = false;
  }

  /** One after the other, the next when the last is answered: whatever happens, their order holds. */
  async function pumpAcknowledged(): Promise<void> {
    while (!closed && underWay.size === 0 && clock.now() >= notBefore) {
      const [next] = shelf.queued(1);
      if (!next) return;
      const session = link.send(next);
      if (session !== null) {
        underWay.set(next.number, session);
        shelf.mark(next.number, 'sending');
        arm(answerMs, () => answerOverdue(next.number));
        return;
      }
      posting = link.post(next);
      if (!posting) return;
      underWay.set(next.number, null);
      shelf.mark(next.number, 'sending');
      const outcome = await posting.outcome;
      posting = null;
      if (closed) return;
      underWay.delete(next.number);
      if (outcome.kind === 'later') {
        shelf.mark(next.number, 'queued');
        wait(outcome.floorMs);
      } else {
        putOff = 0;
        shelf.settle(next.number, outcome.kind, outcome.note);
      }
    }
  }

  function answerOverdue(number: number): void {
    const over = underWay.get(number);
    if (over === undefined || over === null) return;
    underWay.delete(number);
    shelf.mark(number, 'queued');
    pump();
  }

  /** What leaves is marked on the disk before it leaves: after a crash nothing that may have gone goes again. */
  async function pumpSilent(): Promise<void> {
    const next = shelf.queued(batch - underWay.size);
    if (next.length === 0) return;
    await shelf.before(next, 'sending');
    let open = true;
    const stayed: number[] = [];
    for (const item of next) {
      // A person may have let go of it while it was written.
      const session = open && !closed && shelf.waits(item.number) ? link.send(item) : null;
      if (session === null) {
        open = false;
        stayed.push(item.number);
        continue;
      }
      underWay.set(item.number, session);
      unconfirmed.push(item.number);
      shelf.mark(item.number, 'sending');
    }
    if (stayed.length > 0) await shelf.record(stayed);
    if (closed) return;
    confirmInTime();
    // Whoever was passed over for one that a person decides about has its turn after that decision.
  }

  /** At once after a quiet second or when no more may be under way, else when that second is over. */
  function confirmInTime(): void {
    if (unconfirmed.length === 0) return;
    const ms = underWay.size >= batch ? 0 : confirmAt + confirmMs - clock.now();
    if (ms <= 0) {
      confirmTimer?.cancel();
      confirmTimer = null;
      confirmNow();
    } else {
      confirmTimer ??= clock.after(ms, () => {
        confirmTimer = null;
        confirmNow();
      });
    }
  }

  function confirmNow(): void {
    confirmAt = clock.now();
    const sent = unconfirmed;
    unconfirmed = [];
    for (const session of new Set(sent.map((number) => underWay.get(number) ?? null))) {
      if (session === null) continue;
      const numbers = sent.filter((number) => underWay.get(number) === session);
      link.confirm(session, () => {
        if (closed) return;
        for (const number of numbers) {
          if (underWay.get(number) !== session) continue;
          underWay.delete(number);
          shelf.settle(number, 'sent', 'The connection showed life after it.');
        }
        pump();
      });
    }
  }

  function underWayByKey(key: string): OutboxItem | null {
    for (const number of underWay.keys()) {
      const item = shelf.get(number);
      if (item?.key === key) return item;
    }
    return null;
  }

  async function decide(number: number, decision: 'again' | 'dismiss'): Promise<void> {
    try {
      await shelf.decide(number, decision);
    } finally {
      pump();
    }
  }

  return {
    open: () =>
      shelf.open(() => {
        const cut = shelf.all().filter(({ state }) => state === 'sending');
        for (const { number } of cut) {
          if (deps.acknowledges) shelf.mark(number, 'queued');
          else shelf.mark(number, 'unknown', 'Wirewatch ended, or the source was edited, while it was under way.');
        }
        void shelf.record(cut.map(({ number }) => number));
        pump();
      }),
    async add(type, body) {
      if (body.length > maxBody)
        throw new Error(`A message has at most ${maxBody} characters, this one ${body.length}.`);
      const item = await shelf.add((number) => ({
        number,
        key: `${random.id()}-${number}`,
        at: clock.wall(),
        type,
        body,
        state: 'queued',
        note: '',
      }));
      pump();
      return item;
    },
    ready: pump,
    acknowledged(key, note) {
      const item = underWayByKey(key);
      if (!item || closed) return;
      underWay.delete(item.number);
      putOff = 0;
      shelf.settle(item.number, 'acknowledged', note);
      pump();
    },
    refused(key, note, floorMs) {
      const item = underWayByKey(key);
      if (!item || closed) return;
      underWay.delete(item.number);
      if (floorMs !== null) {
        shelf.mark(item.number, 'queued', note);
        wait(floorMs);
        return;
      }
      putOff = 0;
      shelf.settle(item.number, 'refused', note);
      pump();
    },
    sessionEnded(session) {
      if (closed) return;
      for (const [number, over] of [...underWay]) {
        if (over !== session) continue;
        underWay.delete(number);
        if (deps.acknowledges) shelf.mark(number, 'queued');
        else shelf.settle(number, 'unknown', 'The connection was cut while it was under way.');
      }
      pump();
    },
    again: (number) => decide(number, 'again'),
    dismiss: (number) => decide(number, 'dismiss'),
    view() {
      const all = shelf.all();
      return {
        promise: deps.promise,
        trouble: shelf.trouble(),
        queued: all.filter(({ state }) => isWaiting(state) && state !== 'unknown').length,
        unknown: all.filter(({ state }) => state === 'unknown').length,
        items: all.slice(-keptSettled).reverse(),
      };
    },
    close() {
      closed = true;
      timer?.cancel();
      confirmTimer?.cancel();
      posting?.cancel();
      shelf.close();
    },
  };
}
