import { createHash } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { TlsVersion } from '../../../shared/reach';
import { credentialFailedCode, type NetworkFailure } from '../core/network';
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
  if (certificate.trim() !== '' && key.trim() === '') {
    throw new DialFailure(unusableClient('the client certificate has no private key here: enter it'));
  }
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

/** What stands in the way of a client certificate, by words of OpenSSL and BoringSSL. */
const obstacles: readonly (readonly [RegExp, string])[] = [
  [
    /mac verify failure|INCORRECT_PASSWORD|bad.?decrypt|BAD_PASSWORD_READ/i,
    'the passphrase does not open the client certificate',
  ],
  [
    /unsupported PKCS12/i,
    'the client certificate is encrypted in an old way (RC2) that is not read here: write it anew with openssl pkcs12',
  ],
  [/KEY_VALUES_MISMATCH/i, 'the private key does not belong to the client certificate'],
];

/** Messages of the library name no secret, but are for experts: they are put into a sentence. */
function unusable(error: unknown, profile: TlsProfile): NetworkFailure {
  const said = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const client = profile.archive !== null || profile.certificate.trim() !== '';
  if (!client) {
    const message = `the authorities entered cannot be used (${said.slice(0, 200)})`;
    return { phase: 'tls', code: code || 'TLS_PROFILE_UNUSABLE', message, certificate: null, proxy: null };
  }
  const known = obstacles.find(([pattern]) => pattern.test(`${said} ${code}`))?.[1];
  return unusableClient(known ?? `the client certificate or its key cannot be read (${said.slice(0, 200)})`);
}

/** A client certificate that cannot be shown: nothing has left this machine. */
export function unusableClient(message: string): NetworkFailure {
  return { phase: 'tls', code: credentialFailedCode, message, certificate: null, proxy: null };
}
