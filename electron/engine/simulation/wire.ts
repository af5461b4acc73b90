import type { Clock, Timer } from '../core/clock';
import { type Random, uniform } from '../core/random';
import type { Weather } from './weather';

/** One thing on its way to the client. `bytes` are counted when they arrive, before `run`. */
interface Parcel {
  readonly bytes: number;
  readonly notBefore: number;
  readonly run: (() => void) | null;
}

/** One direction of a connection, server to client: in order, late by the weather, held while paused or black-holed. */
export interface Wire {
  /** Queues `bytes` and what they complete. `extraMs` delays this and all that follows. */
  put(bytes: number, run: (() => void) | null, extraMs?: number): void;
  bytesRead(): number;
  pause(): void;
  resume(): void;
  /** Nothing arrives any more, and nobody is told: the other end is gone. */
  sever(): void;
  /** Drops all that is queued; then `run` still arrives. */
  cut(run: () => void): void;
  /** The client is gone. */
  destroy(): void;
  destroyed(): boolean;
}

/** How often a held wire looks whether the hole has closed; TCP's retransmission timer is about this. */
const holdRecheckMs = 200;

export function createWire(deps: {
  readonly clock: Clock;
  readonly random: Random;
  readonly weather: Weather;
  /** Bytes reached the client. */
  readonly heard: (bytes: number) => void;
}): Wire {
  const { clock, random, weather } = deps;
  let queue: Parcel[] = [];
  let lastDue = 0;
  let read = 0;
  let paused = false;
  let severed = false;
  let gone = false;
  let timer: Timer | null = null;

  function schedule(): void {
    const first = queue[0];
    if (timer || gone || paused || severed || !first) return;
    timer = clock.after(Math.max(0, first.notBefore - clock.now()), () => {
      timer = null;
      if (weather.blackHole) {
        timer = clock.after(holdRecheckMs, () => {
          timer = null;
          schedule();
        });
        return;
      }
      const parcel = queue.shift();
      if (parcel) {
        read += parcel.bytes;
        if (parcel.bytes > 0) deps.heard(parcel.bytes);
        parcel.run?.();
      }
      schedule();
    });
  }

  function put(bytes: number, run: (() => void) | null, extraMs = 0): void {
    if (gone || severed) return;
    const latency = uniform(random, weather.latencyMs[0], weather.latencyMs[1]);
    lastDue = Math.max(lastDue, clock.now() + latency) + extraMs;
    queue.push({ bytes, notBefore: lastDue, run });
    schedule();
  }

  function stopTimer(): void {
    timer?.cancel();
    timer = null;
  }

  return {
    put,
    bytesRead: () => read,
    pause() {
      paused = true;
      stopTimer();
    },
    resume() {
      paused = false;
      schedule();
    },
    sever() {
      severed = true;
      queue = [];
      stopTimer();
    },
    cut(run) {
      queue = [];
      stopTimer();
      put(0, run);
    },
    destroy() {
      gone = true;
      queue = [];
      stopTimer();
    },
    destroyed: () => gone,
  };
}
