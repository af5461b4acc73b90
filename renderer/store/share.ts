/**
 * Structural sharing: `next`, with every part that equals its counterpart in `previous` replaced by that counterpart,
 * so that an unchanged part keeps its identity and its view does not render again. Plain data only.
 */
export function share<T>(previous: T | undefined, next: T): T {
  return sharePart(previous, next) as T;
}

function sharePart(previous: unknown, next: unknown): unknown {
  if (Object.is(previous, next)) return previous;
  if (Array.isArray(previous) && Array.isArray(next)) return shareArray(previous, next);
  if (isRecord(previous) && isRecord(next)) return shareRecord(previous, next);
  return next;
}

function shareArray(previous: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const shared = next.map((item, index) => sharePart(previous[index], item));
  const same = previous.length === next.length && shared.every((item, index) => Object.is(item, previous[index]));
  return same ? previous : shared;
}

function shareRecord(previous: Readonly<Record<string, unknown>>, next: Readonly<Record<string, unknown>>): unknown {
  const keys = Object.keys(next);
  let same = keys.length === Object.keys(previous).length;
  const entries = keys.map((key) => {
    const known = Object.hasOwn(previous, key) ? previous[key] : undefined;
    const part = sharePart(known, next[key]);
    if (!Object.is(part, known) || !Object.hasOwn(previous, key)) same = false;
    return [key, part] as const;
  });
  return same ? previous : Object.fromEntries(entries);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
