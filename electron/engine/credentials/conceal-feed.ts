import { isSecretName } from '../../../shared/secret-words';
import { conceal, withinBase64 } from './conceal';

/** In what a feed sends a shorter secret is found by chance. */
const shortest = 8;

/** Strikes secrets out of what a feed sends: text and bytes, each message. */
export interface FeedConcealer {
  text(text: string): string;
  /** Of the same length, so that what counts bytes still can be read. */
  bytes(bytes: Uint8Array): Uint8Array;
}

/**
 * A feed may say our login back to us, in a message like any other. Every message is looked through for the usual ways to
 * write a secret, which costs next to nothing; only where one is found is it struck out in every way there is.
 */
export function createFeedConcealer(secrets: readonly string[]): FeedConcealer {
  const all = [...new Set(secrets.map((secret) => secret.trim()))].filter(({ length }) => length >= shortest);
  // In place of a number in a document its end would not be found: only where it is a text of its own.
  const numbers = all.filter((secret) => /^[-+.\deE]+$/.test(secret));
  const words = all.filter((secret) => !numbers.includes(secret));
  const usual = [...new Set(words.flatMap(usualForms))];
  const needles = words.flatMap(usualForms).map((form) => Buffer.from(form));
  /** As it is, or with any of its characters escaped, as PHP writes each slash and .NET each plus sign. */
  function says(text: string): boolean {
    if (usual.some((form) => text.includes(form))) return true;
    if (words.length === 0 || !codeOfCharacter.test(text)) return false;
    const plain = unescaped(text);
    return words.some((word) => plain.includes(word));
  }

  return {
    text(text) {
      let shown = says(text) ? conceal(text, words) : text;
      for (const number of numbers) shown = shown.replaceAll(`"${number}"`, '"[redacted]"');
      return shown;
    },
    bytes(bytes) {
      const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const found = needles.filter((needle) => view.includes(needle));
      if (found.length === 0) return bytes;
      const shown = Buffer.from(bytes);
      for (const needle of found) {
        for (let at = shown.indexOf(needle); at >= 0; at = shown.indexOf(needle, at + needle.length)) {
          shown.fill('*', at, at + needle.length);
        }
      }
      return shown;
    },
  };
}

const codeOfCharacter = /\\u[0-9a-f]{4}|\\["'\\/]|%[0-9a-f]{2}/i;
const codesOfCharacters = new RegExp(codeOfCharacter.source, 'gi');

/** The text with each character that is written as a code as itself: those of one byte, which is what secrets are made of. */
function unescaped(text: string): string {
  return text.replace(codesOfCharacters, (code) =>
    code.length === 2
      ? code.slice(1)
      : String.fromCharCode(Number.parseInt(code.slice(code.startsWith('%') ? 1 : 2), 16)),
  );
}

function usualForms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString('hex');
  const json = JSON.stringify(secret).slice(1, -1);
  const forms = [secret, json, encodeURIComponent(secret), ...withinBase64(secret), hex, hex.toUpperCase()];
  return [...new Set(forms)];
}

/**
 * What of a secret a server may say alone: the password of a login, the token behind a scheme's name, the texts in a first
 * message, a value as it is without its percent codes.
 */
export function partsOf(secret: string): readonly string[] {
  const parts = [secret, decoded(secret), decoded(secret.replaceAll('+', ' '))];
  const login = /^[^:\s{]*:(.+)$/s.exec(secret)?.[1];
  if (login !== undefined) parts.push(login, decoded(login));
  if (/^[[{]/.test(secret.trim())) parts.push(...textsIn(secret));
  else parts.push(...secret.split(/[\s;,]+/).filter((word) => word.length >= 16 && word !== secret));
  for (const pair of secret.split(/[;\s]+/)) {
    const value = /^[\w-]{1,60}=(.{8,})$/.exec(pair)?.[1];
    if (value !== undefined) parts.push(value);
  }
  return [...new Set(parts)];
}

/** Texts of a first message that can be a credential: not its words for what it is. */
function textsIn(json: string): readonly string[] {
  const texts: string[] = [];
  const walk = (value: unknown, name: string, depth: number): void => {
    if (typeof value === 'string') {
      if (value.length >= 16 || (value.length >= shortest && isSecretName(name))) texts.push(value);
    } else if (typeof value === 'object' && value !== null && depth < 8) {
      for (const [key, inner] of Object.entries(value)) walk(inner, Array.isArray(value) ? name : key, depth + 1);
    }
  };
  try {
    walk(JSON.parse(json), '', 0);
  } catch {
    // No document: it stands for itself.
  }
  return texts;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
