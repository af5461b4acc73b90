import type { Clock, Timer } from '../core/clock';
import type { OutboxLink } from './contract';

/** What was sent in this time is confirmed together, ms: a ping for each would double what we send. */
const confirmMs = 1000;

interface Deps {
  readonly clock: Clock;
  /** Numbers under way, and over which session. */
  readonly underWay: ReadonlyMap<number, number | null>;
  readonly confirm: OutboxLink['confirm'];
  /** The session that took these showed life behind them. */
  onShown(numbers: readonly number[]): void;
}

/** Asks for a sign of life behind messages that the feed itself says nothing of. */
export interface Confirming {
  /** This message was handed over. */
  left(number: number): void;
  /** Asks once a quiet second is over, or at once where no more may be under way. */
  inTime(full: boolean): void;
  close(): void;
}

/** See `Confirming`. */
export function createConfirming({ clock, underWay, confirm, onShown }: Deps): Confirming {
  let unconfirmed: number[] = [];
  let confirmAt = 0;
  let timer: Timer | null = null;
  let closed = false;

  function now(): void {
    confirmAt = clock.now();
    const sent = unconfirmed;
    unconfirmed = [];
    for (const session of new Set(sent.map((number) => underWay.get(number) ?? null))) {
      if (session === null) continue;
      const numbers = sent.filter((number) => underWay.get(number) === session);
      confirm(session, () => {
        if (!closed) onShown(numbers.filter((number) => underWay.get(number) === session));
      });
    }
  }

  return {
    left: (number) => void unconfirmed.push(number),
    inTime(full) {
      if (unconfirmed.length === 0) return;
      const ms = full ? 0 : confirmAt + confirmMs - clock.now();
      if (ms <= 0) {
        timer?.cancel();
        timer = null;
        now();
      } else {
        timer ??= clock.after(ms, () => {
          timer = null;
          now();
        });
      }
    },
    close() {
      closed = true;
      timer?.cancel();
    },
  };
}
