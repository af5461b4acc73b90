/**
 * What others wrote is shown with every character that would hide, reorder or break what stands around it: C0 by their
 * names (`⟨ESC⟩`, since the control pictures of U+2400 are in few fonts); DEL, C1, characters that no font draws
 * (zero-width ones, marks of direction, fillers, tags), line and paragraph separators and halves of surrogate pairs as
 * `⟨U+202E⟩`. Feeds are hostile, and a terminal obeys what is written to it; the bytes themselves stay as they are.
 */
export function visible(text: string): string {
  return hidden.test(text) ? text.replace(everyHidden, picture) : text;
}

/** Text of several lines that are ours to break: each line made visible, the ends between them kept. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visible).join('\n');
}

/** JSON text that says the same with each of those characters escaped: `JSON.stringify` leaves all but C0 as they are. */
export function escapedJson(json: string): string {
  return hidden.test(json) ? json.replace(everyHidden, escaped) : json;
}

/**
 * Default-ignorable characters are those that a font draws nothing for. The two selectors that choose between a sign's
 * plain and its coloured form stay where they do that, once, behind a sign that has both or in a keycap: anywhere else two
 * names would look like one.
 */
const set =
  '(?!(?<=\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]|[\\ufe0e\\ufe0f]\\u20e3)[\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb]';
const hidden = new RegExp(set, 'u');
const everyHidden = new RegExp(set, 'gu');

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const name = code === 0x7f ? 'DEL' : names[code];
  return `⟨${name ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`}⟩`;
}

/** Each UTF-16 unit, as JSON writes characters beyond U+FFFF. */
function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Names of U+0000 to U+001F. */
const names =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );
