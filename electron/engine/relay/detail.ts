import type { Transition } from '../../../shared/connection';
import type { Gap } from '../../../shared/gap';
import type { Interest, Update } from '../../../shared/ipc';
import type { DeliveredEvent } from '../core/delivery';
import type { LivePoint } from '../core/facade';
import { createTail } from './tail';
import { evidenceSize } from './view-size';

/** Two minutes of 64 series. Points are one a second and series: more waiting means a window that died. */
const maxPoints = 7680;

const maxTransitions = 200;
const maxGaps = 1000;

/**
 * What waits to be told of the one source that a window looks at. Bounded: the oldest give way, events counted. What is
 * of another source, or was not asked for, is not kept.
 */
export interface Detail {
  interest(): Interest | null;
  /** Forgets what nobody asks for any more. */
  setInterest(interest: Interest): void;
  /** `hidden`: they are counted and not kept. */
  events(source: string, events: readonly DeliveredEvent[], hidden: boolean): void;
  gaps(source: string, changed: readonly Gap[]): void;
  transition(source: string, transition: Transition): void;
  points(source: string, fresh: readonly LivePoint[]): void;
  /** Counts the events that wait instead of keeping them. */
  skipEvents(): void;
  /** More events wait than anybody reads before the next ones come. */
  crowded(): boolean;
  /** Something can be told. */
  waits(): boolean;
  /** Takes from the old end what fits `budget` bytes, about; returns what is left of them. */
  take(updates: Update[], budget: number): number;
  clear(): void;
}

/** See `Detail`. */
export function createDetail(): Detail {
  const tail = createTail();
  const gaps = new Map<string, Gap>();
  let transitions: Transition[] = [];
  let points: LivePoint[] = [];
  let interest: Interest | null = null;
  let wantedSeries: ReadonlySet<string> = new Set();

  const clear = (): void => {
    tail.clear();
    gaps.clear();
    transitions = [];
    points = [];
  };

  return {
    interest: () => interest,
    setInterest(next) {
      if (next.source !== interest?.source) clear();
      else if (!next.tail) tail.clear();
      interest = next;
      wantedSeries = new Set(next.series);
      points = points.filter((point) => wantedSeries.has(point.series));
    },
    events(source, events, hidden) {
      if (interest?.source !== source || !interest.tail) return;
      if (hidden) tail.skip(events);
      else tail.push(events);
    },
    gaps(source, changed) {
      if (interest?.source !== source) return;
      for (const gap of changed) {
        gaps.delete(gap.id);
        gaps.set(gap.id, gap);
      }
      for (const id of gaps.keys()) {
        if (gaps.size <= maxGaps) break;
        gaps.delete(id);
      }
    },
    transition(source, transition) {
      if (interest?.source !== source) return;
      transitions.push(transition);
      if (transitions.length > maxTransitions) transitions.shift();
    },
    points(source, fresh) {
      if (interest?.source !== source) return;
      for (const point of fresh) if (wantedSeries.has(point.series)) points.push(point);
      if (points.length > maxPoints) points.splice(0, points.length - maxPoints);
    },
    skipEvents: () => tail.skip([]),
    crowded: tail.crowded,
    waits: () => tail.pending() || gaps.size > 0 || transitions.length > 0 || points.length > 0,
    take(updates, budget) {
      let room = budget;
      const source = interest?.source;
      if (!source) return room;
      while (transitions.length > 0 && room > 0) {
        const transition = transitions.shift();
        if (!transition) break;
        updates.push({ kind: 'transition', source, transition });
        room -= 800 + transition.text.length + evidenceSize(transition.evidence);
      }
      if (gaps.size > 0 && room > 0) {
        updates.push({ kind: 'gaps', source, gaps: [...gaps.values()] });
        room -= gaps.size * 250;
        gaps.clear();
      }
      if (points.length > 0 && room > 0) {
        const fitting = points.splice(0, Math.max(1, Math.floor(room / 160)));
        updates.push({ kind: 'points', source, points: fitting });
        room -= fitting.length * 160;
      }
      const part = room > 0 ? tail.take(room) : null;
      if (part === null) return room;
      updates.push({ kind: 'events', source, rows: part.rows, skipped: part.skipped, upTo: part.upTo });
      return room - part.bytes;
    },
    clear,
  };
}
