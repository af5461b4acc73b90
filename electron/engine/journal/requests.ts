import type { OrderKind, Orders, QueryAnswer, QueryArgs, QueryKind, ToWorker } from './messages';

/** What was asked for may be there: it only cannot be read just now. */
export class Unreadable extends Error {}

/** Queries and orders under way to the worker, each with one answer. */
export interface Requests {
  ask<Kind extends QueryKind>(kind: Kind, args: QueryArgs<Kind>): Promise<QueryAnswer<Kind>>;
  order<Kind extends OrderKind>(kind: Kind, args: Orders[Kind]): Promise<void>;
  answered(id: number, value: unknown): void;
  /** `unreadable`: rejects with `Unreadable`. */
  refused(id: number, message: string, unreadable: boolean): void;
  /** Puts to a new worker what the last one left unanswered. */
  again(): void;
  /** Refuses what is unanswered. */
  close(): void;
}

export function createRequests(post: (message: ToWorker) => void): Requests {
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void; again: ToWorker }>();
  let last = 0;

  function put<Answer>(messageOf: (id: number) => ToWorker): Promise<Answer> {
    const id = ++last;
    const message = messageOf(id);
    return new Promise<Answer>((resolve, reject) => {
      open.set(id, { resolve: resolve as (value: unknown) => void, reject, again: message });
      post(message);
    });
  }

  return {
    ask: (kind, args) => put((id) => ({ kind: 'query', id, query: kind, args }) as ToWorker),
    order: (kind, args) => put((id) => ({ kind: 'order', id, order: kind, args }) as ToWorker),
    answered(id, value) {
      open.get(id)?.resolve(value);
      open.delete(id);
    },
    refused(id, message, unreadable) {
      open.get(id)?.reject(unreadable ? new Unreadable(message) : new Error(message));
      open.delete(id);
    },
    again() {
      for (const { again } of open.values()) post(again);
    },
    close() {
      for (const { reject } of open.values()) reject(new Error('The journal is closed.'));
      open.clear();
    },
  };
}
