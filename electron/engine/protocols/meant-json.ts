import { withoutNoNumbers } from '../../../shared/meant-json';
import { parseJson } from './json-scan';

/**
 * The value of a text that is JSON, or as good as: `NaN` and infinities, which several languages write and JSON has no
 * words for, are null in it. Undefined where it is none, or holds more values than are made.
 */
export function parseMeant(text: string): unknown {
  const strict = parseJson(text);
  if (strict.ok) return strict.value;
  const without = withoutNoNumbers(text, () => 'null');
  const meant = without === null ? strict : parseJson(without);
  return meant.ok ? meant.value : undefined;
}
