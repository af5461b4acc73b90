import type { Evidence } from './evidence';
import type { ReasonCode } from './reasons';
import type { SentencePart } from './sentence';
import type { TransportKind } from './transport';

/**
 * The state of one source's connection. Contradictions cannot be written down.
 *
 * `rung` is an index into the source's ladder, 0 = top. Times are milliseconds: monotonic inside the
 * engine; wall-clock epoch ms in everything that leaves it (views, transitions, journal).
 */
export type ConnectionState =
  | { readonly kind: 'idle'; readonly cause: 'new' | 'paused' }
  | { readonly kind: 'connecting'; readonly rung: number; readonly attempt: number }
  | {
      readonly kind: 'live';
      readonly rung: number;
      readonly since: number;
      /** `silent`: open, and of what is expected on it nothing has come yet, or nothing comes any more. */
      readonly resync: 'current' | 'catching-up' | 'silent';
      readonly candidate: { readonly rung: number; readonly deadline: number } | null;
      /** The rungs above were a guess that proved wrong: nothing better exists there. */
      readonly topmost?: true;
    }
  | { readonly kind: 'waiting'; readonly until: number; readonly attempt: number; readonly cause: ReasonCode }
  | { readonly kind: 'offline'; readonly cause: 'no-network' | 'asleep' }
  | {
      readonly kind: 'stopped';
      readonly cause: ReasonCode;
      /** When the next single recheck is due; null where only a person (or a new credential) can help. */
      readonly recheckAt: number | null;
      readonly rechecking: boolean;
    }
  | { readonly kind: 'closed' };

/** Why something is as it is: a code for machines, a sentence for people. */
export interface Reason {
  readonly code: ReasonCode;
  /** One sentence, made from the code's template and the evidence. */
  readonly text: string;
  /** The text in stretches, where it has more than one. */
  readonly parts?: readonly SentencePart[];
}

/** One step of the state machine, as journaled and shown. */
export interface Transition {
  readonly from: ConnectionState;
  readonly to: ConnectionState;
  /** Wall clock, epoch ms. */
  readonly at: number;
  readonly code: ReasonCode;
  readonly text: string;
  readonly evidence: readonly Evidence[];
  /** Transport of the rung concerned, where one is. */
  readonly transport: TransportKind | null;
  /**
   * Since when the trouble holds that `to` is part of, wall clock: the last sign of life, kept over all attempts.
   * Absent where there is none.
   */
  readonly since?: number;
  /**
   * Nobody's failure: before the first connection, after our own sleep or a break of our own making. Time in `to` is
   * no downtime, and where `to` is live it was no reconnect.
   */
  readonly excused?: true;
}

/** The word (and shape) shown for a source. The last four of design.md's list are derived, never stored. */
export type Badge =
  | 'live'
  | 'degraded'
  | 'catching-up'
  /** Open, and nothing that is expected has come: not live before it has. */
  | 'silent'
  | 'connecting'
  | 'waiting'
  | 'stopped'
  | 'offline'
  | 'paused'
  | 'throttled'
  | 'stale'
  | 'quiet'
  /** What it shows was recorded: never live. */
  | 'recording';

export interface BadgeInputs {
  readonly state: ConnectionState;
  readonly pinnedRung: number | null;
  readonly throttled: boolean;
  readonly stale: boolean;
  readonly quiet: boolean;
}

/** It is open, and not only known to be open: whether one that is silent speaks is not known yet. */
export function isSpeaking(state: ConnectionState | undefined): boolean {
  return state?.kind === 'live' && state.resync !== 'silent';
}

/** Derives the one word for a source. Trouble outranks detail: throttled > catching up > stale > silent > degraded > quiet > live. */
export function badgeOf({ state, pinnedRung, throttled, stale, quiet }: BadgeInputs): Exclude<Badge, 'recording'> {
  switch (state.kind) {
    case 'idle':
      return state.cause === 'paused' ? 'paused' : 'connecting';
    case 'connecting':
      return 'connecting';
    case 'waiting':
      return 'waiting';
    case 'offline':
      return 'offline';
    case 'stopped':
      return 'stopped';
    case 'closed':
      return 'paused';
    case 'live':
      if (throttled) return 'throttled';
      if (state.resync === 'catching-up') return 'catching-up';
      if (stale) return 'stale';
      if (state.resync === 'silent') return 'silent';
      if (state.rung > 0 && pinnedRung !== state.rung && !state.topmost) return 'degraded';
      if (quiet) return 'quiet';
      return 'live';
  }
}
