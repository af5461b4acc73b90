import { keptEvent, roomOf } from '../core/kept-event';
import type { DecodedEvent } from '../core/protocol';

/** What became of a snapshot: how many types took its state, kept something as new or newer, and found no room. */
export type SnapshotOutcome =
  | { readonly kind: 'merged'; readonly applied: number; readonly kept: number; readonly refused: number }
  /** It belongs to another epoch than the stream's newest events: nothing of it was applied. */
  | { readonly kind: 'other-epoch'; readonly epoch: string };

/** An event of a type, with its ordinal where it was delivered and not said by a snapshot. */
export type LatestEvent = DecodedEvent & { readonly ordinal?: number };

/** The state of a source's streams: the newest event of each type, with snapshots merged in. Bounded by types and bytes. */
export interface LatestState {
  /** Delivered events, in order. Late ones and those of an epoch that is over never replace newer ones. */
  apply(events: readonly (LatestEvent & { readonly late: boolean })[]): void;
  /** A snapshot, as one event per type (protocols decode it so). Newer events stay on top, older ones give way. */
  merge(stream: string, epoch: string, events: readonly DecodedEvent[]): SnapshotOutcome;
  /** The stream's numbering began anew: what it said before is history, not state. */
  reset(stream: string, epoch: string): void;
  /** Streams that have a state. */
  streams(): readonly string[];
  /** In the order the types were first seen. */
  entries(stream: string): readonly LatestEvent[];
  /** Events whose type or size found no room. */
  readonly refused: number;
}

interface StreamState {
  epoch: string | null;
  /** A place per type, or per thing of a list: a newer event is put into it, which costs less than putting it into the map. */
  readonly types: Map<string, StatePlace>;
}

interface StatePlace {
  event: LatestEvent;
}

export interface LatestLimits {
  /** Types kept, over all streams. */
  readonly types: number;
  /** Bytes of bodies, ids and names kept, over all streams. */
  readonly bytes: number;
}

const shipped: LatestLimits = { types: 1_000, bytes: 8 * 1024 * 1024 };

export function createLatestState(limits: LatestLimits = shipped): LatestState {
  const streams = new Map<string, StreamState>();
  let types = 0;
  let bytes = 0;
  let refused = 0;

  /** Places that the events at hand were put into: whoever is still there when all of them are taken stays for long. */
  let touched = new Set<StatePlace>();

  function keepTouched(): void {
    if (touched.size === 0) return;
    for (const place of touched) place.event = keptEvent(place.event);
    touched = new Set();
  }

  /** Null when there is no room for another stream: each takes the room of a type at least. */
  function stateOf(stream: string): StreamState | null {
    let state = streams.get(stream);
    if (state === undefined) {
      if (streams.size >= limits.types || bytes + stream.length > limits.bytes) return null;
      bytes += stream.length;
      state = { epoch: null, types: new Map() };
      streams.set(stream, state);
    }
    return state;
  }

  /** Puts an event on top unless something as new lies there. */
  function put(state: StreamState, event: LatestEvent): 'applied' | 'kept' | 'refused' {
    const key = event.thing === undefined ? event.type : ` ${event.thing}`;
    const place = state.types.get(key);
    const known = place?.event;
    const seq = event.position?.seq;
    if (known !== undefined && seq !== undefined && (known.position?.seq ?? -1) >= seq) return 'kept';
    if (known === undefined && types >= limits.types) forgetEnded(state);
    const grown = roomOf(event) - (known === undefined ? 0 : roomOf(known));
    if ((known === undefined && types >= limits.types) || (grown > 0 && bytes + grown > limits.bytes)) {
      refused++;
      // What lies there is not the newest any more, so it must not be shown as if it were.
      if (known !== undefined) {
        state.types.delete(key);
        types--;
        bytes -= roomOf(known);
      }
      return 'refused';
    }
    bytes += grown;
    if (place === undefined) {
      types++;
      const made = { event };
      state.types.set(key, made);
      touched.add(made);
    } else {
      place.event = event;
      touched.add(place);
    }
    return 'applied';
  }

  /** What ended first makes room for what is there. */
  function forgetEnded(state: StreamState): void {
    for (const [key, { event }] of state.types) {
      if (event.thing === undefined || event.type !== 'ended') continue;
      state.types.delete(key);
      types--;
      bytes -= roomOf(event);
      return;
    }
  }

  function empty(state: StreamState, epoch: string): void {
    types -= state.types.size;
    for (const { event } of state.types.values()) bytes -= roomOf(event);
    state.types.clear();
    state.epoch = epoch;
  }

  return {
    get refused() {
      return refused;
    },

    apply(events) {
      let state: StreamState | null = null;
      let stream: string | null = null;
      for (const event of events) {
        // Events come in runs of one stream.
        if (state === null || event.stream !== stream) {
          stream = event.stream;
          state = stateOf(stream);
        }
        if (state === null) {
          refused++;
          continue;
        }
        const epoch = event.position?.epoch;
        if (epoch !== undefined && state.epoch !== epoch) {
          if (event.late) continue;
          empty(state, epoch);
        }
        put(state, event);
      }
      keepTouched();
    },

    merge(stream, epoch, events) {
      const state = stateOf(stream);
      if (state === null) {
        refused += events.length;
        return { kind: 'merged', applied: 0, kept: 0, refused: events.length };
      }
      if (state.epoch !== null && state.epoch !== epoch) return { kind: 'other-epoch', epoch };
      state.epoch = epoch;
      const became = { applied: 0, kept: 0, refused: 0 };
      for (const event of events) became[put(state, event)]++;
      keepTouched();
      return { kind: 'merged', ...became };
    },

    reset(stream, epoch) {
      const state = stateOf(stream);
      if (state !== null) empty(state, epoch);
    },
    streams: () => [...streams.keys()],
    entries: (stream) => [...(streams.get(stream)?.types.values() ?? [])].map(({ event }) => event),
  };
}
