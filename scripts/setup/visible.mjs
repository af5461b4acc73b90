const set =
  '(?!(?<=\\p{Extended_Pictographic})[\\ufe0e\\ufe0f]|[\\ufe0e\\ufe0f]\\u20e3)[\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\ufff9-\\ufffb]';
const everyHidden = new RegExp(set, 'gu');

/** Names of U+0000 to U+001F. */
const names =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

/**
 * What registries, proxies and files say, as a terminal may be shown it: nothing hides and nothing is obeyed. It is what
 * `visible` of shared/visible.ts does, for what runs before anything is built; a test holds the two to each other.
 *
 * @param {string} text
 */
export function visible(text) {
  return text.replace(everyHidden, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const name = code === 0x7f ? 'DEL' : names[code];
    return `⟨${name ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`}⟩`;
  });
}

/**
 * The same for text of several lines: every one after the first stands in, so that none passes for one of ours.
 *
 * @param {string} text
 */
export function visibleLines(text) {
  return text.split('\n').map(visible).join('\n    ');
}
