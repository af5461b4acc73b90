import type { FailurePhase, PhaseTimings } from '../../../shared/evidence';
import type { Said } from './said';

/**
 * The ports through which the engine reaches a network. Production stands on undici and `ws` over one
 * dialler; the simulation fakes exactly these and nothing above them.
 *
 * Rules both sides keep: callbacks never run inside the call that caused them; after `destroy()` none runs
 * any more; exactly one of the closing callbacks (`onEnd`/`onClose`, `onRefused`, `onError`) ends an exchange.
 */

/** Code of a `body` failure where the connection ended in order but before the body was whole. A reset is `ECONNRESET`. */
export const bodyCutCode = 'BODY_CUT';

/** Code of a `body` failure where what came cannot be decoded: its message names the `Content-Encoding`. */
export const badEncodingCode = 'BAD_ENCODING';

/** Code of a failure where a message was larger than the port takes. */
export const messageTooLargeCode = 'MESSAGE_TOO_LARGE';

/** Code of a failure where the peer's close frame carried a code that no close frame may carry (`ws` names it so). */
export const invalidCloseCode = 'WS_ERR_INVALID_CLOSE_CODE';

/** Code of a failure where there was no credential to send: nothing has left this machine. */
export const credentialFailedCode = 'CREDENTIAL_FAILED';

/** Code of a failure where the proxy asks for a login in ways that are not spoken here (NTLM, Negotiate, Digest). */
export const proxyLoginUnsupportedCode = 'PROXY_AUTH_UNSUPPORTED';

/** Anything that went wrong below HTTP, with where on the way it did. */
export interface NetworkFailure {
  readonly phase: FailurePhase;
  /** errno or TLS code: `ECONNREFUSED`, `ENOTFOUND`, `UNABLE_TO_VERIFY_LEAF_SIGNATURE`, … */
  readonly code: string;
  readonly message: string;
  readonly certificate: CertificateFacts | null;
  /** `messageTooLargeCode` only: the length that the message's head names, bytes; absent where it names none. */
  readonly bytes?: number;
  /** Answer of a proxy that refused to connect us. */
  readonly proxy: { readonly address: string; readonly status: number | null; readonly message: string } | null;
}

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Epoch ms. */
  readonly validTo: number;
  /** SHA-256, upper-case hex with colons. */
  readonly fingerprint: string;
}

/** Head of an HTTP answer. Header names are lower-case; repeated headers stay repeated. */
export interface HttpHead {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  /** The body came encoded like this (`gzip`) and is handed on decoded; absent where it came plain. */
  readonly encoding?: string;
  /** Another origin than the one asked answered: a redirect led there. */
  readonly elsewhere?: true;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  /** What is sealed is put together as it leaves. */
  readonly body: Said | null;
  /** A body of text has places of secrets, which are filled in as it leaves. */
  readonly places?: boolean;
}

export interface HttpSink {
  onHead(head: HttpHead, timings: PhaseTimings): void;
  /** Bytes of the decoded body, as they came. The chunk may be kept. */
  onBytes(chunk: Uint8Array): void;
  onEnd(): void;
  onError(failure: NetworkFailure): void;
}

export interface HttpExchange {
  /** Bytes read for this exchange so far, head included. Only grows. */
  bytesRead(): number;
  /** Stops reading from the socket; the kernel's window fills and the server feels it. */
  pause(): void;
  resume(): void;
  /** Ends it at once; no callback follows. */
  destroy(): void;
}

export interface HttpPort {
  request(request: HttpRequest, sink: HttpSink): HttpExchange;
}

export interface SocketRequest {
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly subprotocols: readonly string[];
}

export interface SocketSink {
  onOpen(head: HttpHead, timings: PhaseTimings, subprotocol: string): void;
  /** A text message as string, a binary one as bytes. `bytes`: its length on the wire, where the port knows it. */
  onMessage(data: string | Uint8Array, bytes?: number): void;
  onPing(): void;
  onPong(): void;
  /** The upgrade was answered with something else than 101. Ends the exchange. */
  onRefused(head: HttpHead, bodyStart: string, timings: PhaseTimings): void;
  /** Code as received; 1006 when the connection went without a close frame. */
  onClose(code: number, reason: string): void;
  onError(failure: NetworkFailure): void;
}

export interface SocketExchange {
  bytesRead(): number;
  /** Bytes handed over for sending and not yet taken by the kernel. */
  bytesQueued(): number;
  /**
   * `flushed` is called when the kernel has taken it. `places`: of secrets are filled in it, at the source's own origin; where
   * a redirect led to another one, a text with places does not leave at all, nor does what is sealed.
   */
  send(said: Said, flushed: () => void, places?: boolean): void;
  ping(flushed: () => void): void;
  pause(): void;
  resume(): void;
  /** Starts the close handshake; `onClose` follows (or `destroy` cuts it short). */
  close(code: number, reason: string): void;
  /** Ends it at once; no callback follows. */
  destroy(): void;
}

export interface SocketPort {
  open(request: SocketRequest, sink: SocketSink): SocketExchange;
}

export interface StreamSink {
  /** Connected, and with TLS where the scheme says so. */
  onOpen(timings: PhaseTimings): void;
  /** Bytes as they came. The chunk may be kept. */
  onBytes(chunk: Uint8Array): void;
  /** The other side ended it in order. */
  onEnd(): void;
  onError(failure: NetworkFailure): void;
}

export interface StreamExchange {
  bytesRead(): number;
  bytesQueued(): number;
  /** As of a socket; a text goes as UTF-8. */
  send(said: Said, flushed: () => void, places?: boolean): void;
  pause(): void;
  resume(): void;
  /** Sends what is queued and ends; `onEnd` follows (or `destroy` cuts it short). */
  end(): void;
  destroy(): void;
}

/** A stream of bytes over TCP, with TLS where the address's scheme ends in `s` (`mqtts:`). */
export interface StreamPort {
  open(request: { readonly url: string }, sink: StreamSink): StreamExchange;
}

/** What the machine below tells us. All are hints: loopback and a transport that hears bytes outrank `offline`. */
export type HostSignal =
  | { readonly kind: 'suspend' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'offline' }
  | { readonly kind: 'online' }
  | { readonly kind: 'network-changed'; readonly network: string };

/** Where host signals come from. `subscribe` returns its own unsubscribe. */
export interface HostSignals {
  /** Names the network one is on (gateway + interface), for rung memory; stable across restarts. */
  network(): string;
  online(): boolean;
  subscribe(listener: (signal: HostSignal) => void): () => void;
}
