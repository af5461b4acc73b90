const noNumber = /\b(NaN|Infinity)\b/;

/**
 * JSON text with `put` for what is no number (`NaN` and infinities, which several languages write and JSON has no words for),
 * wherever that stands outside of a string; null where there is none.
 */
export function withoutNoNumbers(text: string, put: (found: string) => string): string | null {
  if (!noNumber.test(text)) return null;
  const parts: string[] = [];
  for (let from = 0; from < text.length; ) {
    const quote = text.indexOf('"', from);
    parts.push(text.slice(from, quote < 0 ? text.length : quote).replace(/-?\b(?:NaN|Infinity)\b/g, put));
    if (quote < 0) break;
    const end = endOfString(text, quote);
    parts.push(text.slice(quote, end));
    from = end;
  }
  return parts.join('');
}

/** Behind the quote that ends it, or the end of the text. Walked, not matched: a string may be megabytes. */
function endOfString(text: string, quote: number): number {
  for (let at = quote + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/**
 * A text that is JSON, or as good as, read. `put`: what stands for what is no number, as JSON; null where left out. No bound but
 * that of the text.
 */
export function readMeant(
  text: string,
  put: (found: string) => string = () => 'null',
): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  const strict = readJson(text);
  const meant = strict.ok ? null : withoutNoNumbers(text, put);
  return meant === null ? strict : readJson(meant);
}

function readJson(text: string): ReturnType<typeof readMeant> {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false };
  }
}
