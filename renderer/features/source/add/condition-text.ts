import { parsePath } from '../../../../shared/member-path';
import type { Condition } from '../../../../shared/recipe';

/**
 * What an answer must show, as a person writes it: `type = auth_ok`, `result = null and id = 1`, `result`, `~ welcome`.
 * What of a condition cannot be written so (`in`, the name of an event) is written and read as JSON.
 */
export function conditionsText(conditions: readonly Condition[] | undefined): string {
  if (conditions === undefined) return '';
  const texts = conditions.map(conditionText);
  return texts.includes(null) ? JSON.stringify(conditions) : texts.join(' and ');
}

function conditionText({ path, is, exists, matches, ...rest }: Condition): string | null {
  if (rest.in !== undefined || rest.event !== undefined || exists === false) return null;
  if (matches !== undefined) return is === undefined && path === undefined ? `~ ${matches}` : null;
  if (is === undefined) return exists === true && path !== undefined ? path : null;
  if (path === undefined) return null;
  // A word that reads as a number or a null is told from one by its quotes.
  return `${path} = ${typeof is === 'string' && wordOf(is) === is ? is : JSON.stringify(is)}`;
}

export type ConditionsRead =
  | { readonly ok: true; readonly conditions: readonly Condition[] | undefined }
  | { readonly ok: false; readonly message: string };

/** The conditions of such a text; none where it is empty. */
export function readConditions(text: string): ConditionsRead {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, conditions: undefined };
  if (trimmed.startsWith('[')) {
    try {
      // Main checks what is in it.
      return { ok: true, conditions: JSON.parse(trimmed) as readonly Condition[] };
    } catch {
      return { ok: false, message: 'Not JSON.' };
    }
  }
  const conditions: Condition[] = [];
  for (const part of trimmed.startsWith('~') ? [trimmed] : trimmed.split(/ and /)) {
    if (part.startsWith('~')) {
      conditions.push({ matches: part.slice(1).trim() });
      continue;
    }
    const [, path = '', word] = /^(.*?)\s*(?:=\s*(.*))?$/s.exec(part.trim()) ?? [];
    if (path === '' || parsePath(path) === null) return { ok: false, message: `“${path}” is not the way to a value.` };
    conditions.push(word === undefined ? { path, exists: true } : { path, is: wordOf(word) });
  }
  return { ok: true, conditions };
}

function wordOf(word: string): string | number | boolean | null {
  try {
    const value: unknown = JSON.parse(word);
    return typeof value === 'object' && value !== null ? word : (value as string | number | boolean | null);
  } catch {
    return word;
  }
}
