/**
 * Makes characters that would hide, reorder or break a line visible: C0 as their pictures (U+2400…),
 * C1, bidirectional and zero-width controls as `⟨U+202E⟩`. Feeds are hostile; the bytes themselves stay as they are.
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
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}
