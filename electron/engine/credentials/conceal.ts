import type { Reach } from '../../../shared/reach';

/** A shorter secret is found by chance in any text. */
const shortest = 6;

/**
 * Strikes secrets out of a text, in whatever way a server writes them back: percent-encoded, escaped as JSON or HTML does,
 * in other letters, as base64 or hex, each character in its own way. What the end of the text has cut off of one goes too:
 * evidence is the beginning of an answer, and a close reason has room for 123 bytes.
 */
export function conceal(text: string, secrets: readonly string[]): string {
  return secrets.flatMap(formsOf).reduce(strike, text);
}

/** A secret, character by character: each with the ways to write it, in lower case. */
type Form = readonly Character[];

interface Character {
  readonly code: number;
  readonly written: readonly string[];
}

/** The encoded ones first: they may hold the plain one. */
function formsOf(secret: string): readonly Form[] {
  const plain = secret.trim();
  if (plain.length < shortest) return [];
  const bytes = Buffer.from(plain);
  const base64 = bytes.toString('base64');
  const texts = [
    bytes.toString('hex'),
    bytes.join(','),
    base64,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    ...withinBase64(plain),
    plain,
  ];
  return [...new Set(texts)].map((text) => [...text.toLowerCase()].map(known));
}

/**
 * What base64 makes of a text that stands within another one: that depends on how many bytes come before it, three ways in
 * all, also of the text as JSON escapes it. The characters that hold bits of what stands around are left out. In both alphabets; none where too little is left.
 */
export function withinBase64(text: string): readonly string[] {
  const asJson = JSON.stringify(text).slice(1, -1);
  return [...new Set([text, asJson])].flatMap((one) => coresOf(Buffer.from(one)));
}

function coresOf(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    const core = (encoding: 'base64' | 'base64url') =>
      whole.toString(encoding).slice(Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6));
    return [...new Set([core('base64'), core('base64url')])].filter(({ length }) => length >= shortestCore);
  });
}

/** Fewer characters are found by chance in what is nothing but characters. */
const shortestCore = 8;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** A key has thousands of characters of a few kinds, and each text is looked through for it. */
const characters = new Map<string, Character>();
const mostCharacters = 2_000;

function known(char: string): Character {
  const before = characters.get(char);
  if (before) return before;
  const character = characterOf(char);
  if (characters.size >= mostCharacters) characters.clear();
  characters.set(char, character);
  return character;
}

function characterOf(char: string): Character {
  const code = char.codePointAt(0) ?? 0;
  const entity = entities[char];
  const written = [
    // What begins like another comes before it.
    ...(entity === undefined ? [] : [entity]),
    // Both letters: a code says which one it was.
    ...[...new Set([char, char.toUpperCase()])].filter((one) => one.length === char.length).flatMap(codesOf),
    ...('/"\\\''.includes(char) ? [`\\${char}`] : []),
    ...(char === ' ' ? ['+'] : []),
    char,
  ];
  return { code, written };
}

function codesOf(char: string): readonly string[] {
  const bytes = [...Buffer.from(char)].map((byte) => byte.toString(16).padStart(2, '0'));
  const code = char.codePointAt(0) ?? 0;
  return [
    bytes.map((byte) => `%25${byte}`).join(''),
    bytes.map((byte) => `%${byte}`).join(''),
    ...(code > 0xffff ? [] : [`\\u${code.toString(16).padStart(4, '0')}`]),
  ];
}

function strike(text: string, form: Form): string {
  const lower = text.toLowerCase();
  // Few letters have another length in lower case; then only what is written as it is kept is found.
  const searched = lower.length === text.length ? lower : text;
  const first = new Set(['&', ...(form[0]?.written.map((written) => written[0]) ?? [])]);
  let shown = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (!first.has(searched[at])) continue;
    const end = endOf(searched, at, form);
    if (end === null) continue;
    shown += `${text.slice(from, at)}[redacted]`;
    from = end;
    at = end - 1;
  }
  return shown + text.slice(from);
}

/** Where a secret that begins at `at` ends; null where none does. */
function endOf(text: string, at: number, form: Form): number | null {
  let end = at;
  for (const [matched, character] of form.entries()) {
    const length = lengthOf(text, end, character);
    if (length === 0) return matched >= shortest && isCut(text, end) ? text.length : null;
    end += length;
  }
  return end;
}

/** The text ends here, perhaps within what stands for a character. */
function isCut(text: string, at: number): boolean {
  return at >= text.length || /^(%[0-9a-f]?|\\(u[0-9a-f]{0,3})?|&[#0-9a-z]{0,6})$/.test(text.slice(at, at + 8));
}

/** How long that is which stands for a character here; 0 where nothing does. */
function lengthOf(text: string, at: number, { code, written }: Character): number {
  const found = written.find((one) => text.startsWith(one, at));
  if (found !== undefined) return found.length;
  if (text[at] !== '&') return 0;
  const number = /^&#(?:x0*([0-9a-f]{1,6})|0*([0-9]{1,7}));/.exec(text.slice(at, at + 14));
  if (number === null) return 0;
  const named = number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16);
  return named === code || (named <= 0x10ffff && String.fromCodePoint(named).toLowerCase().codePointAt(0) === code)
    ? number[0].length
    : 0;
}

/** Logins travel as one: user, colon, password. */
export function loginsOf({ credential, proxy }: Reach, read: (name: string) => string | null): readonly string[] {
  const pairs: (readonly [string, string | null])[] = [];
  if (credential.kind === 'basic') pairs.push([credential.user, read(credential.password)]);
  if (credential.kind === 'oauth') pairs.push([credential.clientId, read(credential.clientSecret)]);
  if (proxy.kind !== 'direct' && proxy.password !== null) pairs.push([proxy.user, read(proxy.password)]);
  return pairs.flatMap(([user, password]) => (password === null ? [] : [`${user}:${password}`]));
}
