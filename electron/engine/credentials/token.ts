/** What a token provider gave. */
export interface Token {
  readonly value: string;
  /** How long it is good from now on, ms; null when nobody says. */
  readonly lifeMs: number | null;
}

/** Why there is no token: a sentence without any secret in it. */
export class TokenFailure extends Error {
  override readonly name = 'TokenFailure';

  /** `permanent`: asking again with the same credential can only be refused again, and may lock the account. */
  constructor(
    message: string,
    readonly permanent = false,
  ) {
    super(message);
  }
}

/** Largest answer of a provider, bytes. */
export const maxAnswerBytes = 64 * 1024;

/**
 * Reads what a provider says: JSON with `access_token` or `token` and `expires_in` (seconds) or `expires_at` (epoch or
 * ISO), or the bare token. Where no end is told, a JWT's own `exp` counts. `wall`: epoch ms.
 */
export function readToken(text: string, wall: number): Token {
  const trimmed = text.trim();
  const found = trimmed.startsWith('{') ? fromJson(trimmed, wall) : { value: trimmed, lifeMs: null };
  if (!/^[\x21-\x7e]{1,16384}$/.test(found.value) || /^[<"[]/.test(found.value))
    throw new TokenFailure('the answer holds no token');
  return { value: found.value, lifeMs: found.lifeMs ?? lifeOfJwt(found.value, wall) };
}

function fromJson(text: string, wall: number): Token {
  const answer = objectOf(text);
  const value = answer ? (answer.access_token ?? answer.token) : null;
  if (!answer || typeof value !== 'string') throw new TokenFailure('the answer holds no token');
  const seconds = numberOf(answer.expires_in);
  if (seconds !== null) return { value, lifeMs: Math.max(0, seconds * 1000) };
  const at = timeOf(answer.expires_at ?? answer.expires);
  return { value, lifeMs: at === null ? null : Math.max(0, at - wall) };
}

/** The word of an OAuth error answer (RFC 6749 §5.2); null when there is none that may be shown. */
export function oauthErrorOf(text: string): string | null {
  const error = objectOf(text)?.error;
  return typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : null;
}

function lifeOfJwt(value: string, wall: number): number | null {
  const payload = value.split('.').length === 3 ? value.split('.')[1] : undefined;
  if (payload === undefined) return null;
  const seconds = numberOf(objectOf(Buffer.from(payload, 'base64url').toString('utf8'))?.exp);
  return seconds === null ? null : Math.max(0, seconds * 1000 - wall);
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** Epoch seconds, epoch milliseconds or ISO, as epoch ms. */
function timeOf(value: unknown): number | null {
  const number = numberOf(value);
  if (number !== null) return number < 1e11 ? number * 1000 : number;
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}
