/** Longest text that is a number, characters. */
const longestNumber = 40;

/** Digits that begin with a zero are a code, and no number. */
const decimal = /^[+-]?(0|[1-9]\d*)?(\.\d+)?(e[+-]?\d{1,3})?$/i;

/** The number that a text says; null where it says anything else. Most texts are told by their first character. */
export function numberInText(text: string): number | null {
  const first = text.charCodeAt(0);
  // Digits, and + - . before them.
  if (!(first >= 0x30 && first <= 0x39) && first !== 0x2d && first !== 0x2e && first !== 0x2b) return null;
  if (text.length > longestNumber || !decimal.test(text)) return null;
  const number = Number(text);
  return text.length > 0 && Number.isFinite(number) ? number : null;
}
