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
  'assertion',
  'auth',
  'authkey',
  'authorization',
  'authtoken',
  'accesskey',
  'accesstoken',
  'bearer',
  'codeverifier',
  'cookie',
  'cookie2',
  'credential',
  'credentials',
  'csrf',
  'dpop',
  'hdnea',
  'hdnts',
  'hmac',
  'idtoken',
  'jsessionid',
  'jwt',
  'otp',
  'passphrase',
  'passwd',
  'password',
  'phpsessid',
  'privatekey',
  'pwd',
  'refreshtoken',
  'samlresponse',
  'sas',
  'secret',
  'secretkey',
  'session',
  'sessionid',
  'sessid',
  'sharedkey',
  'sig',
  'signature',
  'token',
  'totp',
  'wskey',
  'xsrf',
]);

/** Names that are secrets as a whole, and too common as a part of others. */
const whole = new Set(['key', 'pass', 'psk', 'pw', 'sid', 'sign']);

/** Names that as often say something open: a secret under them is told by how it looks. */
const perhaps = new Set(['access', 'code', 'license', 'ticket', 'tok', 'tokens']);

/** Words before `sign` that make a signature of it. */
const signing = new Set(['access', 'api', 'payload', 'req', 'request']);

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
  if (last === 'sign' && signing.has(before)) return true;
  return telling.has(words.join('')) || words.some((word) => telling.has(word));
}

/** The same for a name that says it only together with its value. */
function isSecretPair(name: string, value: string): boolean {
  return isSecretName(name) || (perhaps.has(wordsOf(name).join('')) && value.length >= 16 && looksMade(value));
}

/** Names that say where a secret is, or how it is asked for. */
export function pointsToSecret(name: string): boolean {
  return pointing.has(wordsOf(name).at(-1) ?? '');
}

const pointing = new Set(
  'audience,cmd,command,dir,endpoint,env,expires,file,host,id,issuer,kind,name,path,profile,provider,scope,service,ttl,type,uri,url,var,version'.split(
    ',',
  ),
);

/** Of a member or a pair anywhere in a text more is asked: topics and rooms are called keys, too. */
function isMadeSecret(name: string, value: string): boolean {
  return looksMade(value) && !/^(key|sid|sign)$/i.test(name) && !pointsToSecret(name) && isSecretPair(name, value);
}

/** No word of a language, nor a number: letters and digits in one, as tokens and passwords are. */
function looksMade(value: string): boolean {
  return value.length >= 8 && /\d/.test(value) && /[a-z]/i.test(value);
}

function wordsOf(name: string): readonly string[] {
  return name
    .slice(0, 200)
    .replace(/^x[-_]/i, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}

/** What stands in the place of a secret. */
export const struckOut = '[redacted]';

/** A value of a parameter: up to what ends it in an address, a header or a page. */
const parameter = /([?&#;]|&amp;)([^\s=&?#;,"'<>/]{1,200} ?)=([^\s&"'<>#;,]*)/g;
/** Up to the last @ before a path: a password may hold one. Parsers take slashes of either kind, and one for two. */
const userInfo = /([a-z][a-z0-9+.-]{0,20}:[/\\]{1,6}|(?<![^\s"'=<(,])\/\/)([^\s/\\?#"'<>]+)@/gi;
/** What a scheme of authorization brings, wherever it stands. */
const scheme = /\b(bearer|basic|token)(\s{1,4})([\w+/.~-]{8,4096}(?:={1,2}(?![\w=]|"[^\s,}\])])|(?![\w=])))/gi;
/** A member of a JSON text, or of one that is nearly one. */
const member = /(["'])([\w-]{1,60})\1(\s{0,4}:\s{0,4})(["'])([^"'\\\s]{8,4096})\4/g;
/** A pair that stands by itself, or in a list. */
const pair = /(^|[\s,])([\w-]{1,60})=("?)([^\s&"'<>#;,]{8,4096})\3/g;
/** A token in three parts that says itself what it is (RFC 7519). */
const jwt = /\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*/g;

/** The place of a variable of a recipe: it names what is kept elsewhere. */
const variable = /^\{\{[a-z][a-z0-9_]{0,29}\}\}$/i;

/**
 * A text with something else in place of each secret in the addresses within it: user-info, parameters that are named like
 * secrets, also in an address that is itself a parameter. And of what says itself that it is one: signed tokens, what
 * follows `Bearer` or `Basic`, members and pairs that are named so and look made. Everything else stays as it is, and so
 * does what stands for a secret already.
 */
export function replaceSecrets(text: string, stand: (secret: string) => string): string {
  if (!/[=@"']|eyJ|bearer\s|basic\s|token\s/i.test(text)) return text;
  const put = (secret: string) =>
    secret === struckOut || isPlaceOfSecret(secret) || variable.test(secret) ? secret : stand(secret);
  return text
    .replace(userInfo, (_all, before: string, secret: string) => `${before}${put(secret)}@`)
    .replace(parameter, (all, mark: string, name: string, value: string) =>
      value !== '' && (isSecretPair(decoded(name).trim(), value) || holdsSecret(value))
        ? `${mark}${name}=${put(value)}`
        : all,
    )
    .replace(jwt, put)
    .replace(scheme, (all, name: string, space: string, value: string) =>
      looksMade(value) ? `${name}${space}${put(value)}` : all,
    )
    .replace(member, (all, quote: string, name: string, between: string, mark: string, value: string) =>
      isMadeSecret(name, value) ? `${quote}${name}${quote}${between}${mark}${put(value)}${mark}` : all,
    )
    .replace(pair, (all, before: string, name: string, mark: string, value: string) =>
      isMadeSecret(name, value) ? `${before}${name}=${mark}${put(value)}${mark}` : all,
    );
}

/** A text as it may be shown and kept, see `replaceSecrets`. */
export function redactUrls(text: string): string {
  return replaceSecrets(text, () => struckOut);
}

/** An address within a parameter is percent-encoded, perhaps more than once. */
function holdsSecret(value: string): boolean {
  let inner = value;
  for (let depth = 0; depth < 3 && /[%+]/.test(inner); depth++) {
    const next = decoded(inner.replaceAll('+', ' '));
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
  return isSecretPair(name, value) ? struckOut : redactUrls(value);
}
