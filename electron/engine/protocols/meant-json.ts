import { parseJson, skipString } from './json-scan';

/**
 * The value of a text that is JSON, or as good as: `NaN` and infinities, which several languages write and JSON has no
 * words for, are null in it. Undefined where it is none.
 */
export function parseMeant(text: string): unknown {
  const strict = parseJson(text);
  if (strict.ok) return strict.value;
  if (!noNumber.test(text)) return undefined;
  const meant = parseJson(withoutNoNumbers(text));
  return meant.ok ? meant.value : undefined;
}

const noNumber = /\b(NaN|Infinity)\b/;

/** The text with null for what is no number, wherever it stands outside of a string. */
function withoutNoNumbers(text: string): string {
  const parts: string[] = [];
  let from = 0;
  while (from < text.length) {
    const quote = text.indexOf('"', from);
    const end = quote === -1 ? text.length : quote;
    parts.push(text.slice(from, end).replace(/-?\b(?:NaN|Infinity)\b/g, 'null'));
    if (quote === -1) break;
    const after = skipString(text, quote);
    if (after === -1) {
      parts.push(text.slice(quote));
      break;
    }
    parts.push(text.slice(quote, after));
    from = after;
  }
  return parts.join('');
}
