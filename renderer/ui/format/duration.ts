import { none, type Quantity, quantityText } from './number';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A length of time at reading precision: two units at most. `ms` below zero counts as zero. */
export function duration(ms: number): Quantity {
  const length = Math.max(0, ms);
  if (!Number.isFinite(length)) return { figure: none, unit: '' };
  if (length < 9_950) return { figure: (length / second).toFixed(1), unit: 's' };
  if (length < minute) return { figure: String(Math.floor(length / second)), unit: 's' };
  if (length < hour) return pair(length, minute, 'min', second, 's');
  if (length < day) return pair(length, hour, 'h', minute, 'min');
  return pair(length, day, 'd', hour, 'h');
}

function pair(length: number, big: number, bigUnit: string, small: number, smallUnit: string): Quantity {
  const whole = Math.floor(length / big);
  const rest = Math.floor((length % big) / small);
  return rest === 0
    ? { figure: String(whole), unit: bigUnit }
    : { figure: `${whole} ${bigUnit} ${rest}`, unit: smallUnit };
}

/** `duration` as one text: `4 min 7 s`. */
export function durationText(ms: number): string {
  return quantityText(duration(ms));
}

/** Time left until something: tenths below ten seconds, never negative; `now` when it is due. */
export function countdownText(ms: number): string {
  return ms <= 0 ? 'now' : durationText(ms);
}

/** A measured latency in ms, three digits: `0.4 ms`, `121 ms`, `1.3 s`; from a minute on a length of time: `330 d 6 h`. */
export function latency(ms: number | null): Quantity {
  if (ms === null || !Number.isFinite(ms)) return { figure: none, unit: '' };
  if (ms >= minute) return duration(ms);
  if (Math.abs(ms) >= 10_000) return { figure: (ms / second).toFixed(0), unit: 's' };
  if (Math.abs(ms) >= 1_000) return { figure: (ms / second).toFixed(1), unit: 's' };
  if (Math.abs(ms) >= 10) return { figure: ms.toFixed(0), unit: 'ms' };
  return { figure: ms.toFixed(1), unit: 'ms' };
}

/** Clocks differ by this much without anybody minding, ms. */
const clockToleranceMs = 2_000;

/** How late an event came; *unknown* where it would have come before it was sent: the sender's clock runs ahead. */
export function lagText(sentAt: number | null, receivedAt: number): string {
  if (sentAt === null) return none;
  const lag = receivedAt - sentAt;
  return lag < -clockToleranceMs ? 'unknown' : quantityText(latency(Math.max(0, lag)));
}
