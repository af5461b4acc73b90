import { RE2JS } from 're2js';

/** So much of a text is looked at, characters: what tells a message from another stands at its beginning. */
const mostLookedAt = 64 * 1024;
/** Steps that a pattern is made of: each may be taken at each character. */
const mostSteps = 200;

/** Whether a text matches, anywhere in it. Linear in the text, whatever the pattern says. */
export type Pattern = (text: string) => boolean;

/** A pattern of a recipe in RE2 syntax; null where it is none, or where one message could keep everybody waiting. */
export function compilePattern(source: string): Pattern | null {
  try {
    const compiled = RE2JS.compile(source);
    if (compiled.programSize() > mostSteps) return null;
    return (text) => compiled.test(text.length > mostLookedAt ? text.slice(0, mostLookedAt) : text);
  } catch {
    return null;
  }
}
