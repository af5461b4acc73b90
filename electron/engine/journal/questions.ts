import type { QuestionAnswer, QuestionArgs, QuestionKind, ToWorker } from './messages';

/** Questions under way to the worker, each with one answer. */
export interface Questions {
  ask<Kind extends QuestionKind>(kind: Kind, args: QuestionArgs<Kind>): Promise<QuestionAnswer<Kind>>;
  answered(id: number, value: unknown): void;
  refused(id: number, message: string): void;
  /** Puts to a new worker what the last one left unanswered. */
  again(): void;
  /** Refuses what is unanswered. */
  close(): void;
}

export function createQuestions(post: (message: ToWorker) => void): Questions {
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void; again: ToWorker }>();
  let last = 0;
  return {
    ask<Kind extends QuestionKind>(kind: Kind, args: QuestionArgs<Kind>) {
      const id = ++last;
      const message = { kind: 'question', id, ask: kind, args } as ToWorker;
      return new Promise<QuestionAnswer<Kind>>((resolve, reject) => {
        open.set(id, { resolve: resolve as (value: unknown) => void, reject, again: message });
        post(message);
      });
    },
    answered(id, value) {
      open.get(id)?.resolve(value);
      open.delete(id);
    },
    refused(id, message) {
      open.get(id)?.reject(new Error(message));
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
