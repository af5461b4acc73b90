import { createParser } from 'eventsource-parser';
import { readMeant } from '../../../shared/meant-json';

/** Reads what a look brought; nothing here judges it. All of it is bounded by what a look reads. */

export type Json = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/** As the watch reads it: what its producer meant is read where it is no more than JSON with `NaN` in it. */
export function parseJson(text: string): Json {
  return readMeant(text);
}

/** The value as an object that is no list; null where it is none. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

/** An own member of an object; undefined where there is none. */
export function memberOf(value: unknown, name: string): unknown {
  const object = objectOf(value);
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}

export function textOf(value: unknown, name: string): string | null {
  const found = memberOf(value, name);
  return typeof found === 'string' ? found : null;
}

export interface StreamEvent {
  /** Null for the default name. */
  readonly name: string | null;
  readonly id: string | null;
  readonly data: string;
}

export interface EventStream {
  readonly events: readonly StreamEvent[];
  readonly comments: readonly string[];
  /** Fields that an event stream has, in any line: what has none is no event stream. */
  readonly fields: boolean;
}

/** So much of an event stream is read, characters, and so many lines: more would say the same. */
const mostOfStream = 64 * 1024;
const mostLines = 200;

/** Reads the start of an event stream; an event that is not whole yet is left out. */
export function parseEventStream(text: string): EventStream {
  const events: StreamEvent[] = [];
  const comments: string[] = [];
  let inForce: string | null = null;
  const parser = createParser({
    onEvent({ event, id, data }) {
      inForce = id ?? inForce;
      events.push({ name: event ?? null, id: inForce, data });
    },
    onComment: (comment) => void comments.push(comment),
  });
  parser.feed(text.slice(0, mostOfStream));
  return { events, comments, fields: /^(data|event|id|retry):/m.test(text) };
}

/** A line that is a JSON object or list: as it stands, and read. */
interface Line {
  readonly text: string;
  readonly value: unknown;
}

const recordEnds = String.fromCharCode(0x1e);

/** The lines of a text that are JSON objects or lists, and whether one is something else: there it ends. The last one may be cut. */
export function parseLines(text: string, ended: boolean): { readonly lines: readonly Line[]; readonly other: boolean } {
  const parts = text.replaceAll(recordEnds, '\n').split(/\r?\n/);
  const last = parts.pop() ?? '';
  if (ended && last.trim() !== '') parts.push(last);
  const lines: Line[] = [];
  let other = false;
  for (const part of parts) {
    if (part.trim() === '') continue;
    const parsed = parseJson(part);
    if (parsed.ok && typeof parsed.value === 'object' && parsed.value !== null) {
      lines.push({ text: part, value: parsed.value });
    } else other = true;
    if (other || lines.length >= mostLines) break;
  }
  return { lines, other };
}
