import { z } from 'zod';
import { lastMs } from '../../../shared/time';

/**
 * The lines of a recording, version 1 (docs/recordings.md): gzip over UTF-8 text, one JSON object a line. The first
 * line is the header; the rest is ordered as it was heard; a last line of kind `end` says that nothing was cut off.
 * Unknown members, and lines of an unknown kind, are ignored: later writers of version 1 may add some.
 */

/** The version this program writes; it reads no other. */
export const recordingVersion = 1;

/** Longest line that is read, characters: the largest frame, base64, with room for what stands around it. */
export const maxLineChars = 96 * 1024 * 1024;

const outside = 'it lies outside the years 1970 to 9999.';

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
    stream: z.string(),
    epoch: z.string().nullable().default(null),
    seq: z.number().int().nullable().default(null),
    id: z.string().nullable().default(null),
    type: z.string(),
    /** As the sender says: whatever it is. */
    sentAt: z.number().nullable().default(null),
    late: z.boolean().default(false),
    /** Text exactly as received. */
    body: z.string().optional(),
    /** A binary body instead. */
    base64: z.string().optional(),
  })
  .refine(({ body, base64 }) => (body === undefined) !== (base64 === undefined), 'neither body nor base64, or both');

const gapSchema = z.object({
  kind: z.literal('gap'),
  at: time,
  id: z.string(),
  stream: z.string(),
  epoch: z.string(),
  from: z.number(),
  /** Unknown far end: left out. */
  to: z.number().nullable().default(null),
  status: z.enum(['open', 'filled', 'lost']),
  cause: z.string(),
});

const stateSchema = z.object({
  kind: z.literal('state'),
  at: time,
  from: z.string(),
  to: z.string(),
  transport: z.string().nullable().default(null),
  code: z.string(),
  text: z.string(),
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
  | { readonly kind: 'bad-line'; readonly line: number; readonly message: string };

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
      return `Line ${problem.line} of the recording is damaged: ${problem.message}`;
  }
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

/** Reads line `number` (the header is 1); null for a kind this version does not know. @throws RecordingError */
export function parseLine(text: string, number: number): RecordedLine | null {
  const value = parseJson(text);
  if (!isRecord(value) || typeof value.kind !== 'string') {
    throw new RecordingError({ kind: 'bad-line', line: number, message: 'it is no JSON object with a kind.' });
  }
  if (!lineKinds.has(value.kind)) return null;
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RecordingError({ kind: 'bad-line', line: number, message: firstIssue(parsed.error) });
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

function parseJson(text: string): unknown {
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
