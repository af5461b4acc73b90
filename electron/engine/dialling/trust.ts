import { createHash } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsVersion } from '../../../shared/reach';
import type { NetworkFailure } from '../core/network';
import { DialFailure } from './dial';
import type { TlsProfile } from './profile';

/** TLS contexts, made once for each profile: reading some hundred roots takes tens of milliseconds. */
export interface Trust {
  contextOf(profile: TlsProfile): SecureContext;
}

/** Contexts kept; more profiles than this at once are made anew. */
const maxContexts = 50;

/** `roots`: PEM of what everyone trusts. */
export function createTrust(roots: () => readonly string[]): Trust {
  const contexts = new Map<string, SecureContext>();
  return {
    contextOf(profile) {
      const known = roots();
      const key = keyOf(profile, known.length);
      const made = contexts.get(key) ?? make(profile, known);
      contexts.delete(key);
      contexts.set(key, made);
      const oldest = contexts.keys().next();
      if (contexts.size > maxContexts && !oldest.done) contexts.delete(oldest.value);
      return made;
    },
  };
}

/** A digest, so that no key of a map holds a private key. */
function keyOf(profile: TlsProfile, roots: number): string {
  const archive = profile.archive?.toString('base64') ?? '';
  const parts = [profile.ca, profile.certificate, profile.key, archive, profile.passphrase, profile.minVersion, roots];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

function make(profile: TlsProfile, roots: readonly string[]): SecureContext {
  const { ca, certificate, key, archive, passphrase, minVersion } = profile;
  const authorities = ca.trim() === '' ? [...roots] : [...roots, ca];
  const secret = passphrase === '' ? {} : { passphrase };
  const options = {
    ca: authorities,
    minVersion,
    ...(certificate.trim() === '' ? {} : { cert: certificate, key, ...secret }),
    ...(archive ? { pfx: archive, ...secret } : {}),
  };
  try {
    return createSecureContext({ ...options, ...oldCiphers(minVersion) });
  } catch (error) {
    throw new DialFailure(unusable(error, profile));
  }
}

/** OpenSSL speaks the versions before 1.2 only at its lowest level. BoringSSL (Electron) knows no levels and needs none. */
function oldCiphers(minVersion: TlsVersion): { readonly ciphers?: string } {
  if (minVersion !== 'TLSv1' && minVersion !== 'TLSv1.1') return {};
  try {
    const ciphers = 'DEFAULT@SECLEVEL=0';
    createSecureContext({ ciphers });
    return { ciphers };
  } catch {
    return {};
  }
}

/** The message of OpenSSL names no secret, but is for experts: it is put into a sentence. */
function unusable(error: unknown, profile: TlsProfile): NetworkFailure {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'TLS_PROFILE_UNUSABLE';
  const said = (error instanceof Error ? error.message : String(error)).slice(0, 200);
  const client = profile.archive !== null || profile.certificate.trim() !== '';
  const message = client
    ? `the client certificate, its key or its passphrase cannot be used (${said})`
    : `the authorities entered cannot be used (${said})`;
  return { phase: 'tls', code, message, certificate: null, proxy: null };
}
