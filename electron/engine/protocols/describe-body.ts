import { ownText } from '../core/own-text';
import { type Fields, fieldsOf, isTooDeep, membersOf } from './json-scan';
import { parseMeant } from './meant-json';
import { readTimestamp } from './timestamp';

/** What can be told of a body that keeps to no protocol, from the names members commonly have. */
export interface Description {
  readonly type: string | null;
  readonly id: string | null;
  /** Epoch ms. */
  readonly sentAt: number | null;
  /** The parsed body; undefined when it is no JSON, null when it nests too deep to hand on. */
  readonly value: unknown;
}

const typeNames = ['type', 'event', 'event_type', 'eventType', 'kind', 'action'] as const;
const idNames = ['id', '_id', 'uuid', 'event_id', 'eventId'] as const;
const timeNames = [
  'time',
  'timestamp',
  '@timestamp',
  'ts',
  'at',
  'datetime',
  'date',
  'created_at',
  'createdAt',
  'time_fired',
  'dt',
  'sent_at',
  'sentAt',
  'generated_at',
  'generatedAt',
  'updated_at',
  'updatedAt',
  'last_updated',
  'lastUpdated',
] as const;
/** What is said of a message is told in one of these: of a status page it is the page. */
const holders = ['meta', 'page'] as const;

/** Longest id that is taken from a body, characters. */
const longestId = 512;

/** Reads `text` as JSON and guesses its type, id and time. */
export function describeBody(text: string, receivedAt: number): Description {
  return describeValue(parseMeant(text), text, receivedAt);
}

/** The same of a text that was parsed before; `parsed` is undefined where it is no JSON. */
export function describeValue(parsed: unknown, text: string, receivedAt: number): Description {
  if (parsed === undefined) return { type: null, id: null, sentAt: null, value: undefined };
  const value = isTooDeep(text) ? null : parsed;
  const fields = fieldsOf(parsed);
  if (!fields) return { type: null, id: null, sentAt: null, value };
  return {
    type: typeOf(fields),
    id: idOf(fields, text) ?? fields.fields('meta')?.text('id') ?? null,
    sentAt: timeOf(fields, receivedAt) ?? timeWithin(fields, receivedAt),
    value,
  };
}

function typeOf(fields: Fields): string | null {
  for (const name of typeNames) {
    const type = fields.text(name);
    if (type !== null && type !== '' && type.length <= 128) return type;
  }
  return null;
}

function idOf(fields: Fields, text: string): string | null {
  for (const name of idNames) {
    const id = fields.value(name);
    if (typeof id === 'string' && id !== '' && id.length <= longestId) return id;
    if (typeof id !== 'number') continue;
    if (Number.isSafeInteger(id)) return String(id);
    // Beyond 2⁵³ two ids would become one as floats: take the digits.
    const slice = membersOf(text)?.get(name);
    if (slice && slice.end - slice.start <= longestId) return ownText(text.slice(slice.start, slice.end));
  }
  return null;
}

function timeWithin(fields: Fields, receivedAt: number): number | null {
  for (const name of holders) {
    const held = fields.fields(name);
    const at = held ? timeOf(held, receivedAt) : null;
    if (at !== null) return at;
  }
  return null;
}

function timeOf(fields: Fields, receivedAt: number): number | null {
  for (const name of timeNames) {
    const at = readTimestamp(fields.value(name), receivedAt);
    if (at !== null) return at;
  }
  return null;
}
