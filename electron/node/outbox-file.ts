import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { OutboxItem, OutboxState } from '../../shared/outbox';
import type { OutboxStore } from '../engine/core/outbox';

/** One line of the file: a message as it is now, or that it is forgotten. */
type Line =
  | { readonly source: string; readonly item: OutboxItem }
  | { readonly source: string; readonly forget: readonly number[] | null };

/** The file is packed when it holds this many lines more than messages. */
const slackLines = 20_000;

const states: ReadonlySet<string> = new Set<OutboxState>([
  'queued',
  'sending',
  'acknowledged',
  'sent',
  'refused',
  'unknown',
]);

export interface OutboxFile extends OutboxStore {
  close(): Promise<void>;
}

/**
 * Outboxes of all sources in one file of lines that only grows; the last line about a message counts. What is asked to
 * be written while the disk is busy goes with the next flush, together. A line cut by a crash is passed over: nobody was
 * told that it is durable.
 */
export async function openOutboxFile(path: string): Promise<OutboxFile> {
  await mkdir(dirname(path), { recursive: true });
  const held = parse(await readFile(path, 'utf8').catch(() => ''));
  let handle: FileHandle | null = null;
  let lines = 0;
  let broken = false;
  let pending: { text: string; done: Promise<void> } | null = null;
  let last: Promise<void> = Promise.resolve();

  async function pack(): Promise<void> {
    const kept: string[] = [];
    for (const [source, items] of held) for (const item of items.values()) kept.push(textOf({ source, item }));
    const fresh = await open(`${path}.new`, 'w', 0o600);
    try {
      await fresh.writeFile(kept.join(''), 'utf8');
      await fresh.sync();
    } finally {
      await fresh.close();
    }
    await handle?.close();
    handle = null;
    await rename(`${path}.new`, path);
    lines = kept.length;
  }

  async function flush(text: string): Promise<void> {
    handle ??= await open(path, 'a', 0o600);
    // What a failed write left must not become the head of this one's first line.
    const whole = broken ? `\n${text}` : text;
    broken = true;
    await handle.appendFile(whole, 'utf8');
    await handle.sync();
    broken = false;
    if (lines > count(held) + slackLines) await pack();
  }

  function write(line: Line): Promise<void> {
    lines += 1;
    if (pending) {
      pending.text += textOf(line);
      return pending.done;
    }
    const next = { text: textOf(line), done: Promise.resolve() };
    next.done = last
      .catch(() => {})
      .then(() => {
        pending = null;
        return flush(next.text);
      });
    pending = next;
    last = next.done;
    return next.done;
  }

  await pack();
  return {
    load: async (source) => [...(held.get(source)?.values() ?? [])].sort((a, b) => a.number - b.number),
    async put(source, items) {
      let done: Promise<void> = Promise.resolve();
      for (const item of items) {
        keep(held, source, item);
        done = write({ source, item });
      }
      await done;
    },
    async forget(source, numbers) {
      if (!held.has(source)) return;
      drop(held, source, numbers ?? null);
      await write({ source, forget: numbers ?? null });
    },
    async close() {
      await last.catch(() => {});
      await handle?.close();
      handle = null;
    },
  };
}

type Held = Map<string, Map<number, OutboxItem>>;

function parse(text: string): Held {
  const held: Held = new Map();
  for (const one of text.split('\n')) {
    const line = lineOf(one);
    if (!line) continue;
    if ('item' in line) keep(held, line.source, line.item);
    else drop(held, line.source, line.forget);
  }
  return held;
}

function keep(held: Held, source: string, item: OutboxItem): void {
  const items = held.get(source) ?? new Map<number, OutboxItem>();
  items.set(item.number, item);
  held.set(source, items);
}

function drop(held: Held, source: string, numbers: readonly number[] | null): void {
  if (numbers === null) held.delete(source);
  else for (const number of numbers) held.get(source)?.delete(number);
}

function count(held: Held): number {
  let sum = 0;
  for (const items of held.values()) sum += items.size;
  return sum;
}

function textOf(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

function lineOf(text: string): Line | null {
  try {
    const line: unknown = JSON.parse(text);
    return isLine(line) ? line : null;
  } catch {
    return null;
  }
}

function isLine(value: unknown): value is Line {
  if (!isRecord(value) || typeof value.source !== 'string') return false;
  if ('forget' in value) return value.forget === null || Array.isArray(value.forget);
  const { item } = value;
  return (
    isRecord(item) &&
    typeof item.number === 'number' &&
    typeof item.at === 'number' &&
    [item.key, item.type, item.body, item.note].every((one) => typeof one === 'string') &&
    states.has(String(item.state))
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
