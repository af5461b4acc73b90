import { isPlaceOfSecret } from './secret-places';

/**
 * What is a secret by its name: one list, for what is moved to the keyring and for what is struck out of evidence. Names
 * are compared word by word, in any spelling: `apiKey`, `api_key`, `X-Api-Key`.
 */

/** Words that make a secret of what they name, wherever they stand in a name. */
const telling = new Set([
  'apikey',
  'appid',
  'appkey',
  'auth',
  'authkey',
  'authorization',
  'authtoken',
  'accesskey',
  'accesstoken',
  'bearer',
  'cookie',
  'cookie2',
  'credential',
  'credentials',
  'hmac',
  'idtoken',
  'jsessionid',
  'jwt',
  'passphrase',
  'passwd',
  'password',
  'phpsessid',
  'privatekey',
  'pwd',
  'refreshtoken',
  'secret',
  'secretkey',
  'session',
  'sessionid',
  'sessid',
  'sig',
  'signature',
  'token',
]);

/** Names that are secrets as a whole, and too common as a part of others. */
const whole = new Set(['key', 'pass', 'pw', 'psk', 'sid']);

/** Words before `key` and `token` that make something open of them: a place in a list, a part of a log. */
const open = new Set([
  'accept',
  'cache',
  'continuation',
  'continue',
  'cursor',
  'idempotency',
  'next',
  'object',
  'page',
  'partition',
  'primary',
  'public',
  'resume',
  'routing',
  'sort',
  'start',
  'surrogate',
  'sync',
  'websocket',
]);

/** Names that only look like it: they say how something is done, never with what. */
const harmless =
  /^access-control-|^sec-websocket-|^(session|auth)[-_]?(type|kind|mode|name|timeout|duration)$|^signature[-_]?(algorithm|method|version)$/i;

/** Whether what stands under this name (of a header, a query parameter, a member of a message) is a secret. */
export function isSecretName(name: string): boolean {
  if (harmless.test(name)) return false;
  const words = wordsOf(name);
  const last = words.at(-1) ?? '';
  if (words.length === 1 && whole.has(last)) return true;
  const before = words.at(-2) ?? '';
  if ((last === 'key' || last === 'token') && open.has(before)) return false;
  if (last === 'key' && words.length > 1) return true;
  return telling.has(words.join('')) || words.some((word) => telling.has(word));
}

function wordsOf(name: string): readonly string[] {
  return name
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}

/** What stands in the place of a secret. */
export const struckOut = '[redacted]';

/** A value of a parameter: up to what ends it in an address, a header or a page. */
const parameter = /([?&#;]|&amp;)([^\s=&?#;,"'<>/]{1,200})=([^\s&"'<>#;,]*)/g;
/** Up to the last @ before a path: a password may hold one. */
const userInfo = /([a-z][a-z0-9+.-]{0,20}:\/\/)([^\s/?#"'<>]+)@/gi;
/** A token in three parts that says itself what it is (RFC 7519). */
const jwt = /\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*/g;

/**
 * A text with something else in place of each secret in the addresses within it: user-info, parameters that are named like
 * secrets, also in an address that is itself a parameter, and signed tokens. Everything else stays as it is, and so does
 * what stands for a secret already.
 */
export function replaceSecrets(text: string, stand: (secret: string) => string): string {
  if (!/[=@]|eyJ/.test(text)) return text;
  const put = (secret: string) => (secret === struckOut || isPlaceOfSecret(secret) ? secret : stand(secret));
  return text
    .replace(userInfo, (_all, scheme: string, secret: string) => `${scheme}${put(secret)}@`)
    .replace(parameter, (all, mark: string, name: string, value: string) =>
      value !== '' && (isSecretName(decoded(name)) || holdsSecret(value)) ? `${mark}${name}=${put(value)}` : all,
    )
    .replace(jwt, put);
}

/** A text as it may be shown and kept, see `replaceSecrets`. */
export function redactUrls(text: string): string {
  return replaceSecrets(text, () => struckOut);
}

/** An address within a parameter is percent-encoded, perhaps more than once. */
function holdsSecret(value: string): boolean {
  let inner = value;
  for (let depth = 0; depth < 3 && inner.includes('%'); depth++) {
    const next = decoded(inner);
    if (next === inner) return false;
    if (next.includes('=') && redactUrls(`?${next}`) !== `?${next}`) return true;
    if (redactUrls(next) !== next) return true;
    inner = next;
  }
  return false;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A header's value as evidence: nothing of it where the name says that it is a secret, else without secrets in its addresses. */
export function redactHeader(name: string, value: string): string {
  return isSecretName(name) ? struckOut : redactUrls(value);
}
