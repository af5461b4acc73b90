import type { TlsVersion } from '../../../shared/reach';
import type { Dresser } from '../core/credential';
import type { CertificateFacts } from '../core/network';
import type { CookieJar } from './cookie-jar';
import type { DialTarget } from './dial';
import type { Hop } from './hop';

/** What TLS needs to know of a source; secrets are in here in clear, so it is never shown. */
export interface TlsProfile {
  /** PEM, besides the roots everyone trusts. */
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** PKCS#12; null where there is none. */
  readonly archive: Buffer | null;
  readonly passphrase: string;
  /** SHA-256 as 64 upper-case hex digits; empty = certificates are judged by their chain. */
  readonly fingerprint: string;
  readonly serverName: string;
  readonly minVersion: TlsVersion;
}

/** How one source is dialled. Everything is asked again at each attempt, so that a changed secret or network counts. */
export interface DialProfile {
  /** Ways to the target, best first. */
  route(target: DialTarget): Promise<readonly Hop[]>;
  tls(): TlsProfile;
  /** Where to connect to in place of the target; the target's name stays the one asked for. */
  readonly connectTo: { readonly host: string; readonly port: number } | null;
  /** Offers HTTP/2 to HTTP targets over TLS. */
  readonly http2: boolean;
  /** How the last connection came about. */
  onDialled?(facts: { readonly proxy: string | null; readonly certificate: CertificateFacts | null }): void;
}

/** How requests of one source look. */
export interface RequestProfile {
  readonly dress: Dresser | null;
  /** Sent with every request, beside the credential. */
  readonly headers: readonly (readonly [string, string])[];
  /** Offered by a WebSocket, behind what its protocol offers itself. */
  readonly subprotocols?: readonly string[];
  /** A WebSocket is open, and the server chose this subprotocol, or none. */
  onSubprotocol?(chosen: string | null): void;
  readonly compression: boolean;
  /** Null: cookies are neither kept nor sent. */
  readonly jar: CookieJar | null;
}

export const plainRequests: RequestProfile = { dress: null, headers: [], compression: false, jar: null };

export const plainTls: TlsProfile = {
  ca: '',
  certificate: '',
  key: '',
  archive: null,
  passphrase: '',
  fingerprint: '',
  serverName: '',
  minVersion: 'TLSv1.2',
};
