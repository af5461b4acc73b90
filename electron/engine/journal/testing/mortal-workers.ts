import type { JournalWorker } from '../messages';

/** Workers that can be made to die as a crashed thread does: nothing more is done or told, and the exit is. */
export interface MortalWorkers {
  open(): JournalWorker;
  /** The newest one dies. */
  die(why: string): void;
}

export function createMortalWorkers(openInner: () => JournalWorker): MortalWorkers {
  let kill: (why: string) => void = () => undefined;
  return {
    open() {
      const inner = openInner();
      let alive = true;
      return {
        post(message, transfer) {
          if (alive) inner.post(message, transfer);
        },
        listen(onMessage, onExit) {
          kill = (why) => {
            if (!alive) return;
            alive = false;
            void inner.terminate();
            onExit(why);
          };
          inner.listen(onMessage, onExit);
        },
        terminate() {
          alive = false;
          return inner.terminate();
        },
      };
    },
    die: (why) => kill(why),
  };
}
