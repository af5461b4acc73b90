import { z } from 'zod';
import { holdsMore } from '../../../shared/json-size';
import { lastMs } from '../../../shared/time';

/**
 * The lines of a recording, version 1 (docs/recordings.md): gzip over UTF-8 text, one JSON object a line. The first
 * line is the header; the rest is ordered as it was heard; a last line of kind `end` says that nothing was cut off.
 * Unknown members, and lines of an unknown kind, are ignored: later writers of version 1 may add some.
 */

/** The version this program writes; it reads no other. */
export const recordingVersion = 1;

/** Longest line that is read, bytes: the largest frame, each byte of it escaped in six, with room for what stands around it. */
export const maxLineBytes = 100 * 1024 * 1024;

/** Longest text of a field, characters: all of it came in one frame of at most 16 MiB. */
const maxFieldChars = 16 * 1024 * 1024;
/** The same in base64. */
const maxBase64Chars = 4 * Math.ceil(maxFieldChars / 3);

/** Values in one line: those of version 1 have a dozen. */
const maxValues = 10_000;
/** Lines up to here are parsed whatever is in them, characters. */
const anyValuesChars = 64 * 1024;

const outside = 'it lies outside the years 1970 to 9999.';

const text = z.string().max(maxFieldChars);

/** Longest name that is written and read (of a stream, a numbering, a kind, an id), characters: lists hold a thousand of them. */
export const longestName = 8_192;
/** Longest sentence about a connection, characters. */
export const longestSentence = 64 * 1024;

const name = z.string().max(longestName);

/** When something was heard, by the clock of the machine that recorded. A later moment would be waited for. */
const time = z.number().min(0, outside).max(lastMs, outside);

const headerSchema = z.object({
  kind: z.literal('recording'),
  version: z.number().int(),
  /** When the recording began, wall-clock epoch ms. */
  at: time,
  source: z.object({
    name: z.string().max(200),
    /** Where it was recorded from: without user, password and query, which may hold secrets. */
    url: z.string().max(4096),
    protocol: z.string().max(40),
    /** What order and loss detection the feed allowed, in a sentence. */
    promise: z.string().max(2000).default(''),
  }),
});

const eventSchema = z
  .object({
    kind: z.literal('event'),
    /** When its last byte was read, wall-clock epoch ms. */
    at: time,
    stream: name,
    epoch: name.nullable().default(null),
    seq: z.number().int().nullable().default(null),
    id: name.nullable().default(null),
    type: name,
    /** As the sender says: whatever it is. */
    sentAt: z.number().nullable().default(null),
    late: z.boolean().default(false),
    /** Text exactly as received. */
    body: text.optional(),
    /** A binary body instead. */
    base64: z.string().max(maxBase64Chars).optional(),
  })
  .refine(({ body, base64 }) => (body === undefined) !== (base64 === undefined), 'neither body nor base64, or both');

const gapSchema = z.object({
  kind: z.literal('gap'),
  at: time,
  id: name,
  stream: name,
  epoch: name,
  from: z.number(),
  /** Unknown far end: left out. */
  to: z.number().nullable().default(null),
  status: z.enum(['open', 'filled', 'lost']),
  cause: name,
});

const stateSchema = z.object({
  kind: z.literal('state'),
  at: time,
  from: name,
  to: name,
  transport: name.nullable().default(null),
  code: name,
  text: z.string().max(longestSentence),
});

const endSchema = z.object({ kind: z.literal('end'), at: time, events: z.number().int().min(0) });

const lineSchema = z.discriminatedUnion('kind', [eventSchema, gapSchema, stateSchema, endSchema]);

export type RecordingHeader = z.output<typeof headerSchema>;
export type RecordedEvent = z.output<typeof eventSchema>;
export type RecordedGap = z.output<typeof gapSchema>;
export type RecordedState = z.output<typeof stateSchema>;

/** What follows the header. */
export type RecordedLine = z.output<typeof lineSchema>;

/** Why something is no recording that can be read. */
export type RecordingProblem =
  | { readonly kind: 'not-a-recording'; readonly message: string }
  | { readonly kind: 'newer'; readonly version: number }
  /** `offset`: bytes of the uncompressed text before it; null where that is not known. */
  | { readonly kind: 'bad-line'; readonly line: number; readonly offset: number | null; readonly message: string };

/** Thrown by whoever reads a recording. `message` is a sentence for people. */
export class RecordingError extends Error {
  constructor(readonly problem: RecordingProblem) {
    super(sentence(problem));
    this.name = 'RecordingError';
  }
}

function sentence(problem: RecordingProblem): string {
  switch (problem.kind) {
    case 'not-a-recording':
      return `This is not a recording: ${problem.message}`;
    case 'newer':
      return `This recording has version ${problem.version}; this program reads version ${recordingVersion}.`;
    case 'bad-line':
      return `Line ${problem.line} of the recording${placeText(problem.offset)} is damaged: ${problem.message}`;
  }
}

function placeText(offset: number | null): string {
  return offset === null ? '' : `, from byte ${offset} of its text on,`;
}

/** One line without its line end. Members that say nothing are left out. */
export function formatLine(line: RecordingHeader | RecordedLine): string {
  return JSON.stringify(line, (_key, value: unknown) => (value === null || value === false ? undefined : value));
}

/** Reads the first line. @throws RecordingError */
export function parseHeader(text: string): RecordingHeader {
  const value = parseJson(text);
  if (!isRecord(value) || value.kind !== 'recording') {
    throw new RecordingError({ kind: 'not-a-recording', message: 'its first line is no header.' });
  }
  if (typeof value.version === 'number' && value.version > recordingVersion) {
    throw new RecordingError({ kind: 'newer', version: value.version });
  }
  const parsed = headerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RecordingError({ kind: 'not-a-recording', message: firstIssue(parsed.error) });
}

/**
 * Reads line `number` (the header is 1), which begins after `offset` bytes; null for a kind this version does not know.
 * @throws RecordingError
 */
export function parseLine(text: string, number: number, offset: number | null = null): RecordedLine | null {
  const bad = (message: string) => new RecordingError({ kind: 'bad-line', line: number, offset, message });
  const value = parseJson(text);
  if (!isRecord(value) || typeof value.kind !== 'string') throw bad('it is no JSON object with a kind.');
  if (!lineKinds.has(value.kind)) return null;
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw bad(firstIssue(parsed.error));
}

const lineKinds: ReadonlySet<string> = new Set(['event', 'gap', 'state', 'end']);

/** An address as a recording names it: user, password, query and fragment may hold secrets and are left out. */
export function safeUrl(url: string): string {
  try {
    const parsed = new URL(url);
    parsed.username = '';
    parsed.password = '';
    parsed.search = '';
    parsed.hash = '';
    return parsed.href;
  } catch {
    return '';
  }
}

/** Undefined where it is none, and where it holds so much that to parse it would fill the memory. */
function parseJson(text: string): unknown {
  if (text.length > anyValuesChars && holdsMore(text, maxValues)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'the line'}: ${issue.message}` : 'it has another shape.';
}
