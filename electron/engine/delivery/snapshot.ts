import type { DeliveredEvent } from '../core/delivery';

/** The newest event of one type, as state. Times are epoch ms. */
export interface LatestEntry {
  readonly type: string;
  readonly epoch: string | null;
  readonly seq: number | null;
  readonly sentAt: number | null;
  /** Body text as received; bytes of a binary frame. */
  readonly body: string | Uint8Array;
  /** Parsed where decoding had to parse it; for meters, never for display. */
  readonly value: unknown;
  /** It came with a snapshot, not as an event. */
  readonly snapshot: boolean;
}

/** A stream's state as the server says it was at `seq`. */
export interface Snapshot {
  readonly epoch: string;
  readonly seq: number;
  readonly entries: readonly {
    readonly type: string;
    readonly seq: number;
    readonly sentAt: number | null;
    readonly body: string;
    readonly value: unknown;
  }[];
}

/** What became of a snapshot. */
export type SnapshotOutcome =
  | { readonly kind: 'merged'; readonly applied: number; readonly kept: number }
  /** It belongs to another epoch than the stream's newest events: nothing of it was applied. */
  | { readonly kind: 'other-epoch'; readonly epoch: string };

/** The state of streams: the newest event of each type, with snapshots merged in. */
export interface LatestState {
  /** Delivered events, in order. Late ones never replace newer ones. */
  apply(events: readonly DeliveredEvent[]): void;
  /** Newer events stay on top, older ones give way. */
  merge(stream: string, snapshot: Snapshot): SnapshotOutcome;
  /** The stream's numbering began anew: what it said before is history, not state. */
  reset(stream: string, epoch: string): void;
  entries(stream: string): readonly LatestEntry[];
  /** Types beyond the limit that were not kept. */
  readonly refused: number;
}

interface StreamState {
  epoch: string | null;
  readonly types: Map<string, LatestEntry | DeliveredEvent>;
}

/** Keeps at most `maxTypes` types per source. */
export function createLatestState(maxTypes = 1_000): LatestState {
  const streams = new Map<string, StreamState>();
  let size = 0;
  let refused = 0;

  function stateOf(stream: string): StreamState {
    let state = streams.get(stream);
    if (state === undefined) {
      state = { epoch: null, types: new Map() };
      streams.set(stream, state);
    }
    return state;
  }

  function put(state: StreamState, type: string, entry: LatestEntry | DeliveredEvent): void {
    if (!state.types.has(type)) {
      if (size >= maxTypes) {
        refused++;
        return;
      }
      size++;
    }
    state.types.set(type, entry);
  }

  function reset(state: StreamState, epoch: string): void {
    size -= state.types.size;
    state.types.clear();
    state.epoch = epoch;
  }

  return {
    get refused() {
      return refused;
    },

    apply(events) {
      let state: StreamState | null = null;
      let stream = '';
      for (const event of events) {
        if (state === null || event.stream !== stream) {
          stream = event.stream;
          state = stateOf(stream);
        }
        const position = event.position;
        if (position !== null && state.epoch !== position.epoch) {
          if (event.late) continue;
          reset(state, position.epoch);
        }
        const known = state.types.get(event.type);
        if (known !== undefined && position !== null && (seqOf(known) ?? -1) >= position.seq) continue;
        put(state, event.type, event);
      }
    },

    merge(stream, snapshot) {
      const state = stateOf(stream);
      if (state.epoch !== null && state.epoch !== snapshot.epoch && state.types.size > 0) {
        return { kind: 'other-epoch', epoch: snapshot.epoch };
      }
      state.epoch = snapshot.epoch;
      let applied = 0;
      let kept = 0;
      for (const entry of snapshot.entries) {
        const known = state.types.get(entry.type);
        if (known !== undefined && (seqOf(known) ?? -1) >= entry.seq) {
          kept++;
          continue;
        }
        applied++;
        put(state, entry.type, { ...entry, epoch: snapshot.epoch, snapshot: true });
      }
      return { kind: 'merged', applied, kept };
    },

    reset(stream, epoch) {
      reset(stateOf(stream), epoch);
    },

    entries(stream) {
      const state = streams.get(stream);
      if (state === undefined) return [];
      return [...state.types.values()].map((entry) => ('ordinal' in entry ? entryOf(entry) : entry));
    },
  };
}

function seqOf(entry: LatestEntry | DeliveredEvent): number | null {
  return 'ordinal' in entry ? (entry.position?.seq ?? null) : entry.seq;
}

function entryOf(event: DeliveredEvent): LatestEntry {
  return {
    type: event.type,
    epoch: event.position?.epoch ?? null,
    seq: event.position?.seq ?? null,
    sentAt: event.sentAt,
    body: event.body,
    value: event.value,
    snapshot: false,
  };
}
