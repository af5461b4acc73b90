import { defaultTiming } from '../connection/timing';
import type { Clock } from '../core/clock';
import { createRounds } from '../core/rounds';
import type { SourceDeps } from './contract';
import { collectMs } from './ledger';

/** Of a source that rests every so many ticks are told: what is said of it counts in minutes, and clocks may be set. */
export const restTicks = 5;

/** The rounds that all sources share: what each did by a timer of its own woke the process as often as there are sources. */
export function createPaces(clock: Clock, timing: SourceDeps['timing'] = {}): Pick<SourceDeps, 'ticks' | 'handOvers'> {
  return {
    ticks: createRounds(clock, timing.tickMs ?? defaultTiming.tickMs),
    handOvers: createRounds(clock, collectMs),
  };
}
