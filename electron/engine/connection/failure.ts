import type { Evidence } from '../../../shared/evidence';
import { type ReasonCode, type ReasonedEvidence, sayReason } from '../../../shared/reasons';
import type { Recipe } from '../../../shared/recipe';
import type { Values } from '../../../shared/sentence';
import type { TransportKind } from '../../../shared/transport';
import type { WallMs } from '../core/clock';
import type { Timing } from './timing';

/**
 * What a failure says about who is to blame, as far as the ladder must know.
 *
 * `auth`, `proxy-auth`: 401, 407. `refusal`: other 4xx, a redirect. `wrong-content`: no feed. `certificate`: not
 * trusted. `busy`: 408, 425, 429, 5xx, close 1012, 1013. `same-way`: failed before the transport made a difference
 * (name, TCP). `silence`: timeouts and resets of an opening. `cut`: an open connection went without a word.
 * `closed`: the server ended it in good order. `policy`: 1008 and the configured 4xxx. `stop`: 204.
 * `portal`: 511. `ours`: ended by us on purpose (credential, size limit).
 */
export type FailureClass =
  | 'auth'
  | 'proxy-auth'
  | 'refusal'
  | 'wrong-content'
  | 'certificate'
  | 'busy'
  | 'same-way'
  | 'silence'
  | 'cut'
  | 'closed'
  | 'policy'
  | 'stop'
  | 'portal'
  | 'ours';

/** A failure, read: what class, with which reason and evidence, and what the server asked us to wait. */
export interface Failure extends ReasonedEvidence {
  readonly class: FailureClass;
  /** Hint of the server, ms from now; null when it gave none. */
  readonly floorMs: number | null;
  /** Whether the body of the answer is a page for people: what a captive portal sends. */
  readonly html: boolean;
  /** A cut: what showed it. */
  readonly how?: string;
}

/** Makes a failure from its parts. */
export function failureOf(
  kind: FailureClass,
  code: ReasonCode,
  values: Values,
  evidence: readonly Evidence[],
  floorMs: number | null = null,
): Failure {
  return { class: kind, ...sayReason(code, values, evidence), floorMs, html: false };
}

export interface FailureContext {
  readonly transport: TransportKind;
  /** The session was open. */
  readonly opened: boolean;
  /** Close codes 4000–4999 after which this feed must not be asked again by itself. */
  readonly stopCodes: readonly number[];
  /** What the feed's close codes mean, as its recipe says. */
  readonly closes?: Recipe['closes'];
  /** Requests carry no credential: what is refused is its absence. */
  readonly bare: boolean;
  /** How long it had been open, ms. */
  readonly openMs: number;
  /** When it ended. */
  readonly wall: WallMs;
  readonly timing: Timing;
}

/** Seconds with one decimal, for a sentence. */
export function tenths(ms: number): string {
  return (Math.max(0, ms) / 1000).toFixed(1);
}
