import type { EventPage, JournalView } from '../../../shared/ipc';
import type { MatchBar } from '../../../shared/search';
import type { Clock, Timer } from '../core/clock';
import type { Pressure } from '../core/delivery';
import type { Journal, RestoredSource } from '../core/journal';
import type { EventQuery } from './find';
import { listeners } from './listeners';
import type {
  FromWorker,
  JournalWorker,
  QuestionAnswer,
  QuestionArgs,
  QuestionKind,
  Retention,
  StoredAmount,
  ToWorker,
} from './messages';
import { defaultRetention } from './messages';
import type { Sent } from './queue';
import { createQueue } from './queue';

/** The journal with what only those who compose the engine need. */
export interface FullJournal extends Journal {
  /**
   * Calls back once per source whose entries were dropped while nothing could be stored, when it can be again, with what
   * is stored of it. Until this call its entries are dropped; what is appended from inside it on is stored: the source
   * must open a gap `journal-paused` from the stored cursor on and fetch it again. While nobody listens, such a source
   * stays unstored until the next start, which resumes from the stored cursor.
   */
  onResumed(listener: (source: string, stored: RestoredSource | null) => void): () => void;
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
}

export interface JournalLimits {
  /** Longest wait of an entry before its group is handed over, ms. */
  readonly groupMs: number;
  /** Events that are handed over at once, without waiting. */
  readonly groupEvents: number;
  /** Above these `append` answers `wait`; `go` comes at half of them. */
  readonly waitEvents: number;
  readonly waitBytes: number;
}

const defaultLimits: JournalLimits = {
  groupMs: 50,
  groupEvents: 8_192,
  waitEvents: 65_536,
  waitBytes: 32 * 1024 * 1024,
};

/** Groups handed over and not yet committed. */
const underWay = 2;
/** Sign of life of the application, ms. */
const aliveMs = 5_000;
/** Pause before trying again to store, ms: doubling from the first to the last. */
const firstRetryMs = 1_000;
const lastRetryMs = 15_000;

/** Opens the journal. Nothing waits for the file: questions are answered when it is there. */
export function createJournal({ openWorker, clock, folder, retention, limits }: JournalDeps): FullJournal {
  const { groupMs, groupEvents, waitEvents, waitBytes } = { ...defaultLimits, ...limits };
  const queue = createQueue();
  const sent: Sent[] = [];
  let groups = 0;
  let flushTimer: Timer | null = null;
  let aliveTimer: Timer | null = null;
  let retryTimer: Timer | null = null;
  let retryMs = firstRetryMs;
  let pressure: Pressure = 'go';
  let paused: Extract<JournalView, { kind: 'paused' }> | null = null;
  /** Sources lost entries and nobody listens who could fetch them again. */
  let stuck: Extract<JournalView, { kind: 'paused' }> | null = null;
  let setAside: Extract<JournalView, { kind: 'set-aside' }> | null = null;
  let unclean = false;
  let worker: JournalWorker;
  let checker: JournalWorker | null = null;
  /** The worker ended by itself and is not yet started again. */
  let dead = false;
  let closing: Promise<void> | null = null;
  let onClosed: (() => void) | null = null;
  /** Sources with dropped entries: nothing of them is taken until they were told. */
  const broken = new Set<string>();
  /** Sources to be forgotten once the journal can be written. */
  const toForget = new Set<string>();
  const questions = new Map<number, { resolve(value: unknown): void; reject(error: Error): void; again: ToWorker }>();
  let lastQuestion = 0;
  let waiters: { readonly group: number; resolve(): void }[] = [];

  const committed = listeners<[source: string, number: number]>();
  const pressureChanged = listeners<[pressure: Pressure]>();
  const viewChanged = listeners<[view: JournalView]>();
  const resumed = listeners<[source: string, stored: RestoredSource | null]>();

  function view(): JournalView {
    return paused ?? stuck ?? setAside ?? { kind: 'ok', behind: waiting().events };
  }

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
    const behind = paused === null && (events > waitEvents || bytes > waitBytes);
    const drained = paused !== null || (events <= waitEvents / 2 && bytes <= waitBytes / 2);
    if (pressure === 'go' && behind) {
      pressure = 'wait';
      pressureChanged.call('wait');
      viewChanged.call(view());
    } else if (pressure === 'wait' && drained) {
      pressure = 'go';
      pressureChanged.call('go');
      viewChanged.call(view());
    }
  }

  function handOver(): void {
    flushTimer?.cancel();
    flushTimer = null;
    if (queue.empty || paused || sent.length >= underWay) return;
    const { group, sent: account, transfer } = queue.take(++groups, clock.wall());
    sent.push(account);
    worker.post({ kind: 'commit', group }, transfer);
  }

  function schedule(): void {
    if (flushTimer || queue.empty || paused) return;
    flushTimer = clock.after(groupMs, handOver);
  }

  function onCommittedGroup(number: number): void {
    const account = sent.shift();
    if (!account || account.number !== number) throw new Error(`group ${number} committed out of turn`);
    for (const [source, entry] of account.entries) committed.call(source, entry);
    settle(number);
    weigh();
    if (queue.events >= groupEvents) handOver();
    else schedule();
  }

  /** A group is lost to the journal; its sources fetch again what was in it. */
  function onGivenUp(number: number): void {
    const at = sent.findIndex((account) => account.number === number);
    for (const account of sent.splice(at, 1)) for (const [source] of account.entries) breakOff(source);
    queue.forgetKeys(null);
    settle(number);
    weigh();
  }

  /** Lets go whoever waits for a group up to this one. */
  function settle(number: number): void {
    const done = waiters.filter((waiter) => waiter.group <= number);
    waiters = waiters.filter((waiter) => waiter.group > number);
    for (const waiter of done) waiter.resolve();
  }

  function pause(text: string): void {
    const since = paused?.since ?? clock.wall();
    const changed = paused?.text !== text;
    paused = { kind: 'paused', since, text };
    retryTimer?.cancel();
    retryTimer = clock.after(retryMs, () => {
      retryTimer = null;
      worker.post({ kind: 'retry', at: clock.wall() }, []);
    });
    retryMs = Math.min(retryMs * 2, lastRetryMs);
    settle(Number.POSITIVE_INFINITY);
    weigh();
    if (changed) viewChanged.call(view());
  }

  function resume(): void {
    if (!paused) return;
    paused = null;
    retryMs = firstRetryMs;
    viewChanged.call(view());
    for (const source of toForget) void ask('forget', { source }).catch(() => undefined);
    toForget.clear();
    handOver();
    void mend();
  }

  /** Tells the sources that lost entries from where on they must ask again. */
  async function mend(): Promise<void> {
    if (broken.size > 0 && resumed.none()) {
      // Taking more would carry the cursors over what is missing.
      const text = `${broken.size} sources are not stored until Wirewatch is started again: the journal could not keep up with them while it was paused.`;
      stuck = { kind: 'paused', since: clock.wall(), text };
      viewChanged.call(view());
      return;
    }
    for (const source of [...broken]) {
      try {
        const stored = await ask('restore', { source });
        if (paused || !broken.delete(source)) continue;
        resumed.call(source, stored);
      } catch {
        // Asked again when the journal is next back.
      }
    }
  }

  function breakOff(source: string): void {
    broken.add(source);
    queue.drop(source, true);
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
    for (const account of sent.splice(0)) for (const [source] of account.entries) breakOff(source);
    queue.forgetKeys(null);
    pause(`The journal's worker ended (${why}). It is started again.`);
    retryTimer?.cancel();
    retryTimer = clock.after(retryMs, () => {
      retryTimer = null;
      start();
      for (const question of questions.values()) worker.post(question.again, []);
      worker.post({ kind: 'retry', at: clock.wall() }, []);
    });
  }

  function receive(message: FromWorker): void {
    switch (message.kind) {
      case 'opened':
        unclean ||= message.unclean;
        return;
      case 'committed':
        onCommittedGroup(message.group);
        return;
      case 'given-up':
        onGivenUp(message.group);
        return;
      case 'paused':
        pause(message.text);
        return;
      case 'resumed':
        resume();
        return;
      case 'set-aside':
        setAside = { kind: 'set-aside', at: message.at, text: message.text };
        queue.forgetKeys(null);
        viewChanged.call(view());
        return;
      case 'answer':
        questions.get(message.id)?.resolve(message.value);
        questions.delete(message.id);
        return;
      case 'refused':
        questions.get(message.id)?.reject(new Error(message.message));
        questions.delete(message.id);
        return;
      case 'closed':
        onClosed?.();
        return;
      case 'checked':
        return;
    }
  }

  function ask<Kind extends QuestionKind>(kind: Kind, args: QuestionArgs<Kind>): Promise<QuestionAnswer<Kind>> {
    if (closing) return Promise.reject(new Error('The journal is closed.'));
    const id = ++lastQuestion;
    const message = { kind: 'question', id, ask: kind, args } as ToWorker;
    return new Promise<QuestionAnswer<Kind>>((resolve, reject) => {
      questions.set(id, { resolve: resolve as (value: unknown) => void, reject, again: message });
      worker.post(message, []);
    });
  }

  function beAlive(): void {
    aliveTimer = clock.after(aliveMs, () => {
      if (sent.length === 0 && !paused) worker.post({ kind: 'alive', at: clock.wall() }, []);
      beAlive();
    });
  }

  function flush(): Promise<void> {
    handOver();
    if (paused || (sent.length === 0 && queue.empty)) return Promise.resolve();
    // With the pipe full the rest goes as the next group.
    const group = queue.empty ? groups : groups + 1;
    return new Promise((resolve) => {
      waiters.push({ group, resolve });
    });
  }

  async function shut(): Promise<void> {
    await flush();
    flushTimer?.cancel();
    aliveTimer?.cancel();
    retryTimer?.cancel();
    checker?.terminate();
    if (!dead) {
      await new Promise<void>((resolve) => {
        onClosed = resolve;
        worker.post({ kind: 'close', at: clock.wall() }, []);
      });
    }
    worker.terminate();
    for (const question of questions.values()) question.reject(new Error('The journal is closed.'));
    questions.clear();
  }

  start();
  beAlive();

  return {
    async restore(source) {
      handOver();
      return await ask('restore', { source });
    },

    append(entry) {
      if (broken.has(entry.source)) {
        queue.addTransitions(entry);
        return 'go';
      }
      queue.add(entry);
      if (paused) {
        if (queue.events > waitEvents || queue.bytes > waitBytes) breakOff(entry.source);
        return 'go';
      }
      if (queue.events >= groupEvents) handOver();
      schedule();
      weigh();
      return pressure;
    },

    onCommitted: committed.add,
    onPressure: pressureChanged.add,
    view,
    onView: viewChanged.add,
    onResumed: resumed.add,
    flush,
    page: (query) => ask('page', query),
    find: (query) => ask('find', query),
    count: (query) => ask('count', query),
    histogram: (query, bars) => ask('histogram', { query, bars }),
    event: (source, ordinal) => ask('event', { source, ordinal }),
    history: (query) => ask('history', { ...query, now: clock.wall() }),
    states: (source, from, to) => ask('states', { source, from, to, now: clock.wall() }),
    transitions: (source, limit) => ask('transitions', { source, limit }),
    seriesNames: (source) => ask('seriesNames', { source }),
    stored: (source) => ask('stored', { source }),
    alertPage: (before, limit) => ask('alertPage', { before, limit }),
    openAlerts: (limit) => ask('openAlerts', { limit }),

    async markSent(marks) {
      await ask('markSent', { marks });
    },

    async acknowledge(ids, at) {
      await ask('acknowledge', { ids, at });
    },

    async setRetention(source, keep) {
      await ask('retention', { source, retention: keep });
    },

    async forget(source) {
      queue.drop(source, false);
      broken.delete(source);
      try {
        await ask('forget', { source });
      } catch {
        // Nothing can be written now: it is forgotten when the journal is back.
        if (!closing) toForget.add(source);
      }
    },

    checkLater() {
      if (!unclean || checker) return;
      const checking = openWorker();
      checker = checking;
      const done = (): void => {
        checking.terminate();
        if (checker === checking) checker = null;
      };
      checking.listen((message) => {
        if (message.kind !== 'checked') return;
        unclean = false;
        if (!message.sound && !closing) worker.post({ kind: 'set-aside', at: clock.wall(), why: message.text }, []);
        done();
      }, done);
      checking.post({ kind: 'check', folder }, []);
    },

    close() {
      if (!closing) {
        // Questions after this are refused; `flush` inside still runs.
        const shutting = shut();
        closing = shutting;
      }
      return closing;
    },
  };
}
