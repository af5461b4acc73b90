import { expect } from 'vitest';
import { pause, storyOf, type Watched } from './watch';

/** Publishes `{n: 1}`, `{n: 2}`, … and knows how far it is. */
export interface Feed {
  /** Events published and acknowledged so far. */
  readonly published: number;
  /** Publishes so many, one after the other. */
  publish(count: number): Promise<void>;
  /** Publishes one every so many ms until `stop`. */
  run(everyMs: number): void;
  /** Resolves when the last one is acknowledged. */
  stop(): Promise<void>;
}

/** `send` publishes one event and resolves when the server has it. */
export function createFeed(send: (n: number) => Promise<void>): Feed {
  let sent = 0;
  let published = 0;
  let running: Promise<void> | null = null;
  let stopping = false;

  async function one(): Promise<void> {
    sent += 1;
    const n = sent;
    await send(n);
    published = Math.max(published, n);
  }

  return {
    get published() {
      return published;
    },
    async publish(count) {
      for (let k = 0; k < count; k += 1) await one();
    },
    run(everyMs) {
      stopping = false;
      running = (async () => {
        while (!stopping) {
          await one();
          await pause(everyMs);
        }
      })();
    },
    async stop() {
      stopping = true;
      await running;
      running = null;
    },
  };
}

/** Waits for the newest event, then checks that all came: each once, in order, none missing and none given up. */
export async function expectWhole(source: Watched, feed: Feed): Promise<void> {
  await source.until(`event ${feed.published} delivered`, () => (source.numbers().at(-1) ?? 0) >= feed.published);
  const numbers = source.numbers();
  const first = numbers[0] ?? 0;
  const whole = numbers.every((n, index) => n === first + index);
  expect(whole, storyOf(source)).toBe(true);
  expect(numbers.at(-1)).toBe(feed.published);
  const { lost, gapsOpen, undecodable } = source.view().counters;
  expect({ lost, gapsOpen, undecodable }, storyOf(source)).toEqual({ lost: 0, gapsOpen: 0, undecodable: 0 });
}
