import type { OutboxItem, OutboxState } from '../../shared/outbox';

/**
 * One line of the outbox file: a message as it is now, or that it is forgotten (null: all of the source). `last`: the
 * highest number its source has given, where that message is not in the file any more.
 */
export type OutboxLine =
  | { readonly source: string; readonly item: OutboxItem }
  | { readonly source: string; readonly forget: readonly number[] | null; readonly last?: number };

/** Messages by source and number, with what each takes in a file. */
export interface HeldMessages {
  apply(line: OutboxLine, bytes: number): void;
  has(source: string): boolean;
  of(source: string): OutboxItem[];
  /** The highest number its source has given; 0 where none is known. */
  last(source: string): number;
  /** Everything as lines, each with its line break. */
  texts(): IterableIterator<string>;
  bytes(): number;
}

const states: ReadonlySet<string> = new Set<OutboxState>([
  'queued',
  'held',
  'sending',
  'acknowledged',
  'sent',
  'refused',
  'unknown',
]);

export function createHeldMessages(): HeldMessages {
  const held = new Map<string, Map<number, { readonly item: OutboxItem; readonly bytes: number }>>();
  /** By source the highest number given. */
  const given = new Map<string, number>();
  let sum = 0;

  function give(source: string, number: number): void {
    given.set(source, Math.max(number, given.get(source) ?? 0));
  }

  function drop(source: string, number: number): void {
    const items = held.get(source);
    sum -= items?.get(number)?.bytes ?? 0;
    items?.delete(number);
    if (items?.size === 0) held.delete(source);
  }

  return {
    apply(line, bytes) {
      if ('item' in line) {
        const { source, item } = line;
        const items = held.get(source) ?? new Map();
        sum += bytes - (items.get(item.number)?.bytes ?? 0);
        items.set(item.number, { item, bytes });
        held.set(source, items);
        give(source, item.number);
        return;
      }
      const { source, forget, last } = line;
      for (const number of forget ?? [...(held.get(source)?.keys() ?? [])]) drop(source, number);
      if (forget === null) given.delete(source);
      if (last !== undefined) give(source, last);
    },
    has: (source) => held.has(source) || given.has(source),
    of: (source) => [...(held.get(source)?.values() ?? [])].map(({ item }) => item).sort((a, b) => a.number - b.number),
    last: (source) => given.get(source) ?? 0,
    *texts() {
      for (const [source, items] of held) for (const { item } of items.values()) yield textOf({ source, item });
      for (const [source, last] of given) if (!held.get(source)?.has(last)) yield textOf({ source, forget: [], last });
    },
    bytes: () => sum,
  };
}

export function textOf(line: OutboxLine): string {
  return `${JSON.stringify(line)}\n`;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Null when this is no line of an outbox file: a letter that cannot be read would go out as another. */
export function lineOf(bytes: Uint8Array): OutboxLine | null {
  try {
    const line: unknown = JSON.parse(utf8.decode(bytes));
    return isLine(line) ? line : null;
  } catch {
    return null;
  }
}

function isLine(value: unknown): value is OutboxLine {
  if (!isRecord(value) || typeof value.source !== 'string') return false;
  if ('forget' in value) {
    const { forget, last } = value;
    return (forget === null || isNumbers(forget)) && (last === undefined || typeof last === 'number');
  }
  const { item } = value;
  return (
    isRecord(item) &&
    typeof item.number === 'number' &&
    typeof item.at === 'number' &&
    [item.key, item.type, item.body, item.note].every((one) => typeof one === 'string') &&
    states.has(String(item.state)) &&
    (item.to === undefined || typeof item.to === 'string') &&
    (item.left === undefined || isPlace(item.left))
  );
}

function isPlace(value: unknown): boolean {
  return (
    isRecord(value) &&
    (value.epoch === null || typeof value.epoch === 'string') &&
    typeof value.head === 'number' &&
    typeof value.at === 'number'
  );
}

function isNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'number');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
