import type { Reach } from '../../../shared/reach';

/** A shorter secret is found by chance in any text. */
const shortest = 6;

/** Strikes secrets out of a text, in the forms in which they travel. */
export function conceal(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) for (const form of formsOf(secret)) shown = shown.replaceAll(form, '[redacted]');
  return shown;
}

/** The longest first: the encoded one may hold the plain one. */
function formsOf(secret: string): readonly string[] {
  const plain = secret.trim();
  if (plain.length < shortest) return [];
  const base64 = Buffer.from(plain).toString('base64');
  const forms = [
    secret,
    plain,
    encodeURIComponent(plain),
    new URLSearchParams([['', plain]]).toString().slice(1),
    JSON.stringify(plain).slice(1, -1),
    base64,
    base64.replace(/=+$/, ''),
  ];
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

/** Logins travel as one: user, colon, password. */
export function loginsOf({ credential, proxy }: Reach, read: (name: string) => string | null): readonly string[] {
  const pairs: (readonly [string, string | null])[] = [];
  if (credential.kind === 'basic') pairs.push([credential.user, read(credential.password)]);
  if (credential.kind === 'oauth') pairs.push([credential.clientId, read(credential.clientSecret)]);
  if (proxy.kind !== 'direct' && proxy.password !== null) pairs.push([proxy.user, read(proxy.password)]);
  return pairs.flatMap(([user, password]) => (password === null ? [] : [`${user}:${password}`]));
}
