/** A stretch of a sentence. `figure`: the number that makes it matter. `detail`: left out where room is short. */
export interface SentencePart {
  readonly text: string;
  readonly as?: 'figure' | 'detail';
}

/** A sentence for people. */
export interface Sentence {
  readonly text: string;
  /** The text in stretches, where it has more than one; together they are the text. */
  readonly parts?: readonly SentencePart[];
}

/** What fills a template. A sentence that was composed before keeps its stretches. */
export type Values = Readonly<Record<string, string | number | Sentence>>;

/** Stretches of a template: `*figure*`, `[detail]`, and what lies between; in each, `{name}`s. */
const stretch = /\*([^*]*)\*|\[([^\]]*)\]|[^*[]+/g;

/** Fills a template. The names that nothing fills are an error of ours, not shown: they fall away. */
export function compose(template: string, values: Values): Sentence {
  const parts: SentencePart[] = [];
  for (const [whole, figure, detail] of template.matchAll(stretch)) {
    const as = figure !== undefined ? 'figure' : detail !== undefined ? 'detail' : null;
    for (const part of fill(figure ?? detail ?? whole, values)) add(parts, as === null ? part : { ...part, as });
  }
  const text = parts.map((part) => part.text).join('');
  return parts.length > 1 ? { text, parts } : { text };
}

function fill(template: string, values: Values): readonly SentencePart[] {
  return template.split(/\{(\w+)\}/).flatMap((piece, index): readonly SentencePart[] => {
    const value = index % 2 === 0 ? piece : (values[piece] ?? '');
    return typeof value === 'object' ? partsOf(value) : [{ text: String(value) }];
  });
}

function add(parts: SentencePart[], part: SentencePart): void {
  if (part.text === '') return;
  const last = parts[parts.length - 1];
  if (last && last.as === part.as) parts[parts.length - 1] = { ...last, text: last.text + part.text };
  else parts.push(part);
}

/** The stretches of a sentence, at least one. */
export function partsOf({ text, parts }: Sentence): readonly SentencePart[] {
  return parts ?? [{ text }];
}
