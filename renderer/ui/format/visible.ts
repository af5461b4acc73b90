/**
 * Makes characters that would hide, reorder or break a line visible: C0 by their names (`⟨ESC⟩`, since the control
 * pictures of U+2400 are in few fonts), C1, bidirectional and zero-width controls as `⟨U+202E⟩`. Feeds are hostile; the bytes themselves stay as they are.
 */
export function visible(text: string): string {
  return hidden.test(text) ? text.replace(everyHidden, picture) : text;
}

const set =
  '\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb';
const hidden = new RegExp(`[${set}]`);
const everyHidden = new RegExp(`[${set}]`, 'g');

function picture(character: string): string {
  const code = character.charCodeAt(0);
  const name = code === 0x7f ? 'DEL' : names[code];
  if (name !== undefined) return `⟨${name}⟩`;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** Names of U+0000 to U+001F. */
const names =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );
