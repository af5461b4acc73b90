import { bounded } from './bounded';
import type { Database } from './database';
import { messageOf, sqlFailure } from './database';
import type { Steps } from './find';
import type { FromWorker, Order, Query, QueryKind } from './messages';
import type { Answers } from './reader';
import type { Store } from './store';
import { createStore } from './store';
import type { Upkeep } from './upkeep';

/** Longest stretch of one long query before commits are let through, ms. */
const sliceMs = 8;

/** Asked for what stands in settled rows alone: amounts and rollups. */
const settledFirst: ReadonlySet<QueryKind> = new Set<QueryKind>(['history', 'seriesNames', 'stored']);

/** With a file that cannot be written only `reader` may be there. */
export interface Access {
  readonly db: Database;
  readonly reader: Answers;
  readonly writer: { readonly store: Store; readonly upkeep: Upkeep } | null;
}

export interface AnsweringDeps {
  /** Milliseconds, monotonic. */
  now(): number;
  /** Epoch ms. */
  wall(): number;
  send(message: FromWorker): void;
  /** As in `ServerDeps`. */
  readonly later: ((work: () => void, ms: number) => void) | null;
  /** The open file; `none`: it is known that there is none yet; null while it cannot be read. */
  access(): Access | 'none' | null;
  /** A query failed: pauses the journal, or replaces a damaged file. */
  failed(error: unknown): void;
  /** Writing failed: the same. True when there is a new file to write to. */
  notWritten(error: unknown): boolean;
}

/** Answers queries and carries out orders, long queries in slices. */
export interface Answering {
  ask(query: Query): void;
  obey(order: Order): void;
  /** A query has looked up blocks and is not done with them. */
  readonly busy: boolean;
}

export function createAnswering(deps: AnsweringDeps): Answering {
  const { now, send, later } = deps;
  let asking = 0;

  function ask(query: Query): void {
    let work: Steps<unknown> | null = null;
    try {
      const answer = begin(bounded(query));
      if (!isSteps(answer)) {
        send({ kind: 'answer', id: query.id, value: answer });
        return;
      }
      work = answer;
    } catch (error) {
      refuse(query.id, error, query.query === 'restore');
      return;
    }
    asking++;
    run(query.id, work);
  }

  /** Where a source begins is never guessed: what cannot be read is asked for again, however it failed. */
  function refuse(id: number, error: unknown, placeAsked: boolean): void {
    if (placeAsked) deps.failed(error);
    else if (sqlFailure(error) === 'damaged') send({ kind: 'suspect' });
    send({ kind: 'refused', id, message: messageOf(error), unreadable: placeAsked });
  }

  function run(id: number, work: Steps<unknown>): void {
    const until = now() + sliceMs;
    try {
      for (;;) {
        const step = work.next();
        if (step.done) {
          asking--;
          send({ kind: 'answer', id, value: step.value });
          return;
        }
        if (later && now() >= until) {
          later(() => run(id, work), 0);
          return;
        }
      }
    } catch (error) {
      asking--;
      refuse(id, error, false);
    }
  }

  function begin(query: Query): unknown {
    const access = deps.access();
    if (access === 'none' && query.query === 'restore') return null;
    if (access === null || access === 'none') throw new Error('The journal cannot be read just now.');
    if (query.query === 'restore') {
      return (access.writer?.store ?? createStore(access.db)).restore(query.args.source);
    }
    if (settledFirst.has(query.query)) settle(access);
    const answer = access.reader[query.query] as (args: unknown) => unknown;
    return answer(query.args);
  }

  /** Where that fails now, what is settled is told. */
  function settle({ writer }: Access): void {
    try {
      writer?.store.settle(deps.wall(), false);
    } catch (error) {
      deps.notWritten(error);
    }
  }

  /** What is to be written is never let go of in silence: the journal pauses, and a file begun in place of a damaged one takes it. */
  function obey(order: Order): void {
    for (let tries = 1; ; tries++) {
      const store = writable();
      try {
        if (!store) throw new Error('The journal cannot be written just now.');
        carryOut(store, order);
        send({ kind: 'answer', id: order.id, value: null });
        return;
      } catch (error) {
        if (store && deps.notWritten(error) && tries === 1) continue;
        send({ kind: 'refused', id: order.id, message: messageOf(error), unreadable: false });
        return;
      }
    }
  }

  function writable(): Store | null {
    const access = deps.access();
    return access === 'none' ? null : (access?.writer?.store ?? null);
  }

  return {
    ask,
    obey,
    get busy() {
      return asking > 0;
    },
  };
}

function carryOut(store: Store, order: Order): void {
  switch (order.order) {
    case 'markSent':
      store.markSent(order.args.marks);
      return;
    case 'acknowledge':
      store.acknowledge(order.args.ids, order.args.at);
      return;
    case 'forget':
      store.forget(order.args.source);
      return;
    case 'retention':
      store.setRetention(order.args.source, order.args.retention.ageMs, order.args.retention.bytes);
  }
}

function isSteps(answer: unknown): answer is Steps<unknown> {
  return typeof answer === 'object' && answer !== null && Symbol.iterator in answer && 'next' in answer;
}
