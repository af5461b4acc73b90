import { allAt, type PathStep, parsePath } from '../../../../shared/member-path';
import type { Condition } from '../../../../shared/recipe';
import { compilePattern, type Pattern } from './pattern';

/** What conditions are asked of: a message as it came. */
export interface Asked {
  readonly text: string;
  /** The parsed text; undefined where it is no JSON. */
  readonly value: unknown;
  /** SSE: the name of the event; null for the default one and elsewhere. */
  readonly event: string | null;
}

/** Whether all conditions hold. A pattern that is none never matches. */
export type Matcher = (message: Asked) => boolean;

/** So many of the values of a path with a star are looked at. */
const mostValues = 200;

export function compileConditions(conditions: readonly Condition[]): Matcher {
  const all = conditions.map(compileCondition);
  return (message) => all.every((holds) => holds(message));
}

function compileCondition(condition: Condition): Matcher {
  const { event, exists } = condition;
  const steps = parsePath(condition.path ?? '') ?? [];
  const whole = steps.length === 0;
  const pattern = condition.matches === undefined ? undefined : compilePattern(condition.matches);
  const wanted = wantedOf(condition);
  return (message) => {
    if (event !== undefined && (message.event ?? 'message') !== event) return false;
    if (exists === undefined && wanted === null && pattern === undefined) return true;
    const found = whole ? [message.value === undefined ? message.text : message.value] : valuesAt(message.value, steps);
    if (exists !== undefined && found.length > 0 !== exists) return false;
    // A text that is JSON by chance, as the `2` of Engine.IO, is asked as the text that it is, too.
    const asTexts = whole ? [...found, message.text] : found;
    if (wanted !== null && !asTexts.some((value) => wanted.has(value))) return false;
    return pattern === undefined || matchesAny(pattern, whole ? [message.text] : found);
  };
}

function valuesAt(value: unknown, steps: readonly PathStep[]): readonly unknown[] {
  return value === undefined ? [] : allAt(value, steps, mostValues);
}

/** Everything that the value may be; null where that is left open. */
function wantedOf({ is, in: among }: Condition): ReadonlySet<unknown> | null {
  if (is === undefined && among === undefined) return null;
  if (is === undefined) return new Set(among);
  return new Set(among === undefined || among.some((one) => one === is) ? [is] : []);
}

function matchesAny(pattern: Pattern | null, values: readonly unknown[]): boolean {
  return pattern !== null && values.some((value) => pattern(typeof value === 'string' ? value : JSON.stringify(value)));
}
