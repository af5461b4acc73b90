import type { Socket } from 'node:net';
import type { PhaseTimings } from '../../../shared/evidence';
import type { CertificateFacts, NetworkFailure } from '../core/network';

/** Where a connection is to lead. */
export interface DialTarget {
  readonly secure: boolean;
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /**
   * What HTTP will be spoken: a plain http:// request through an HTTP proxy goes in absolute form instead of a tunnel.
   * `http1`: HTTP/2 is not offered. `stream`: none.
   */
  readonly use: 'http' | 'http1' | 'websocket' | 'stream';
  /**
   * A redirect led here from another origin: nothing holds that was entered for the source's own (client certificate,
   * pinned certificate, name asked for, place to connect to).
   */
  readonly elsewhere?: boolean;
}

/** The proxy a connection goes through. */
export interface Via {
  /** As in `http://host:port`, without a credential. */
  readonly proxy: string;
  /** The proxy reads the requests: their target goes in absolute form (RFC 9112 §3.2.2), with this credential. */
  readonly absolute: { readonly authorization: string | null } | null;
}

/** A connection ready for the first byte of HTTP: TLS is done and the certificate accepted. */
export interface Dialled {
  /** Not flowing: whoever reads it starts it. */
  readonly socket: Socket;
  /** `answerMs` is null: nothing has been asked yet. */
  readonly timings: PhaseTimings;
  /** Null where nothing stands between. */
  readonly via: Via | null;
  /** The server's; null without TLS. */
  readonly certificate: CertificateFacts | null;
  /** Bytes read from the network, TLS records included. Only grows. */
  bytesRead(): number;
}

/** Opens a connection, or rejects with a DialFailure. Aborting destroys what is there, also a socket that opens late. */
export type Dial = (target: DialTarget, signal: AbortSignal) => Promise<Dialled>;

/** Why there is no connection. `code` repeats the failure's, for libraries that look at it. */
export class DialFailure extends Error {
  override readonly name = 'DialFailure';
  readonly code: string;

  constructor(readonly failure: NetworkFailure) {
    super(failure.message);
    this.code = failure.code;
  }
}

/** What a URL asks to be dialled. `elsewhere`: a redirect to another origin led to it. */
export function targetOf(url: URL, use: DialTarget['use'], elsewhere: boolean): DialTarget {
  const secure = url.protocol === 'https:' || url.protocol === 'wss:';
  return {
    secure,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    use,
    elsewhere,
  };
}

/** Ports of the schemes that are spoken over bare TCP (IANA). */
const streamPorts: Readonly<Record<string, number>> = {
  'mqtt:': 1883,
  'mqtts:': 8883,
  'stomp:': 61613,
  'stomps:': 61614,
};

/** The same for an address of a protocol of packets. */
export function streamTargetOf(url: URL): DialTarget {
  const port = url.port === '' ? streamPorts[url.protocol] : Number(url.port);
  if (port === undefined) throw new TypeError(`${url.protocol} has no port of its own: write it behind the host.`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { secure: url.protocol.endsWith('s:'), host, port, use: 'stream', elsewhere: false };
}

/** `host:port`, an IPv6 address in brackets. */
export function hostPort(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A failure without certificate or proxy facts, from whatever was thrown. */
export function failureOf(error: unknown, phase: NetworkFailure['phase'], fallbackCode: string): NetworkFailure {
  if (error instanceof DialFailure) return error.failure;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : fallbackCode;
  return { phase, code, message: message.slice(0, 500), certificate: null, proxy: null };
}
