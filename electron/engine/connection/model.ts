import type { ConnectionState } from '../../../shared/connection';
import type { Evidence } from '../../../shared/evidence';
import type { ReasonCode, ReasonedEvidence } from '../../../shared/reasons';
import type { Recipe } from '../../../shared/recipe';
import type { BootMs, MonotonicMs, WallMs } from '../core/clock';
import type { RefreshResult } from '../core/credential';
import type { RungFacts, RungPurpose, Undelivered } from '../core/rung';
import type { TransportEnd } from '../core/transport';
import type { Failure } from './failure';
import type { Losses } from './flap';
import type { Heart } from './heartbeat';
import type { RememberedRung } from './memory';
import type { Timing } from './timing';

/**
 * The machine's own state: richer than `ConnectionState`, from which the public one is derived.
 */
export interface Machine {
  readonly phase: Phase;
  /** What was last told outside, in wall time: the next transition's `from`. */
  readonly shown: ConnectionState;
  /** Since when the kind of public state holds. */
  readonly since: WallMs;
  readonly reason: ReasonedEvidence;
  /** The trouble it is in; null while live or at rest. */
  readonly down: Down | null;
  /** How often it came back after a loss. */
  readonly reconnects: number;
  /** Rung the ladder stands on. */
  readonly home: number;
  readonly pinned: number | null;
  /** Where the ladder stood when a rung was pinned: it goes on from there. */
  readonly unpinned: number;
  /** The ladder moved here on proof while nothing was open: said when it opens. */
  readonly moved: { readonly from: number; readonly evidence: readonly Evidence[] } | null;
  /** `home` comes from memory and was not yet proven here. */
  readonly remembered: boolean;
  /** n of the backoff: failures since the connection was last stable. */
  readonly failures: number;
  /** No attempt before this uptime, except by a person. */
  readonly floorUntilUp: BootMs;
  readonly spreadMs: number;
  /** Heartbeat promised by the protocol or by the server's terms, ms. */
  readonly promisedMs: number | null;
  /** Heartbeat cadence learnt from the feed's own comments, ms. */
  readonly learntMs: number | null;
  /**
   * Whether this server answers pings. `doubted`: once one stayed unanswered and nothing else was heard either. `never`:
   * it sent data and no answer, so pings tell nothing of its life.
   */
  readonly pongs: 'unknown' | 'doubted' | 'answers' | 'never';
  /** Idle time after which something on the way cuts WebSockets, ms, once recognised. */
  readonly idleCutMs: number | null;
  readonly round: Round | null;
  readonly ladder: readonly RungRecord[];
  readonly probe: ProbeRecord;
  readonly losses: Losses;
  /** The credential was refreshed since the connection was last stable. */
  readonly refreshUsed: boolean;
  /** The credential is known to be bad, and why: it is refreshed before the next request. */
  readonly refreshFirst: ReasonedEvidence | null;
  /** The system says there is no network. */
  readonly noNetwork: boolean;
  /** Uptime of the last immediate attempt after a wake or a network change. */
  readonly immediateUp: BootMs;
  /** We hold the socket back: the heartbeat's clock stands still. */
  readonly held: boolean;
  /** How often it came to be live. */
  readonly timesLive: number;
  /** Rechecks go round the rungs: which comes next, counted from `home`. */
  readonly recheckTurn: number;
}

/**
 * A time without a connection. `first`: there was none before. `own`: of our own making (a probe that breaks first, our
 * sleep, a pin). `lost`: it went, or what was begun of our own failed.
 */
export interface Down {
  readonly kind: 'first' | 'own' | 'lost';
  /** Last sign of life before it. */
  readonly since: WallMs;
  /** An attempt has failed. */
  readonly failed: boolean;
}

export type Phase =
  | { readonly kind: 'idle'; readonly cause: 'new' | 'paused' }
  | {
      readonly kind: 'opening';
      readonly role: 'main' | 'control';
      readonly rung: number;
      /** When the handshake is given up; null while it waits for its turn. */
      readonly deadline: MonotonicMs | null;
    }
  | {
      readonly kind: 'refreshing';
      readonly rung: number;
      readonly deadline: MonotonicMs;
      readonly next: Next;
      /** What made it necessary: the cause of `stopped` when it comes to nothing. */
      readonly why: ReasonedEvidence;
    }
  | Live
  | {
      readonly kind: 'waiting';
      readonly from: MonotonicMs;
      readonly until: MonotonicMs;
      readonly attempt: number;
      readonly cause: ReasonCode;
      readonly next: Next;
    }
  | { readonly kind: 'offline'; readonly cause: 'no-network' | 'asleep'; readonly lookAt: MonotonicMs }
  | {
      readonly kind: 'stopped';
      readonly cause: ReasonCode;
      readonly recheckAt: MonotonicMs | null;
      readonly recheck: { readonly rung: number; readonly deadline: MonotonicMs | null } | null;
    }
  | { readonly kind: 'closed' };

/** What a wait or a refresh leads to: an attempt, or the control request of the round. */
export type Next = 'attempt' | 'control';

/** Why an open connection is not live yet: nothing came so far, a login is asked for, or nothing comes any more. */
export type Silence = Extract<ReasonCode, 'open-silent' | 'asks-login' | 'fell-silent'>;

export interface Live {
  readonly kind: 'live';
  readonly rung: number;
  readonly since: MonotonicMs;
  readonly resync: 'current' | 'catching-up';
  /** Why it is no news that it is open: what is expected on it does not come; null where it does, or nothing is. */
  readonly silent: Silence | null;
  /** A frame was heard on this session. */
  readonly heard: boolean;
  /** Counted as stable: failures forgotten. */
  readonly stable: boolean;
  readonly heart: Heart;
  /** Floor for the delay after this session, ms: SSE `retry:`, a poll's interval. */
  readonly floorMs: number;
  /** The server asks for polls rarer than once an hour: what it asked for, ms. */
  readonly rarelyMs: number | null;
  readonly goodbye: { readonly reason: string; readonly retryAfterMs: number } | null;
  /** Epoch per stream, as attached; of the streams attached first where there are very many. */
  readonly epochs: Readonly<Record<string, string>>;
  readonly candidate: Candidate | null;
  readonly proof: Proof | null;
  /** No suspicion of buffering before this. */
  readonly trustedUntil: MonotonicMs;
  /** A stream of unknown cadence is not renewed before this, however silent. */
  readonly renewAt: MonotonicMs;
  /** Its life is in doubt: where only a fresh session can tell, one is opened now. */
  readonly doubted: boolean;
}

export interface Candidate {
  readonly rung: number;
  readonly why: 'probe' | 'recycle';
  /** The whole promotion must be complete by then. */
  readonly deadline: MonotonicMs;
  /** The handshake must be by then; null before it began and once it is. */
  readonly openBy: MonotonicMs | null;
  readonly openedAt: MonotonicMs | null;
  /** A frame was heard on it. */
  readonly heard: boolean;
}

export interface Proof {
  /** Rung the proof is asked on. */
  readonly rung: number;
  readonly deadline: MonotonicMs;
  /** What it returned that was not delivered; null until it answered. */
  readonly undelivered: Undelivered | null;
  readonly bytesThen: number;
  readonly suspicion: ReasonedEvidence;
  /** The stream had been in time until it fell silent: dead is likelier than buffered. */
  readonly wasInTime: boolean;
}

/** One failure of a rung and the control requests it led to. */
export interface Round {
  readonly rung: number;
  readonly failure: Failure;
  /** Why the control is asked: what its opening would mean. */
  readonly kind: 'open' | 'busy' | 'young' | 'later' | 'hold';
  /** Rung the control is asked on. */
  readonly control: number;
  /** Rungs that refused, this one included where it did. */
  readonly refusals: readonly { readonly rung: number; readonly failure: Failure }[];
}

/** What is known of one rung. */
export interface RungRecord {
  /** It let us in once. */
  readonly opened: boolean;
  /** It was a guess, and the host answers that there is no such thing: nothing is missing without it. */
  readonly absent: boolean;
  readonly blocked: (ReasonedEvidence & { readonly since: MonotonicMs }) | null;
  readonly suspected: (ReasonedEvidence & { readonly since: MonotonicMs }) | null;
  readonly busyAt: readonly MonotonicMs[];
  readonly youngAt: readonly MonotonicMs[];
  readonly cuts: readonly { readonly at: MonotonicMs; readonly idleMs: number }[];
  /** Which rung below is asked next when this one fails: turns, so that two blocked rungs are passed too. */
  readonly controlTurn: number;
}

export interface ProbeRecord {
  readonly failures: number;
  readonly at: MonotonicMs | null;
  /** Since when the rung a promotion led to has held; null when it did not come from a promotion. */
  readonly promotedAt: MonotonicMs | null;
  /** Next rung to try within the running probe round. */
  readonly rung: number;
}

/** Measured at the moment of the event, of the session in the main slot. */
export interface Pulse {
  readonly bytesRead: number;
  readonly bytesQueued: number;
  readonly lastByteAt: MonotonicMs;
  /** A session beside it would begin where it is, and not with what is newest. */
  readonly placed: boolean;
}

export interface Stamp {
  readonly at: MonotonicMs;
  readonly up: BootMs;
  readonly wall: WallMs;
  /** Chance, [0, 1): one for a delay, one for a probe. */
  readonly rolls: readonly [number, number];
  readonly pulse: Pulse | null;
}

/** The places a session can have. At most one session each. */
export type Role = 'main' | 'control' | 'candidate' | 'proof';

/** What the machine is told. Plain data, nothing else: inputs can be logged and played again. */
export type MachineInput =
  | { readonly type: 'start'; readonly recalled: RememberedRung | null; readonly online: boolean }
  | { readonly type: 'pause' }
  | { readonly type: 'resume'; readonly recalled: RememberedRung | null; readonly online: boolean }
  | { readonly type: 'retry' }
  | { readonly type: 'probe' }
  | { readonly type: 'pin'; readonly rung: number | null }
  | { readonly type: 'close' }
  | { readonly type: 'reattach'; readonly reason: string }
  | { readonly type: 'hold'; readonly on: boolean }
  | { readonly type: 'silence'; readonly why: Silence | null }
  | { readonly type: 'credential-changed' }
  | { readonly type: 'refreshed'; readonly result: RefreshResult }
  /** A deadline of the machine may have passed. */
  | { readonly type: 'due' }
  /** The session of a role was started (its turn had come). */
  | { readonly type: 'begun'; readonly role: Role }
  /** The handshake is done; what is said then takes `ms` at most until it counts as open. */
  | { readonly type: 'talking'; readonly role: Role; readonly ms: number }
  | { readonly type: 'opened'; readonly role: Role; readonly evidence: readonly Evidence[] }
  /** The first frame of a session. */
  | { readonly type: 'heard'; readonly role: Role }
  | { readonly type: 'attached'; readonly role: Role; readonly stream: string; readonly epoch: string }
  | {
      readonly type: 'terms';
      readonly role: Role;
      readonly spreadMs: number | null;
      readonly heartbeatMs: number | null;
    }
  | {
      readonly type: 'goodbye';
      readonly role: Role;
      readonly reason: string;
      readonly retryAfterMs: number;
      readonly spreadMs: number;
    }
  | { readonly type: 'floor'; readonly role: Role; readonly ms: number }
  | { readonly type: 'answered'; readonly role: Role }
  /** The answer of a poll does not end: it is listened to like a stream. */
  | { readonly type: 'streams'; readonly role: Role }
  /** The ping has left. */
  | { readonly type: 'flushed' }
  /** The first answer to a ping. */
  | { readonly type: 'ponged' }
  /** A heartbeat cadence was learnt, ms. */
  | { readonly type: 'learnt'; readonly ms: number }
  | { readonly type: 'caught-up'; readonly role: Role }
  | { readonly type: 'proof'; readonly undelivered: Undelivered }
  | { readonly type: 'suspected'; readonly bursts: number; readonly lagMs: number }
  /** `portal`: other origins answer with pages too. */
  | {
      readonly type: 'ended';
      readonly role: Role;
      readonly end: TransportEnd;
      readonly portal: boolean;
      /** When the session's last byte was read. */
      readonly lastByteAt: MonotonicMs;
      /** When the feed was last heard: pongs are answers to us, not its traffic. */
      readonly lastFeedAt: MonotonicMs;
    }
  | { readonly type: 'portal' }
  | { readonly type: 'suspend' }
  /** Woke up. `sleptMs` null: only the system said so. `lastWall`: last sign of our own life. */
  | { readonly type: 'woke'; readonly sleptMs: number | null; readonly lastWall: WallMs; readonly online: boolean }
  /** The machine was awake, and our turn did not come for so long, ms. */
  | { readonly type: 'stood-still'; readonly ms: number }
  | { readonly type: 'clock-changed'; readonly byMs: number }
  | { readonly type: 'offline' }
  | { readonly type: 'online' }
  | {
      readonly type: 'network-changed';
      readonly network: string;
      readonly recalled: RememberedRung | null;
      readonly online: boolean;
    };

export type MachineEvent = MachineInput & Stamp;

export type Effect =
  /** Queue for a turn, then open. */
  | { readonly do: 'open'; readonly role: Role; readonly rung: number; readonly purpose: RungPurpose }
  | { readonly do: 'drop'; readonly role: Role; readonly politely: boolean }
  /** The session of this role becomes the main one; the old main one is closed politely. */
  | { readonly do: 'adopt'; readonly role: 'control' | 'candidate' }
  | { readonly do: 'ping' }
  | { readonly do: 'ask' }
  | { readonly do: 'hold'; readonly on: boolean }
  | { readonly do: 'refresh' }
  | { readonly do: 'remember'; readonly rung: number; readonly why: ReasonedEvidence }
  | { readonly do: 'forget' };

/** What never changes during a connection's life. */
export interface Settings {
  readonly rungs: readonly RungFacts[];
  readonly timing: Timing;
  /** Close codes 4000–4999 that mean stop. */
  readonly stopCodes: readonly number[];
  /** What the feed's close codes mean. */
  readonly closes: Recipe['closes'];
  /** The feed ends a connection on purpose at about this age, ms. */
  readonly plannedEndMs: number | null;
  /** Two sessions may overlap (the feed has numbers or unique ids, so that nothing is repeated). */
  readonly overlap: boolean;
  /** There is a credential that could be refreshed or changed. */
  readonly hasCredential: boolean;
  /** Requests of the feed carry no credential. */
  readonly bare: boolean;
  /** The ladder is a guess: several ways of asking one address, of which not all need to exist. */
  readonly guessed: boolean;
}
