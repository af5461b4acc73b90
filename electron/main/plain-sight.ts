/**
 * What a person must agree to, character by character: of `rm a` and `rm a⟨U+200B⟩`, of one space and three hundred, the
 * difference is seen. A space stays a space only where it stands alone or with two others; every other blank, every
 * character that no font draws, every one that turns the direction of what stands beside it (letters that are written
 * from the right do) and every heap of marks on one letter is named, and what repeats is counted, so that nothing is
 * pushed out of sight. For all questions of main's, whatever they ask.
 */
export function inPlainSight(text: string): string {
  return text.replace(heapsAndRuns, (found, heap: string | undefined) =>
    heap === undefined ? shownRun(found, hides) : heap.replace(everyRun, (run) => shownRun(run, anything)),
  );
}

/** One character as often as it stands there, by its name where that is `named`. */
function shownRun(run: string, named: RegExp): string {
  const [one = '', ...more] = run;
  const times = more.length + 1;
  if (one === ' ') return times < leastSpaces ? run : `⟨× ${times} spaces⟩`;
  const shown = named.test(one) ? `⟨${nameOf(one)}⟩` : one;
  return times < leastRun ? shown.repeat(times) : `${shown}⟨× ${times}⟩`;
}

/** So many spaces stand between words of nobody who means well. */
const leastSpaces = 4;
/** Of any other character: a hash has fewer of one in a row. */
const leastRun = 12;

/** More marks on one letter than any script puts there (they cover what stands around it), or one character and its like. */
const heapsAndRuns = /(\p{M}{3,})|(.)\2*/gsu;
const everyRun = /(.)\1*/gsu;
const anything = /./su;
/**
 * Blanks but the space, what is not drawn, the blank Braille pattern, what is written from the right, which turns digits
 * and signs beside it, and the brackets that names of ours stand in.
 */
const hides =
  /[^\P{Z} ]|\p{C}|\p{Default_Ignorable_Code_Point}|\u2800|[⟨⟩\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const short: Readonly<Record<string, string>> = { '\n': 'LF', '\r': 'CR', '\t': 'TAB', '\u001b': 'ESC' };

function nameOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return short[character] ?? `U+${code}`;
}
