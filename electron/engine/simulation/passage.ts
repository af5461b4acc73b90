import type { FakeClock } from './fake-clock';

/** Timers a run may fire: some hundred times what a busy one needs. Beyond it something turns in circles. */
const stepBudget = 3_000_000;
/** Microtask turns after each timer; promise chains in the engine are shorter. */
const settleTurns = 8;

/** The run fires timers without end. */
export class HotLoop extends Error {
  constructor(readonly at: number) {
    super('timers fire without end: a hot loop');
  }
}

/** How time passes in a run: timer by timer, promises settled in between. */
export interface Passage {
  /** Runs to a moment of monotonic time. @throws HotLoop */
  until(at: number): Promise<void>;
  /** Time passes until it ends, or is over. False: it did not end. */
  ended(work: Promise<void>, limitMs: number): Promise<boolean>;
}

export function createPassage(clock: FakeClock): Passage {
  let steps = 0;

  async function settle(): Promise<void> {
    for (let turn = 0; turn < settleTurns; turn += 1) await Promise.resolve();
  }

  async function until(at: number): Promise<void> {
    while (clock.step(at - clock.now())) {
      steps += 1;
      if (steps > stepBudget) throw new HotLoop(clock.now());
      await settle();
    }
    clock.advance(Math.max(0, at - clock.now()));
  }

  return {
    until,
    async ended(work, limitMs) {
      let over = false;
      void work.finally(() => {
        over = true;
      });
      const limit = clock.now() + limitMs;
      for (let turn = 0; turn < settleTurns && !over; turn += 1) await Promise.resolve();
      while (!over && clock.now() < limit) await until(clock.now() + 50);
      return over;
    },
  };
}
