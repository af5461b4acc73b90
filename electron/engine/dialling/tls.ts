import { isIP, type Socket } from 'node:net';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { CertificateFacts, NetworkFailure } from '../core/network';
import { DialFailure, failureOf } from './dial';
import { plainTls, type TlsProfile } from './profile';
import type { Trust } from './trust';

/** What OpenSSL's verification codes mean, where the code alone says it badly. */
const meanings: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'unable to verify the first certificate: its issuer was not sent and is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the certificate is not known here',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer of a certificate in the chain is not known here',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the chain ends in a root that is not trusted here',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  CERT_REVOKED: 'the certificate was revoked',
};

/** What goes wrong in a handshake, by words in the library's code. OpenSSL and BoringSSL name the same things alike. */
const handshakes: readonly (readonly [RegExp, string])[] = [
  [
    /UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|WRONG_SSL_VERSION|VERSION_TOO_LOW/,
    'the server speaks no TLS version that is accepted here',
  ],
  [/WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|NOT_TLS/, 'what answers does not speak TLS'],
  [
    /CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|ALERT_CERTIFICATE|ALERT_UNKNOWN_CA|ALERT_ACCESS_DENIED/,
    'the server asks for a client certificate that it accepts',
  ],
  [/NO_SHARED_CIPHER|HANDSHAKE_FAILURE|NO_CIPHERS/, 'no common way to encrypt was found'],
  [/UNRECOGNIZED_NAME/, 'the server does not know this name'],
];

export interface TlsWish {
  readonly host: string;
  readonly profile: TlsProfile;
  readonly trust: Trust;
  /** Protocols offered (ALPN), best first. */
  readonly protocols: readonly string[];
}

export interface Secured {
  readonly socket: TLSSocket;
  readonly certificate: CertificateFacts | null;
}

/** What a proxy is asked for: everyone's roots and the profile's own authorities, nothing that is meant for the feed. */
export function towardsProxy(profile: TlsProfile): TlsProfile {
  return { ...plainTls, ca: profile.ca, minVersion: profile.minVersion };
}

/** What an origin is asked for that only a redirect named: as a proxy, but an old version was agreed to for one server. */
export function towardsStrangers(profile: TlsProfile): TlsProfile {
  const minVersion = profile.minVersion === 'TLSv1.3' ? 'TLSv1.3' : plainTls.minVersion;
  return { ...towardsProxy(profile), minVersion };
}

/**
 * TLS over a connected socket. The certificate is judged here, before any byte of HTTP, and not by the library:
 * a refused one is needed as evidence, and the library throws it away. `socket` is `raw` afterwards, or destroyed.
 */
export function secure(raw: Socket, wish: TlsWish, signal: AbortSignal): Promise<Secured> {
  const { host, profile } = wish;
  const name = profile.serverName === '' ? host : profile.serverName;
  return new Promise((fulfil, reject) => {
    const socket = connect({
      socket: raw,
      host: name,
      servername: isIP(name) === 0 ? name : '',
      secureContext: wish.trust.contextOf(profile),
      ALPNProtocols: [...wish.protocols],
      rejectUnauthorized: false,
    });

    function settle(): void {
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', failed);
      socket.removeListener('close', closed);
      socket.removeListener('secureConnect', judge);
    }

    function fail(failure: NetworkFailure): void {
      settle();
      socket.on('error', () => {});
      socket.destroy();
      raw.destroy();
      reject(new DialFailure(failure));
    }

    function abort(): void {
      settle();
      socket.on('error', () => {});
      socket.destroy();
      raw.destroy();
      reject(signal.reason);
    }

    function failed(error: Error): void {
      const failure = failureOf(error, 'tls', 'TLS_FAILED');
      const meaning = meaningOf(failure.code);
      fail(meaning ? { ...failure, message: meaning } : failure);
    }

    function closed(): void {
      failed(Object.assign(new Error('The connection was closed during the TLS handshake.'), { code: 'ECONNRESET' }));
    }

    function judge(): void {
      const certificate = factsOf(socket.getPeerCertificate());
      const code = verdict(socket, certificate, profile);
      if (code === null) {
        settle();
        fulfil({ socket, certificate });
        return;
      }
      const message = code === pinnedCode ? 'it is not the one certificate trusted here' : (meanings[code] ?? code);
      fail({ phase: 'tls', code, message, certificate, proxy: null });
    }

    socket.once('secureConnect', judge);
    socket.once('error', failed);
    socket.once('close', closed);
    signal.addEventListener('abort', abort);
  });
}

const pinnedCode = 'FINGERPRINT_MISMATCH';

/** Null when the certificate is accepted. A pinned one is accepted whatever else is wrong with it, and no other is. */
function verdict(socket: TLSSocket, certificate: CertificateFacts | null, profile: TlsProfile): string | null {
  if (profile.fingerprint !== '') {
    return certificate?.fingerprint.replaceAll(':', '') === profile.fingerprint ? null : pinnedCode;
  }
  return socket.authorized ? null : codeOf(socket.authorizationError);
}

/** What a handshake's error code means; null where the library's own words must do. */
export function meaningOf(code: string): string | null {
  return handshakes.find(([pattern]) => pattern.test(code))?.[1] ?? null;
}

/** Declared as an Error, is the code's text in fact. */
function codeOf(problem: unknown): string {
  if (typeof problem === 'string') return problem;
  if (problem instanceof Error) return 'code' in problem ? String(problem.code) : problem.message;
  return 'CERT_NOT_AUTHORIZED';
}

/** Null when the peer sent no certificate. */
export function factsOf(certificate: PeerCertificate): CertificateFacts | null {
  if (!certificate.fingerprint256) return null;
  return {
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    validTo: Date.parse(certificate.valid_to),
    fingerprint: certificate.fingerprint256,
  };
}

function nameOf(name: PeerCertificate['subject'] | undefined): string {
  const parts = [name?.CN, name?.O].flat().filter((part) => typeof part === 'string' && part !== '');
  return parts.join(', ').slice(0, 300);
}
