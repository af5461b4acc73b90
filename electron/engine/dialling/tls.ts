import { isIP, type Socket } from 'node:net';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { CertificateFacts, NetworkFailure } from '../core/network';
import { DialFailure, failureOf } from './dial';

/** What OpenSSL's verification codes mean, where the code alone says it badly. */
const meanings: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'unable to verify the first certificate: its issuer was not sent and is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the issuer of the certificate is not known here',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the chain ends in a root that is not trusted here',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  CERT_REVOKED: 'the certificate was revoked',
};

/**
 * TLS over a connected socket. The certificate is judged here, before any byte of HTTP, and not by the library:
 * a refused one is needed as evidence, and the library throws it away.
 */
export function secure(raw: Socket, host: string, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((fulfil, reject) => {
    const socket = connect({
      socket: raw,
      host,
      servername: isIP(host) === 0 ? host : '',
      ALPNProtocols: ['http/1.1'],
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
      fail(failureOf(error, 'tls', 'TLS_FAILED'));
    }

    function closed(): void {
      failed(Object.assign(new Error('The connection was closed during the TLS handshake.'), { code: 'ECONNRESET' }));
    }

    function judge(): void {
      if (socket.authorized) {
        settle();
        fulfil(socket);
        return;
      }
      const code = codeOf(socket.authorizationError);
      const certificate = factsOf(socket.getPeerCertificate());
      fail({ phase: 'tls', code, message: meanings[code] ?? code, certificate, proxy: null });
    }

    socket.once('secureConnect', judge);
    socket.once('error', failed);
    socket.once('close', closed);
    signal.addEventListener('abort', abort);
  });
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
