import type { Badge, ConnectionState, Reason } from './connection';
import type { Evidence } from './evidence';
import type { RecordingView } from './recording';
import type { Numbering, SourceConfig } from './source';
import type { TransportKind } from './transport';

/** One rung as drawn: what it is and what is known of it. Times are wall-clock epoch ms. */
export interface RungView {
  readonly transport: TransportKind;
  readonly url: string;
  readonly status: 'current' | 'candidate' | 'blocked' | 'suspected' | 'ready';
  /** Why it is blocked or suspected; null otherwise. */
  readonly reason: Reason | null;
  readonly evidence: readonly Evidence[];
  readonly since: number | null;
  readonly nextProbeAt: number | null;
}

/** Totals since the source was added (kept across restarts). */
export interface SourceCounters {
  readonly delivered: number;
  readonly repeated: number;
  readonly late: number;
  /** As far as it is known how many. */
  readonly lost: number;
  /** How often events were lost of which nobody knows how many; left out where a count from before did not know it. */
  readonly lostUnknown?: number;
  /** After how many breaks nothing shows whether events were lost besides; left out where a count from before did not know it. */
  readonly resumesUnproven?: number;
  readonly gapsOpen: number;
  readonly undecodable: number;
  readonly reconnects: number;
  readonly bytes: number;
}

/** Totals of a source of which nothing is counted yet. */
export const noCounters: SourceCounters = {
  delivered: 0,
  repeated: 0,
  late: 0,
  lost: 0,
  gapsOpen: 0,
  undecodable: 0,
  reconnects: 0,
  bytes: 0,
};

/** How the last connection came about. */
export interface WayView {
  /** The proxy it went through, as in http://host:port; null when it went straight. */
  readonly proxy: string | null;
  /** What the server chose of the subprotocols offered, for a WebSocket; null for none, absent elsewhere. */
  readonly subprotocol?: string | null;
  /** The server's certificate; null without TLS. `validTo` is epoch ms, the fingerprint SHA-256 in hex with colons. */
  readonly certificate: {
    readonly subject: string;
    readonly issuer: string;
    readonly validTo: number;
    readonly fingerprint: string;
  } | null;
}

/** Everything the window shows about a source at a glance. Times are wall-clock epoch ms. */
export interface SourceView {
  readonly id: string;
  readonly config: SourceConfig;
  readonly state: ConnectionState;
  readonly badge: Badge;
  /** Since when the badge holds; in trouble, since when that began: the last sign of life, kept over all attempts. */
  readonly since: number;
  /** The same, only where it is down: null while live, paused or offline, and at a first attempt that has not failed yet. */
  readonly downSince?: number | null;
  readonly reason: Reason;
  readonly advice: string;
  readonly evidence: readonly Evidence[];
  readonly ladder: readonly RungView[];
  readonly remembered: boolean;
  readonly numbering: Numbering;
  /** What is worth knowing of it while it is live. */
  readonly notes?: readonly Reason[];
  /** What order and loss detection this feed allows, in words. */
  readonly promise: string;
  /** How it is read, where that is not as `config` says: its address was a hint that proved wrong. */
  readonly readAs?: Pick<SourceConfig, 'protocol' | 'ladder'>;
  /** What was found out about the feed that a person should know, in sentences. */
  readonly findings?: readonly string[];
  /** It is quiet since it resumed, and nothing shows that the server knows the place it was asked for. */
  readonly resumeUnproven?: boolean;
  /** It is open, and says nothing of what is expected of it. */
  readonly openSilent?: boolean;
  readonly lastByteAt: number | null;
  readonly lastHeartbeatAt: number | null;
  readonly lastEventAt: number | null;
  readonly roundTripMs: number | null;
  /** Events of the last full second, averaged over 5 s. */
  readonly eventsPerSecond: number;
  /** Events per second of the last 60 s, oldest first; null where it was not live. */
  readonly spark: readonly (number | null)[];
  readonly counters: SourceCounters;
  readonly catchingUp: { readonly fetched: number; readonly total: number | null } | null;
  /** Events delivered but not yet in the journal. */
  readonly notYetStored: number;
  /** Null before the first connection. */
  readonly way?: WayView | null;
  /** Where it is a recording that plays. */
  readonly recording?: RecordingView;
  /** The feed is two-way: messages can be sent to it. */
  readonly sends?: boolean;
  /** Why nothing can be sent to a feed that people know as two-way, in a sentence. */
  readonly cannotSend?: string;
}

/** What changes of a source at every event and heartbeat: small, and without what explains it. */
export const sourceNumbers = [
  'lastByteAt',
  'lastHeartbeatAt',
  'lastEventAt',
  'roundTripMs',
  'eventsPerSecond',
  'spark',
  'counters',
  'notYetStored',
] as const satisfies readonly (keyof SourceView)[];

/** Those of them that are others than before. */
export type SourceNumbers = Pick<SourceView, 'id'> & Partial<Pick<SourceView, (typeof sourceNumbers)[number]>>;
