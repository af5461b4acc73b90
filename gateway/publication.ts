import type { Draft } from './backplane/backplane';
import { RefusedError } from './errors';

const maxDepth = 64;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

function refuse(field: string, message: string, fix: string): never {
  throw new RefusedError({ kind: 'bad-event', field, message, fix });
}

/**
 * Parses JSON from the network. Depth is checked on the text: building and encoding something very deep
 * would end in a stack overflow here or, worse, at a client.
 * @throws RefusedError `bad-json`, or `bad-event` when nested too deep
 */
export function parseJson(text: string): unknown {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      // One level is the message's own.
      if (depth > maxDepth + 1) refuse('data', `It is nested more than ${maxDepth} deep.`, 'Send flatter data.');
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'It cannot be parsed.';
    throw new RefusedError({ kind: 'bad-json', message: `This is not JSON: ${message}`, fix: 'Send one JSON object.' });
  }
}

/** Whether something parsed is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The text of a member of a JSON object as it was written, without white space between its tokens: numbers keep digits
 * that a double would lose, and one line stays one line. `text` has been parsed already; null when there is no such
 * member. As with `JSON.parse` the last of several counts.
 */
export function memberText(text: string, name: string): string | null {
  let found: string | null = null;
  let depth = 0;
  let key: string | null = null;
  /** Where the value of the member being read begins; -1 while a name is awaited. */
  let start = -1;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 0x22: {
        const end = endOfString(text, at);
        if (depth === 1 && start < 0) key = JSON.parse(text.slice(at, end)) as string;
        at = end - 1;
        break;
      }
      case 0x3a:
        if (depth === 1 && start < 0) start = at + 1;
        break;
      case 0x5b:
      case 0x7b:
        depth += 1;
        break;
      case 0x5d:
      case 0x7d:
      case 0x2c: {
        const closes = text.charCodeAt(at) !== 0x2c;
        if (depth === 1 && start >= 0) {
          if (key === name) found = text.slice(start, at);
          start = -1;
        }
        if (closes) depth -= 1;
        break;
      }
    }
  }
  return found === null
    ? null
    : found.replace(/"[^"\\]*(?:\\.[^"\\]*)*"|\s+/g, (token) => (token[0] === '"' ? token : ''));
}

/** The index after the closing quote. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at += 1;
    else if (code === 0x22) return at + 1;
  }
  return text.length;
}

/** A line of text of 1 to `max` characters: CR and LF in it could forge fields of an SSE stream. */
function line(value: unknown, field: string, max: number): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > max) {
    return refuse(
      field,
      `"${field}" is not a text of 1 to ${max} characters.`,
      `Send "${field}" as a string of 1 to ${max} characters.`,
    );
  }
  if (control.test(value))
    return refuse(field, `"${field}" contains a control character.`, 'Leave out line breaks and control characters.');
  return value;
}

function keyOf(value: unknown): string {
  if (typeof value === 'string' && /^[\x20-\x7e]{1,200}$/.test(value)) return value;
  return refuse('key', '"key" is not 1 to 200 printable ASCII characters.', 'Send a key such as a UUID.');
}

/**
 * Checks an event to publish (docs/protocol.md *Publish*).
 * @param text what the event was parsed from: its data goes on as it was written
 * @param headerKey the `Idempotency-Key` header, where there is one
 * @throws RefusedError `bad-event` with the field
 */
export function draftOf(input: unknown, headerKey: string | null, text: string | null = null): Draft {
  if (!isRecord(input)) return refuse('type', 'This is not a JSON object.', 'Send {"type": "…", "data": …}.');
  const type = line(input.type, 'type', 128);
  if (!('data' in input)) refuse('data', '"data" is missing.', 'Send any JSON value as "data", null included.');
  const data = (text === null ? null : memberText(text, 'data')) ?? JSON.stringify(input.data);
  const id = input.id === undefined ? null : line(input.id, 'id', 256);
  const bodyKey = input.key === undefined ? null : keyOf(input.key);
  const key = headerKey === null ? bodyKey : keyOf(headerKey);
  if (bodyKey !== null && key !== bodyKey) refuse('key', '"key" and Idempotency-Key differ.', 'Send one of them.');
  return { type, data, ...(id === null ? {} : { id }), ...(key === null ? {} : { key }) };
}
