import type { OutboxItem, OutboxState, OutboxView } from '../../../shared/outbox';
import type { Clock, Timer } from '../core/clock';
import type { OutboxStore } from '../core/outbox';
import type { Random } from '../core/random';

/** What came of handing a message over by a request of its own. */
export type PostOutcome =
  | { readonly kind: 'acknowledged'; readonly note: string }
  | { readonly kind: 'refused'; readonly note: string }
  /** Not now: ask again later. */
  | { readonly kind: 'later' };

/** The way to the feed just now. */
export interface OutboxLink {
  /** Hands over by the open WebSocket; the number of the session that took it, null where there is none. */
  send(item: OutboxItem): number | null;
  /** Calls back when the session has shown that it got everything sent before; never when it ends before that. */
  confirm(session: number, done: () => void): void;
  /** Hands over by a POST; null where there is no such way. */
  post(item: OutboxItem): Promise<PostOutcome> | null;
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
  /** Takes over what an earlier run left. To be called once, before anything else. */
  open(): Promise<void>;
  /** Takes a message; resolves when it is durable. Rejects with a sentence when it cannot be taken. */
  add(type: string, body: string): Promise<OutboxItem>;
  /** A session can take messages, or a lower rung answers. */
  ready(): void;
  /** The feed has the message of this key. */
  acknowledged(key: string, note: string): void;
  refused(key: string, note: string, later: boolean): void;
  sessionEnded(session: number): void;
  /** A person decides about one whose fate is unknown: again with the same key, or no more. */
  again(number: number): Promise<void>;
  dismiss(number: number): Promise<void>;
  view(): OutboxView;
  close(): void;
}

const maxWaiting = 10_000;
const maxWaitingBytes = 16 * 1024 * 1024;
/** Largest message, characters. */
const maxBody = 256 * 1024;
/** Settled ones that stay for looking at. */
const keptSettled = 200;
/** Without acknowledgement this many are under way at once: all of them may become unknown. */
const batch = 16;
/** After a refusal that is not final, ms. */
const laterMs = 1000;
/** An acknowledgement over a WebSocket is waited for this long before the message goes again, ms. */
const answerMs = 15_000;
/** When the disk does not take what must be recorded first, ms. */
const diskMs = 5000;

/** See `Outbox`. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const { source, clock, store, link } = deps;
  const items = new Map<number, OutboxItem>();
  let lastNumber = 0;
  let waiting = 0;
  let waitingBytes = 0;
  /** Numbers under way, and over which session; null for a request of its own. */
  const underWay = new Map<number, number | null>();
  let busy = false;
  let wanted = false;
  let closed = false;
  let timer: Timer | null = null;
  /** Numbers of the settled ones, oldest first. */
  const settled: number[] = [];

  const inState = (state: OutboxState) => [...items.values()].filter((item) => item.state === state);

  function set(item: OutboxItem, state: OutboxState, note = item.note): OutboxItem {
    const next = { ...item, state, note };
    const before = isWaiting(item.state);
    const after = isWaiting(state);
    if (before !== after) {
      waiting += after ? 1 : -1;
      waitingBytes += (after ? 1 : -1) * item.body.length;
    }
    items.set(item.number, next);
    deps.onChange();
    return next;
  }

  /** What is said of it may be lost in a crash: then it is asked again by its key, or shown as unknown. */
  function settle(item: OutboxItem, state: OutboxState, note: string): void {
    underWay.delete(item.number);
    void store.put(source, [set(item, state, note)]).catch(() => {});
    if (!isSettled(state)) return;
    settled.push(item.number);
    if (settled.length <= keptSettled) return;
    const oldest = settled.shift() ?? 0;
    items.delete(oldest);
    void store.forget(source, [oldest]).catch(() => {});
  }

  function arm(ms: number, act: () => void): void {
    timer?.cancel();
    timer = closed ? null : clock.after(ms, act);
  }

  async function pump(): Promise<void> {
    wanted = true;
    if (busy) return;
    busy = true;
    // What came up meanwhile is looked at before resting.
    while (wanted && !closed) {
      wanted = false;
      try {
        if (deps.acknowledges) await pumpAcknowledged();
        else await pumpSilent();
      } catch {
        // The disk does not take it: nothing may leave unrecorded.
        arm(diskMs, () => void pump());
      }
    }
    busy = false;
  }

  /** One after the other, the next when the last is answered: whatever happens, their order holds. */
  async function pumpAcknowledged(): Promise<void> {
    while (!closed && underWay.size === 0) {
      const next = first(items, (item) => item.state === 'queued');
      if (!next) return;
      const session = link.send(next);
      if (session !== null) {
        underWay.set(next.number, session);
        set(next, 'sending');
        arm(answerMs, () => answerOverdue(next.number));
        return;
      }
      const posted = link.post(next);
      if (!posted) return;
      underWay.set(next.number, null);
      set(next, 'sending');
      const outcome = await posted;
      const now = items.get(next.number);
      if (closed || !now) return;
      if (outcome.kind !== 'later') settle(now, outcome.kind, outcome.note);
      else {
        underWay.delete(next.number);
        set(now, 'queued');
        arm(laterMs, () => void pump());
        return;
      }
    }
  }

  function answerOverdue(number: number): void {
    const item = items.get(number);
    if (item?.state !== 'sending' || underWay.get(number) === null) return;
    underWay.delete(number);
    set(item, 'queued');
    void pump();
  }

  /** What leaves is marked on the disk before it leaves: after a crash nothing that may have gone goes again. */
  async function pumpSilent(): Promise<void> {
    const next = [...items.values()].filter((item) => item.state === 'queued').slice(0, batch);
    if (next.length === 0 || underWay.size > 0) return;
    await store.put(
      source,
      next.map((item) => ({ ...item, state: 'sending' as const })),
    );
    const sent: OutboxItem[] = [];
    let over: number | null = null;
    for (const item of next) {
      const session: number | null = closed ? null : link.send(item);
      if (session === null || (over !== null && session !== over)) break;
      over = session;
      underWay.set(item.number, session);
      sent.push(set(item, 'sending'));
    }
    const stayed = next.slice(sent.length);
    if (stayed.length > 0) await store.put(source, stayed);
    if (over === null) return;
    const numbers = sent.map(({ number }) => number);
    link.confirm(over, () => {
      for (const number of numbers) {
        const item = items.get(number);
        if (item?.state === 'sending') settle(item, 'sent', 'The connection showed life after it.');
      }
      void pump();
    });
  }

  function underWayByKey(key: string): OutboxItem | undefined {
    for (const number of underWay.keys()) if (items.get(number)?.key === key) return items.get(number);
    return undefined;
  }

  return {
    async open() {
      for (const kept of await store.load(source)) {
        lastNumber = Math.max(lastNumber, kept.number);
        items.set(kept.number, kept);
        if (isSettled(kept.state)) settled.push(kept.number);
        else {
          waiting += 1;
          waitingBytes += kept.body.length;
        }
      }
      const cut = inState('sending');
      for (const item of cut) {
        if (deps.acknowledges) set(item, 'queued');
        else set(item, 'unknown', 'Wirewatch ended while it was under way.');
      }
      if (cut.length > 0) await store.put(source, cut.map(({ number }) => items.get(number)).filter(isItem));
      void pump();
    },
    async add(type, body) {
      if (body.length > maxBody)
        throw new Error(`A message has at most ${maxBody} characters, this one ${body.length}.`);
      if (waiting >= maxWaiting || waitingBytes + body.length > maxWaitingBytes) {
        throw new Error(`The outbox is full: ${waiting} messages wait. Decide about the unknown ones, or wait.`);
      }
      lastNumber += 1;
      const item: OutboxItem = {
        number: lastNumber,
        key: `${deps.random.id()}-${lastNumber}`,
        at: clock.wall(),
        type,
        body,
        state: 'queued',
        note: '',
      };
      waiting += 1;
      waitingBytes += body.length;
      try {
        await store.put(source, [item]);
      } catch (error) {
        waiting -= 1;
        waitingBytes -= body.length;
        throw error;
      }
      items.set(item.number, item);
      deps.onChange();
      void pump();
      return item;
    },
    ready: () => void pump(),
    acknowledged(key, note) {
      const item = underWayByKey(key);
      if (!item) return;
      settle(item, 'acknowledged', note);
      void pump();
    },
    refused(key, note, again) {
      const item = underWayByKey(key);
      if (!item) return;
      if (!again) {
        settle(item, 'refused', note);
        void pump();
        return;
      }
      underWay.delete(item.number);
      set(item, 'queued', note);
      arm(laterMs, () => void pump());
    },
    sessionEnded(session) {
      for (const [number, over] of [...underWay]) {
        const item = items.get(number);
        if (over !== session || !item) continue;
        if (deps.acknowledges) {
          underWay.delete(number);
          set(item, 'queued');
        } else settle(item, 'unknown', 'The connection was cut while it was under way.');
      }
      void pump();
    },
    async again(number) {
      const item = items.get(number);
      if (item?.state !== 'unknown') return;
      await store.put(source, [set(item, 'queued', 'Sent again by you.')]);
      void pump();
    },
    async dismiss(number) {
      const item = items.get(number);
      if (!item || item.state === 'sending') return;
      if (isWaiting(item.state)) {
        waiting -= 1;
        waitingBytes -= item.body.length;
      }
      items.delete(number);
      await store.forget(source, [number]);
      deps.onChange();
    },
    view() {
      const all = [...items.values()];
      return {
        promise: deps.promise,
        queued: all.filter(({ state }) => state === 'queued' || state === 'sending').length,
        unknown: all.filter(({ state }) => state === 'unknown').length,
        items: all.slice(-keptSettled).reverse(),
      };
    },
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}

/** Unknown ones count: each waits for a person. */
function isWaiting(state: OutboxState): boolean {
  return state === 'queued' || state === 'sending' || state === 'unknown';
}

function isSettled(state: OutboxState): boolean {
  return !isWaiting(state);
}

function isItem(item: OutboxItem | undefined): item is OutboxItem {
  return item !== undefined;
}

function first(items: ReadonlyMap<number, OutboxItem>, wanted: (item: OutboxItem) => boolean): OutboxItem | null {
  for (const item of items.values()) if (wanted(item)) return item;
  return null;
}
