/**
 * Places in a text that is sent, and what goes there. In a string of JSON what is put there is written as a part of that
 * string, so that a quote in it does not end it; anywhere else as it is.
 */
export function fillPlaces(text: string, place: RegExp, put: (found: RegExpMatchArray) => string): string {
  const inString = stringsOf(text, place);
  let filled = '';
  let at = 0;
  for (const found of text.matchAll(place)) {
    const value = put(found);
    filled += text.slice(at, found.index) + (inString(found.index) ? JSON.stringify(value).slice(1, -1) : value);
    at = found.index + found[0].length;
  }
  return filled + text.slice(at);
}

/** Whether a place of the text lies in a string of JSON; asked in the text's order. */
function stringsOf(text: string, place: RegExp): (at: number) => boolean {
  // Of the same length, and good JSON both in a string and outside of one.
  const masked = text.replace(place, (found) => '0'.padEnd(found.length));
  // Some protocols write a number or a word before their JSON, and a separator behind it.
  const begin = masked.search(/[[{]/);
  if (begin < 0 || !isJson(masked.slice(begin).replace(/[^\]}"]+$/, ''))) return () => false;
  let at = begin;
  let within = false;
  return (to) => {
    for (; at < to; at += 1) {
      if (within && masked[at] === '\\') at += 1;
      else if (masked[at] === '"') within = !within;
    }
    return within;
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
