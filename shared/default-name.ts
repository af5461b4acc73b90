import { parseUrl } from './url';
import { visible } from './visible';

/** Longest name that is made, characters (as a name that a person gives). */
const mostCharacters = 80;
/** A part of a path that is longer than this is an id or a key rather than a word, characters. */
const mostOfPart = 40;

/**
 * A name for a source that nobody named: the last part of its path, then its host, as both tell sources of one server apart
 * where little room is left. Never one of `taken`: a number follows then. Empty for what is no address.
 */
export function defaultName(url: string, taken: readonly string[]): string {
  // Chromium before 130 sees no host in an address whose scheme is not of the web.
  const parsed = parseUrl(url.trim().replace(/^(?:mqtt|stomp)(s?):/i, 'http$1:'));
  if (!parsed) return '';
  const part = lastPart(parsed.pathname);
  const name = (part === '' ? parsed.host : `${part} · ${parsed.host}`).slice(0, mostCharacters);
  const known = new Set(taken);
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : ` ${number}`;
    const one = `${name.slice(0, mostCharacters - suffix.length)}${suffix}`;
    if (!known.has(one)) return one;
  }
}

function lastPart(path: string): string {
  const last = path.split('/').findLast((part) => part !== '') ?? '';
  const part = decoded(last);
  return part.length > mostOfPart || isOpaque(part) ? '' : part;
}

/** As it reads; as it was written where that would hide something, or turn the host behind it round. */
function decoded(part: string): string {
  try {
    const text = decodeURIComponent(part);
    return text.trim() === '' || visible(text) !== text ? part : text;
  } catch {
    return part;
  }
}

/** Letters and digits in a row without a word in it: a key that some servers have in their addresses is no name. */
function isOpaque(part: string): boolean {
  return /[A-Za-z0-9_-]{20,}/.test(part) && /\d/.test(part) && /[A-Za-z]/.test(part);
}
