import type { TransportKind } from './transport';

/** Milliseconds each phase of opening a connection took; null where it did not happen. */
export interface PhaseTimings {
  readonly dnsMs: number | null;
  readonly tcpMs: number | null;
  readonly proxyMs: number | null;
  readonly tlsMs: number | null;
  /** From the request written to the answer's head (HTTP status or 101). */
  readonly answerMs: number | null;
}

/** What proves a transition. Every transition carries at least one piece. */
export type Evidence =
  | {
      readonly kind: 'http';
      readonly status: number;
      /** Answer headers, lower-case names, secrets already redacted. */
      readonly headers: readonly (readonly [string, string])[];
      /** First bytes of the body as text, at most 512 characters. */
      readonly bodyStart: string;
    }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string; readonly by: 'server' | 'us' }
  | {
      readonly kind: 'errno';
      readonly code: string;
      readonly message: string;
      readonly phase: FailurePhase;
    }
  | {
      readonly kind: 'tls';
      readonly code: string;
      readonly message: string;
      readonly subject: string | null;
      readonly issuer: string | null;
      /** Epoch ms. */
      readonly validTo: number | null;
      /** SHA-256, upper-case hex with colons. */
      readonly fingerprint: string | null;
    }
  | { readonly kind: 'proxy'; readonly proxy: string; readonly status: number | null; readonly message: string }
  | {
      readonly kind: 'timer';
      readonly name: string;
      readonly afterMs: number;
      readonly lastByteAgoMs: number | null;
    }
  | {
      readonly kind: 'control';
      readonly transport: TransportKind;
      readonly outcome: 'opened' | 'refused' | 'failed';
      readonly detail: string;
    }
  | { readonly kind: 'count'; readonly what: string; readonly count: number; readonly withinMs: number }
  | { readonly kind: 'protocol'; readonly message: string; readonly detail: string }
  | { readonly kind: 'signal'; readonly signal: string; readonly detail: string }
  | { readonly kind: 'command'; readonly command: string }
  /** The address that was asked. */
  | { readonly kind: 'address'; readonly url: string }
  | { readonly kind: 'timings'; readonly phases: PhaseTimings };

/** Where on the way an attempt failed. */
export type FailurePhase = 'dns' | 'tcp' | 'proxy' | 'tls' | 'request' | 'handshake' | 'body';
