import { fillPlaces } from './places-in-text';
import { parseUrl } from './url';

/**
 * Where an address, a header or a subprotocol holds a secret, the settings hold its name: `?key=*secret.NAME*`. Made of
 * characters that stay as they are in every part of an address and in a subprotocol's name. It is filled in only when a
 * request is made.
 */

const place = /\*secret\.([A-Za-z0-9_.-]{1,80})\*/g;

/** What stands for the secret of this name. */
export function placeOfSecret(name: string): string {
  return `*secret.${name}*`;
}

/** Names of the secrets that a text has places for. */
export function secretsIn(text: string): readonly string[] {
  return [...text.matchAll(place)].map((found) => found[1] ?? '');
}

/** The text with its secrets in it; never to be kept or shown. */
export function withSecrets(text: string, read: (name: string) => string): string {
  return text.replace(place, (_all, name: string) => read(name));
}

/** A message that is sent, with its secrets in it; never to be kept or shown. */
export function messageWithSecrets(message: string, read: (name: string) => string): string {
  return fillPlaces(message, place, (found) => read(found[1] ?? ''));
}

/** Whether a text is such a place and nothing else. */
export function isPlaceOfSecret(text: string): boolean {
  return /^\*secret\.[A-Za-z0-9_.-]{1,80}\*$/.test(text);
}

/**
 * An address (or any other text) with its secrets in it; never to be kept or shown. It leads where it led without them:
 * a secret that would end the part it stands in, as `evil.test/` before an `@` would, is encoded, and a host is never one.
 */
export function addressWithSecrets(address: string, read: (name: string) => string): string {
  const origin = originOf(address);
  const filled = withSecrets(address, read);
  if (origin === null || originOf(filled) === origin) return filled;
  const encoded = withSecrets(address, (name) => encodeURIComponent(read(name)));
  return originOf(encoded) === origin ? encoded : address;
}

function originOf(text: string): string | null {
  const url = parseUrl(text);
  return url && `${url.protocol}//${url.host}`;
}
