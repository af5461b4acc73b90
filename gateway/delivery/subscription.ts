import type { Backplane, LogEntry } from '../backplane/backplane';
import type { CannotResume, Goodbye, GoodbyeReason, Hello } from '../messages';
import { goodbyeOf } from '../messages';
import type { Report } from '../tell';
import { type AttachRequest, attachPoint } from './attach';
import type { Batch } from './frame';
import type { Hub } from './hub';
import { type Attached, heartbeatDue, type Roster } from './roster';

/** The wire of one push client. Nothing here waits: `queuedBytes` says how far the peer is behind. */
export interface Outlet {
  readonly transport: 'websocket' | 'sse';
  hello(hello: Hello): void;
  cannotResume(message: CannotResume): void;
  batch(batch: Batch): void;
  /** A page of the past; `flushed` once the socket has taken it. */
  page(epoch: string, entries: readonly LogEntry[], flushed: () => void): void;
  heartbeat(epoch: string, head: number): void;
  queuedBytes(): number;
  /** Bytes the peer's side has taken since the connection began. Only grows. */
  takenBytes(): number;
  /** Says goodbye, then closes; destroys the connection if the peer does not let go. */
  end(goodbye: Goodbye): void;
  reset(): void;
}

export interface SubscriptionDeps {
  readonly hub: Hub;
  readonly backplane: Backplane;
  readonly roster: Roster;
  readonly outlet: Outlet;
  readonly request: AttachRequest;
  readonly heartbeatMs: number;
  readonly queueBytes: number;
  readonly slowMs: number;
  readonly instance: string;
  /** Monotonic, ms. */
  readonly now: () => number;
  readonly onCut?: () => void;
  /** Hears why it was reset, when something here failed. */
  readonly report: Report;
}

export interface Subscription extends Attached {
  /** Anything was sent outside the subscription. */
  sent(): void;
  /** The peer lets too much wait in its queue: it is cut with a goodbye. */
  cut(): void;
  /** The connection is gone: no timer, listener or place in the roster is left. */
  close(): void;
}

const pageEntries = 500;
const pageBytes = 256 * 1024;

/**
 * One push client's way through the log: it reads pages at the pace of its socket until it has reached the head,
 * then gets the live batches that all clients share. Behind, the log is its queue; live, the queue is the socket's,
 * bounded by `queueBytes`. A client that reads too slowly is cut with a goodbye and resumes from its cursor.
 */
export function startSubscription(deps: SubscriptionDeps): Subscription {
  const { hub, backplane, roster, outlet, heartbeatMs, now } = deps;
  let state: 'attaching' | 'behind' | 'live' | 'closed' = 'attaching';
  let epoch = hub.epoch;
  let delivered = 0;
  let pumping = false;
  let lastSentAt = now();
  let drainedAt = now();
  let taken = 0;
  let wake: (() => void) | null = null;

  const isClosed = () => state === 'closed';

  function close(): void {
    if (state === 'closed') return;
    state = 'closed';
    leave();
    unlisten();
    wake?.();
  }

  function goodbye(reason: GoodbyeReason): void {
    if (state === 'closed') return;
    const message = goodbyeOf(reason, roster.spreadMs());
    close();
    outlet.end(message);
  }

  function cutAsSlow(): void {
    if (state === 'closed') return;
    deps.onCut?.();
    goodbye('slow-consumer');
  }

  /** Something failed here: the client comes back with its cursor, which is worth more than what it has now. */
  function fail(error: unknown): void {
    close();
    outlet.reset();
    deps.report(error);
  }

  async function attach(): Promise<void> {
    const info = await hub.info();
    if (isClosed()) return;
    const point = attachPoint(hub.name, info, deps.request);
    epoch = info.epoch;
    delivered = point.from;
    if (point.cannotResume !== null) outlet.cannotResume(point.cannotResume);
    outlet.hello({
      kind: 'hello',
      stream: hub.name,
      epoch,
      from: point.from,
      head: info.head,
      spreadMs: roster.spreadMs(),
      heartbeatMs,
      instance: deps.instance,
      time: Date.now(),
    });
    lastSentAt = now();
    state = 'behind';
    await pump();
  }

  async function pump(): Promise<void> {
    if (pumping || state !== 'behind') return;
    pumping = true;
    try {
      while (state === 'behind') {
        if (delivered >= hub.head) {
          state = 'live';
          return;
        }
        const page = await backplane.read(hub.name, {
          epoch,
          after: delivered,
          limit: pageEntries,
          maxBytes: pageBytes,
        });
        if (isClosed()) return;
        switch (page.kind) {
          case 'other-epoch':
            goodbye('restart');
            return;
          case 'trimmed':
            // It read more slowly than the log forgets: coming back it is told so by cannot-resume.
            cutAsSlow();
            return;
          case 'page': {
            const last = page.entries.at(-1);
            if (last === undefined) {
              state = 'live';
              return;
            }
            await new Promise<void>((resolve) => {
              wake = resolve;
              outlet.page(epoch, page.entries, resolve);
            });
            wake = null;
            delivered = last.seq;
            lastSentAt = now();
          }
        }
      }
    } finally {
      pumping = false;
    }
  }

  const unlisten = hub.listen({
    batch(batch) {
      if (state !== 'live' || batch.last <= delivered) return;
      if (batch.first !== delivered + 1) {
        state = 'behind';
        pump().catch(fail);
        return;
      }
      // Looked at before writing: a batch that is large by itself is nobody's slowness.
      if (outlet.queuedBytes() > deps.queueBytes) return cutAsSlow();
      try {
        outlet.batch(batch);
      } catch (error) {
        return fail(error);
      }
      delivered = batch.last;
      lastSentAt = now();
    },
    epoch: () => goodbye('restart'),
  });

  const subscription: Subscription = {
    transport: outlet.transport,
    sent() {
      lastSentAt = now();
    },
    tick(at) {
      if (state === 'closed') return;
      const takenNow = outlet.takenBytes();
      if (outlet.queuedBytes() === 0 || takenNow > taken) {
        drainedAt = at;
        taken = takenNow;
      } else if (at - drainedAt >= deps.slowMs) return cutAsSlow();
      if (state === 'attaching' || !heartbeatDue(at, lastSentAt, heartbeatMs)) return;
      outlet.heartbeat(epoch, hub.head);
      lastSentAt = at;
    },
    cut: cutAsSlow,
    goodbye,
    drop: () => outlet.reset(),
    close,
  };
  const leave = roster.add(subscription);
  attach().catch(fail);
  return subscription;
}
