import type { EventPage, JournalView } from '../../../shared/ipc';
import type { MatchBar } from '../../../shared/search';
import type { Clock, Timer } from '../core/clock';
import type { Pressure } from '../core/delivery';
import type { Journal, RestoredSource } from '../core/journal';
import { createListeners, type Report } from '../core/listeners';
import { createChecker } from './checker';
import { createDamageNews } from './damage';
import type { EventQuery } from './event-query';
import { createForgetting } from './forgetting';
import { createHandOver, defaultLimits, type JournalLimits } from './hand-over';
import type {
  FromWorker,
  JournalWorker,
  OrderKind,
  Orders,
  QueryAnswer,
  QueryArgs,
  QueryKind,
  Retention,
  StoredAmount,
} from './messages';
import { defaultRetention } from './messages';
import { createNotStored } from './not-stored';
import { createRequests, Unreadable } from './requests';
import { createRetries } from './retries';
import { withUnstored } from './unstored';

/** The journal with what only those who compose the engine need. */
export interface FullJournal extends Journal {
  /** After an unclean end: checks the file in a worker of its own and sets it aside if it is damaged. Call after first paint. */
  checkLater(): void;
  find(query: EventQuery): Promise<EventPage>;
  count(query: EventQuery): Promise<number>;
  histogram(query: EventQuery, bars: number): Promise<readonly MatchBar[]>;
  stored(source: string): Promise<StoredAmount>;
  setRetention(source: string, retention: Retention): Promise<void>;
}

export interface JournalDeps {
  /** Starts the worker: a thread (`openThread`) or the same code in this one (`openInline`). */
  openWorker(): JournalWorker;
  readonly clock: Clock;
  /** Absolute path of the folder that holds `journal.db`; made when it is not there. */
  readonly folder: string;
  readonly retention?: Retention;
  readonly limits?: Partial<JournalLimits>;
  /** Where errors of listeners go. */
  readonly report?: Report;
}

/** Sign of life of the application, ms. */
const aliveMs = 5_000;

/** Opens the journal. Nothing waits for the file: requests are answered when it is there. */
export function createJournal({ openWorker, clock, folder, retention, limits, report }: JournalDeps): FullJournal {
  let aliveTimer: Timer | null = null;
  const retries = createRetries(clock);
  let paused: Extract<JournalView, { kind: 'paused' }> | null = null;
  /** Sources lost entries and nobody listens who could fetch them again. */
  let stuck: Extract<JournalView, { kind: 'paused' }> | null = null;
  let setAside: Extract<JournalView, { kind: 'set-aside' }> | null = null;
  let worker: JournalWorker;
  /** The worker ended by itself and is not yet started again. */
  let dead = false;
  let closing: Promise<void> | null = null;
  let onClosed: (() => void) | null = null;
  /** Sources with dropped entries: nothing of them is taken until they were told. */
  const broken = new Set<string>();
  const damageNews = createDamageNews();
  const notStored = createNotStored();
  const forgetting = createForgetting(
    (source) => order('forget', { source }),
    () => closing !== null,
  );
  /** Number of the newest entry of each source. */
  const lastEntries = new Map<string, number>();
  /** Those who wait until the journal can be read, and how often it became so. */
  const waiting: (() => void)[] = [];
  let readable = 0;

  const checker = createChecker({
    openWorker,
    folder,
    damaged: (why) => worker.post({ kind: 'set-aside', at: clock.wall(), why }, []),
  });
  const requests = createRequests((message) => worker.post(message, []));
  const handOver = createHandOver({
    clock,
    limits: { ...defaultLimits, ...limits },
    post: (message, transfer) => worker.post(message, transfer),
    committed(source, number) {
      notStored.committed(source, number);
      committed.tell(source, number);
    },
    lost: breakOff,
    pressed: (pressure) => {
      pressureChanged.tell(pressure);
      viewChanged.tell(view());
    },
  });

  const committed = createListeners<[source: string, number: number]>(report);
  const pressureChanged = createListeners<[pressure: Pressure]>(report);
  const viewChanged = createListeners<[view: JournalView]>(report);
  const resumed = createListeners<[source: string, stored: RestoredSource | null]>(report);

  function view(): JournalView {
    return paused ?? stuck ?? setAside ?? { kind: 'ok', behind: handOver.behind };
  }

  const retry = (): void => worker.post({ kind: 'retry', at: clock.wall() }, []);

  /** Nothing can be stored until `again`, tried after a while, has worked. */
  function pause(text: string, again = retry): void {
    const since = paused?.since ?? clock.wall();
    const changed = paused?.text !== text;
    paused = { kind: 'paused', since, text };
    retries.later(again);
    handOver.hold();
    if (changed) viewChanged.tell(view());
  }

  function resume(): void {
    if (!paused) return;
    if (!forgetting.none) {
      void forgetLate(paused.text);
      return;
    }
    paused = null;
    retries.worked();
    viewChanged.tell(view());
    readAgain();
    handOver.release();
    void mend();
  }

  /** What was forgotten goes before anything of the same id, added again meanwhile, is stored. */
  async function forgetLate(text: string): Promise<void> {
    if (await forgetting.late()) resume();
    else if (!closing) pause(text);
  }

  /** Whoever waits for something that could not be read asks again. */
  function readAgain(): void {
    readable += 1;
    for (const again of waiting.splice(0)) again();
  }

  /** Tells the sources that lost entries from where on they must ask again. */
  async function mend(): Promise<void> {
    if (broken.size > 0 && resumed.none()) {
      // Taking more would carry the cursors over what is missing.
      const text = `${broken.size} sources are not stored until Wirewatch is started again: the journal could not keep up with them while it was paused.`;
      stuck = { kind: 'paused', since: clock.wall(), text };
      viewChanged.tell(view());
      return;
    }
    for (const source of [...broken]) {
      try {
        const stored = await ask('restore', { source });
        if (paused || !broken.delete(source)) continue;
        notStored.clear(source);
        resumed.tell(source, damageNews(source, stored));
      } catch {
        // Asked again when the journal is next back.
      }
    }
  }

  function breakOff(source: string): void {
    broken.add(source);
    handOver.drop(source);
  }

  function start(): void {
    dead = false;
    worker = openWorker();
    worker.listen(receive, onExit);
    worker.post({ kind: 'open', folder, at: clock.wall(), retention: retention ?? defaultRetention }, []);
  }

  /** The worker is gone: what it had under way may or may not be stored; the sources ask again from what is. */
  function onExit(why: string): void {
    if (closing) {
      onClosed?.();
      return;
    }
    dead = true;
    handOver.onWorkerGone();
    pause(`The journal's worker ended (${why}). It is started again.`, () => {
      start();
      requests.again();
      retry();
    });
  }

  function receive(message: FromWorker): void {
    switch (message.kind) {
      case 'opened':
        if (message.unclean) checker.suspect();
        return;
      case 'committed':
        handOver.onCommitted(message.group);
        return;
      case 'given-up':
        // Its sources fetch again what was in it.
        handOver.onGivenUp(message.group);
        if (!paused) void mend();
        return;
      case 'paused':
        pause(message.text);
        return;
      case 'resumed':
        resume();
        return;
      case 'set-aside':
        setAside = message;
        viewChanged.tell(view());
        if (message.whole) return;
        // What they had stored is in the other file: each goes on from what is known of it in the new one.
        for (const source of lastEntries.keys()) breakOff(source);
        readAgain();
        if (!paused) void mend();
        return;
      case 'answer':
        requests.answered(message.id, message.value);
        return;
      case 'refused':
        requests.refused(message.id, message.message, message.unreadable);
        return;
      case 'suspect':
        checker.suspect();
        checker.run();
        return;
      case 'closed':
        onClosed?.();
        return;
      case 'checked':
        return;
    }
  }

  function ask<Kind extends QueryKind>(kind: Kind, args: QueryArgs<Kind>): Promise<QueryAnswer<Kind>> {
    return closing ? Promise.reject(new Error('The journal is closed.')) : requests.ask(kind, args);
  }

  function order<Kind extends OrderKind>(kind: Kind, args: Orders[Kind]): Promise<void> {
    return closing ? Promise.reject(new Error('The journal is closed.')) : requests.order(kind, args);
  }

  function beAlive(): void {
    aliveTimer = clock.after(aliveMs, () => {
      if (!handOver.busy && !paused) worker.post({ kind: 'alive', at: clock.wall() }, []);
      beAlive();
    });
  }

  async function shut(): Promise<void> {
    await handOver.flush();
    handOver.close();
    aliveTimer?.cancel();
    retries.close();
    const checked = checker.close();
    if (!dead) {
      await new Promise<void>((resolve) => {
        onClosed = resolve;
        worker.post({ kind: 'close', at: clock.wall() }, []);
      });
    }
    await Promise.all([checked, worker.terminate()]);
    requests.close();
    readAgain();
  }

  start();
  beAlive();

  return {
    async restore(source) {
      handOver.now();
      for (;;) {
        // It will be removed before anything that is appended from now on is stored.
        if (forgetting.has(source)) return null;
        const before = readable;
        try {
          const found = await ask('restore', { source });
          const stored = withUnstored(damageNews(source, found), handOver.unstored(source));
          const lastEntry = lastEntries.get(source);
          return stored && lastEntry !== undefined ? { ...stored, lastEntry } : stored;
        } catch (error) {
          if (closing || !(error instanceof Unreadable)) throw error;
          if (readable === before) await new Promise<void>((resolve) => waiting.push(resolve));
        }
      }
    },

    append(entry) {
      lastEntries.set(entry.source, entry.number);
      notStored.add(entry);
      if (broken.has(entry.source)) {
        handOver.addTransitions(entry);
        return 'go';
      }
      const fits = handOver.add(entry);
      if (!fits) breakOff(entry.source);
      return handOver.pressure;
    },

    onCommitted: committed.subscribe,
    onPressure: pressureChanged.subscribe,
    view,
    onView: viewChanged.subscribe,
    onResumed: resumed.subscribe,
    flush: handOver.flush,
    page: (query) => notStored.page(query, (rest) => ask('page', rest)),
    find: (query) => ask('find', query),
    count: (query) => ask('count', query),
    histogram: (query, bars) => ask('histogram', { query, bars }),
    event: async (source, ordinal) => notStored.event(source, ordinal) ?? ask('event', { source, ordinal }),
    history: (query) => ask('history', { ...query, now: clock.wall() }),
    states: (source, from, to) => ask('states', { source, from, to, now: clock.wall() }),
    transitions: (source, limit) => ask('transitions', { source, limit }),
    seriesNames: (source) => ask('seriesNames', { source }),
    stored: (source) => ask('stored', { source }),
    alertPage: (before, limit) => ask('alertPage', { before, limit }),
    openAlerts: (limit) => ask('openAlerts', { limit }),

    markSent: (marks) => order('markSent', { marks }),
    acknowledge: (ids, at) => order('acknowledge', { ids, at }),
    setRetention: (source, keep) => order('retention', { source, retention: keep }),

    forget(source) {
      handOver.forget(source);
      notStored.clear(source);
      broken.delete(source);
      lastEntries.delete(source);
      return forgetting.forget(source);
    },

    checkLater: checker.run,

    close() {
      // Requests after this are refused; the flush inside still runs.
      closing ??= shut();
      return closing;
    },
  };
}
