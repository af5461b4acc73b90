import type { Gap } from '../../../../shared/gap';
import type { DeliveredEvent } from '../../core/delivery';
import type { Judge } from './judge';

/** Gives a judge rows in their order, each gap before the event it stands before. */
export function merge(judge: Judge, events: readonly DeliveredEvent[], gaps: readonly Gap[]): void {
  const place = ({ before }: Gap): number => before ?? Number.POSITIVE_INFINITY;
  const waiting = [...gaps].sort((a, b) => place(a) - place(b));
  for (const event of events) {
    while (waiting[0] && place(waiting[0]) <= event.ordinal) judge.gaps(waiting.splice(0, 1));
    judge.delivered([event]);
  }
  judge.gaps(waiting);
}
