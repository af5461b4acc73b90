import type { OutboxItem } from '../../../../shared/outbox';
import type { OutboxStore } from '../../core/outbox';
import { createFakeClock } from '../../simulation/fake-clock';
import { createSeededRandom } from '../../simulation/seeded-random';
import type { Outbox, PostOutcome } from '../contract';
import { createOutbox } from '../outbox';

/** A disk that is slow or full when the test says so. What it rejects is not on it (see `OutboxStore`). */
export function createDisk(clock: ReturnType<typeof createFakeClock>) {
  const held = new Map<number, OutboxItem>();
  let last: Promise<void> = Promise.resolve();
  const disk = { fails: false, delayMs: 0, held };

  function write(apply: () => void): Promise<void> {
    const done = last.then(async () => {
      if (disk.delayMs > 0) await new Promise<void>((resolve) => void clock.after(disk.delayMs, resolve));
      if (disk.fails) throw new Error('ENOSPC');
      apply();
    });
    last = done.catch(() => {});
    return done;
  }

  const store: OutboxStore = {
    async load() {
      await last;
      if (disk.fails) throw new Error('EIO');
      return [...held.values()].sort((a, b) => a.number - b.number);
    },
    put: (_, items) =>
      write(() => {
        for (const item of items) held.set(item.number, item);
      }),
    forget: (_, numbers) =>
      write(() => {
        for (const number of numbers ?? [...held.keys()]) held.delete(number);
      }),
  };
  return Object.assign(disk, { store });
}

/** One arrival of a message at the feed. */
export interface Arrival {
  readonly key: string;
  readonly body: string;
  /** In the order of all that happens in this world. */
  readonly at: number;
}

/**
 * An outbox, its disk and its feed, each of which the test makes slow, failing or absent. The outbox has a clock of its
 * own, so that its timers can be counted.
 */
export function createWorld(acknowledges: boolean) {
  const clock = createFakeClock();
  const outside = createFakeClock();
  const disk = createDisk(outside);
  const arrivals: Arrival[] = [];
  /** What a feed that knows keys keeps, by key. */
  const taken = new Map<string, string>();
  let order = 0;
  let session = 0;
  const feed = { answers: 'yes' as 'yes' | 'later' | 'nothing', up: false, posts: false, pings: 0, exchanges: 0 };

  function arrive({ key, body }: OutboxItem): void {
    order += 1;
    arrivals.push({ key, body, at: order });
    if (feed.answers === 'yes' && !taken.has(key)) taken.set(key, body);
  }

  let outbox: Outbox = start();
  function start(): Outbox {
    let closed = false;
    const made: Outbox = createOutbox({
      source: 's',
      clock,
      random: createSeededRandom(++order),
      store: disk.store,
      keys: acknowledges ? { events: 9_000, ms: 82_800_000 } : null,
      to: null,
      promise: '',
      onChange: () => {},
      link: {
        send(item) {
          if (!feed.up) return null;
          const over = session;
          const answers = feed.answers;
          arrive(item);
          outside.after(20, () => {
            if (closed || over !== session || !feed.up || !acknowledges) return;
            if (answers === 'yes') made.acknowledged(item.key, '');
            if (answers === 'later') made.refused(item.key, 'rate', 0);
          });
          return over;
        },
        open: () => feed.up || feed.posts,
        place: () =>
          feed.up || feed.posts ? { epoch: 'a', head: arrivals.length, heardAt: Number.POSITIVE_INFINITY } : null,
        confirm(over, done) {
          feed.pings += 1;
          outside.after(20, () => {
            if (!closed && over === session && feed.up && feed.answers === 'yes') done();
          });
        },
        post(item) {
          if (!feed.posts || feed.up || !acknowledges) return null;
          const answers = feed.answers;
          arrive(item);
          feed.exchanges += 1;
          let open = true;
          const leave = () => {
            if (open) feed.exchanges -= 1;
            open = false;
          };
          const outcome = new Promise<PostOutcome>((resolve) => {
            // Without an answer it is given up in the end.
            outside.after(answers === 'nothing' ? 15_000 : 30, () => {
              leave();
              resolve(answers === 'yes' ? { kind: 'acknowledged', note: '' } : { kind: 'later', floorMs: 0 });
            });
          });
          return { outcome, cancel: leave };
        },
      },
    });
    const { close } = made;
    return {
      ...made,
      close() {
        closed = true;
        close();
      },
    };
  }

  return {
    clock,
    disk,
    feed,
    arrivals,
    taken,
    now: () => order,
    tick: () => ++order,
    get outbox() {
      return outbox;
    },
    connect() {
      if (feed.up) return;
      feed.up = true;
      session += 1;
      outbox.ready();
    },
    cut() {
      if (!feed.up) return;
      feed.up = false;
      outbox.sessionEnded(session);
    },
    /** Both clocks, in small steps. */
    async pass(ms: number, step = 10): Promise<void> {
      for (let done = 0; done < ms; done += step) {
        await outside.advanceAsync(step);
        await clock.advanceAsync(step);
      }
    },
    /** An edit of the source: this one is closed, and another takes over. */
    restart(): void {
      outbox.close();
      const left = [clock.pending(), feed.exchanges];
      if (left.some((count) => count > 0)) throw new Error(`Closing left ${left.join(' timers and ')} exchanges.`);
      outbox = start();
      void outbox.open();
    },
  };
}
