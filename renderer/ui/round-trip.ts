import type { RungView } from '../../shared/view';

/** Whether a rung's round trip is known from its opening only: SSE and a held long-poll have no ping. */
export function isMeasuredAtOpen(rung: RungView | undefined): boolean {
  return rung?.transport === 'sse' || rung?.transport === 'long-poll';
}
