import type { OutboxItem, OutboxState } from '../../../shared/outbox';
import { deadline, type Timer } from '../core/clock';
import type { KeyMemory } from '../core/protocol';
import { uniform } from '../core/random';
import { createConfirming } from './confirming';
import type { Outbox, OutboxDeps, Posting } from './contract';
import { type ServerPlace, whyUnknown } from './key-memory';
import { createShelf, keptSettled } from './shelf';
import { takeOver } from './take-over';

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
/** A place that was heard of before a request failed is looked at again after this, ms. */
const newsMs = 1000;
/** When the disk does not take what must be recorded first, ms. */
const diskMs = 5000;

/** See `Outbox`. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const { clock, link, random, keys, onChange } = deps;
  const shelf = createShelf({ source: deps.source, clock, store: deps.store, onChange });
  /** Numbers under way, and over which session; null for a request of its own. */
  const underWay = new Map<number, number | null>();
  /** Numbers that an answer is waited for of, and how long. */
  const patience = new Map<number, Timer>();
  const confirming = createConfirming({
    clock,
    underWay,
    confirm: link.confirm,
    onShown(numbers) {
      for (const number of numbers) {
        underWay.delete(number);
        shelf.settle(number, 'sent', 'The connection showed life after it.');
      }
      pump();
    },
  });
  let posting: Posting | null = null;
  /** The number whose first try is under way: an answer to that one says that the feed does not have it. */
  let firstTry: number | null = null;
  /** What a place was heard of before, monotonic ms, says nothing of a message in doubt: its server may have gone since. */
  let doubtfulSince = Number.NEGATIVE_INFINITY;
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
        if (keys) await pumpAcknowledged(keys);
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
  async function pumpAcknowledged(known: KeyMemory): Promise<void> {
    while (!closed && underWay.size === 0 && clock.now() >= notBefore) {
      const [next] = shelf.queued(1);
      const place = link.place();
      if (!next || !place) return;
      if (!(next.left ? mayGoAgain(next, place, known) : await mayLeave(next, place))) {
        if (shelf.get(next.number)?.state === 'unknown') continue;
        return;
      }
      const session = link.send(next);
      if (session !== null && typeof session !== 'number') {
        shelf.settle(next.number, 'refused', session.refused);
        continue;
      }
      if (session !== null) {
        underWay.set(next.number, session);
        shelf.mark(next.number, 'sending');
        arm(answerMs, () => answerOverdue(next.number));
        return;
      }
      posting = link.post(next, place.epoch);
      if (!posting) return stay(next);
      underWay.set(next.number, null);
      shelf.mark(next.number, 'sending');
      const outcome = await posting.outcome;
      posting = null;
      if (closed) return;
      underWay.delete(next.number);
      if (outcome.kind === 'later') {
        putBack(next.number, outcome.answered === true);
        wait(outcome.floorMs);
      } else {
        putOff = 0;
        shelf.settle(next.number, outcome.kind, outcome.note);
      }
    }
  }

  /** The feed must know its key again: what it forgot it would take twice. */
  function mayGoAgain({ number, left }: OutboxItem, place: ServerPlace, known: KeyMemory): boolean {
    if (!left) return true;
    firstTry = null;
    if (place.heardAt <= doubtfulSince) {
      arm(newsMs, pump);
      return false;
    }
    const why = whyUnknown(left, place, known, clock.wall());
    if (why !== null) shelf.settle(number, 'unknown', why);
    return why === null;
  }

  /** The disk says first that it leaves, and how far the feed's log is: after a crash that decides whether it may go again. */
  async function mayLeave({ number }: OutboxItem, { epoch, head }: ServerPlace): Promise<boolean> {
    const item = shelf.get(number);
    if (!item) return false;
    const left = { epoch, head, at: clock.wall() };
    await shelf.before([item], left);
    // Meanwhile a person may have let go of it, or another server have come.
    if (closed || !shelf.waits(number)) return false;
    if (link.place()?.epoch !== epoch) {
      stay(item);
      return false;
    }
    firstTry = number;
    shelf.left(number, left);
    return true;
  }

  /** It did not leave. One that left before stays in doubt. */
  function stay({ number }: OutboxItem): void {
    if (firstTry === number || !shelf.get(number)?.left) {
      shelf.left(number, null);
      void shelf.record([number]);
    }
    firstTry = null;
  }

  /** It waits to go again. `answered`: it is known that this try did not bring it there. */
  function putBack(number: number, answered: boolean, note?: string): void {
    shelf.mark(number, 'queued', note);
    if (!answered) doubtfulSince = clock.now();
    else if (firstTry === number) {
      shelf.left(number, null);
      void shelf.record([number]);
    }
    firstTry = null;
  }

  function answerOverdue(number: number): void {
    const over = underWay.get(number);
    if (over === undefined || over === null) return;
    underWay.delete(number);
    putBack(number, false);
    pump();
  }

  /** What leaves is marked on the disk before it leaves: after a crash nothing that may have gone goes again. */
  async function pumpSilent(): Promise<void> {
    const next = link.open() ? shelf.queued(batch - underWay.size) : [];
    if (next.length === 0) return;
    await shelf.before(next, null);
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
      if (typeof session !== 'number') {
        shelf.settle(item.number, 'refused', session.refused);
        continue;
      }
      underWay.set(item.number, session);
      shelf.mark(item.number, 'sending');
      if (deps.answers) awaitAnswer(item.number);
      else confirming.left(item.number);
    }
    if (stayed.length > 0) await shelf.record(stayed);
    if (closed) return;
    confirming.inTime(underWay.size >= batch);
    // Whoever was passed over for one that a person decides about has its turn after that decision.
  }

  /** Over a connection that stays silent about it nothing is known of it, and others have waited long enough. */
  function awaitAnswer(number: number): void {
    const timer = deadline(clock, answerMs, () => {
      patience.delete(number);
      if (!underWay.delete(number)) return;
      shelf.settle(number, 'unknown', `The feed did not answer it within ${answerMs / 1000} s.`);
      pump();
    });
    patience.set(number, timer);
  }

  function noLongerUnderWay(number: number): void {
    underWay.delete(number);
    patience.get(number)?.cancel();
    patience.delete(number);
  }

  function underWayByKey(key: string): OutboxItem | null {
    for (const number of underWay.keys()) {
      const item = shelf.get(number);
      if (item?.key === key) return item;
    }
    return null;
  }

  /** What a feed says late of a message that it may not know again: where keys are known, another try has brought the answer. */
  const lateByKey = (key: string): OutboxItem | null => (keys ? null : shelf.doubtful(key));

  async function decide(number: number, decision: 'again' | 'dismiss'): Promise<void> {
    try {
      await shelf.decide(number, decision, deps.to);
    } finally {
      pump();
    }
  }

  return {
    open: () =>
      shelf.open(() => {
        takeOver(shelf, { keys: keys !== null, to: deps.to });
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
        ...(deps.to === null ? {} : { to: deps.to }),
      }));
      pump();
      return item;
    },
    ready: pump,
    acknowledged(key, note) {
      const item = underWayByKey(key) ?? lateByKey(key);
      if (!item || closed) return;
      noLongerUnderWay(item.number);
      putOff = 0;
      shelf.settle(item.number, 'acknowledged', note);
      pump();
    },
    refused(key, note, floorMs) {
      const late = underWayByKey(key) === null;
      const item = underWayByKey(key) ?? lateByKey(key);
      if (!item || closed) return;
      noLongerUnderWay(item.number);
      if (floorMs !== null && !late) {
        putBack(item.number, true, note);
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
        noLongerUnderWay(number);
        if (keys) putBack(number, false);
        else shelf.settle(number, 'unknown', 'The connection was cut while it was under way.');
      }
      pump();
    },
    again: (number) => decide(number, 'again'),
    dismiss: (number) => decide(number, 'dismiss'),
    view() {
      const all = shelf.all();
      const count = (...states: readonly OutboxState[]) => all.filter(({ state }) => states.includes(state)).length;
      return {
        promise: deps.promise,
        trouble: shelf.trouble(),
        queued: count('queued', 'sending'),
        held: count('held'),
        unknown: count('unknown'),
        items: all.slice(-keptSettled).reverse(),
      };
    },
    close() {
      closed = true;
      timer?.cancel();
      confirming.close();
      for (const timer of patience.values()) timer.cancel();
      patience.clear();
      posting?.cancel();
      shelf.close();
    },
  };
}
