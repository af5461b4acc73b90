import type { EventPlace } from '../../../shared/place';

/** A question for events. `page` of the core interface is the part of it that lists need. */
export interface EventQuery {
  readonly source: string;
  /** What `from` counts: delivery order, wall-clock ms of receipt, or the numbers of `stream` in `epoch` (both needed). */
  readonly order: 'ordinal' | 'time' | 'seq';
  /** Exclusive; null = from the end that `direction` starts at. */
  readonly from: number | null;
  readonly direction: 'before' | 'after';
  readonly limit: number;
  /** See `shared/search.ts`. */
  readonly text: string;
  readonly stream: string | null;
  readonly epoch: string | null;
  readonly type: string | null;
  /** Received at or after / before, wall clock epoch ms. */
  readonly since: number | null;
  readonly before: number | null;
}

/** A query for everything of a source, newest first. */
export function allEvents(source: string): EventQuery {
  return {
    source,
    order: 'ordinal',
    from: null,
    direction: 'before',
    limit: 200,
    text: '',
    stream: null,
    epoch: null,
    type: null,
    since: null,
    before: null,
  };
}

/** A query for the events of a source from a place on, those at it included. */
export function eventsFrom(source: string, place: EventPlace): EventQuery {
  const all = { ...allEvents(source), direction: 'after' } as const;
  switch (place.by) {
    case 'time':
      return { ...all, order: 'time', from: place.time - 1 };
    case 'seq':
      return { ...all, order: 'seq', stream: place.stream, epoch: place.epoch, from: place.seq - 1 };
  }
}
