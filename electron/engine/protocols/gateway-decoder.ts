import type { Frame } from '../core/frame';
import { ownPart, ownText } from '../core/own-text';
import type { Message } from '../core/protocol';
import type { GatewayEventReader } from './gateway-events';
import {
  elementsOf,
  type Fields,
  fieldsOf,
  isTooDeep,
  longestName,
  membersOf,
  parseJson,
  type Slice,
} from './json-scan';

/** Decodes one frame of any of the gateway's transports: one message, or a poll answer with many (docs/protocol.md). */
export function decodeGatewayFrame(frame: Frame, events: GatewayEventReader): readonly Message[] {
  if (frame.idOnly) return [];
  if (typeof frame.data !== 'string') return [undecodable('a binary frame; the gateway sends text')];
  const text = frame.data;
  const next = events.readNext(text, frame.receivedAt, frame.bytes);
  if (next !== null) return [next];
  if (text.startsWith('{"kind":"event"')) return [events.read(text, frame.receivedAt, frame.bytes)];
  if (text.startsWith('{"kind":"answer"')) return decodeAnswer(text, frame.receivedAt, events);
  const parsed = parseJson(text);
  const fields = parsed.ok ? fieldsOf(parsed.value) : null;
  if (!fields) return [undecodable(text === '' ? 'an empty frame' : 'not a JSON object')];
  switch (fields.text('kind')) {
    case 'event':
      return [events.read(text, frame.receivedAt)];
    case 'answer':
      return decodeAnswer(text, frame.receivedAt, events);
    case 'snapshot':
      return decodeSnapshot(text, fields, frame.receivedAt);
    default:
      return decodeControl(fields);
  }
}

/** Refusals that say nothing of the message itself; a gateway of this version marks them with `later` too. */
const forNow: ReadonlySet<string> = new Set(['rate', 'busy', 'closing', 'internal', 'full']);

function isForNow(refused: Fields): boolean {
  return refused.value('later') === true || forNow.has(refused.text('error') ?? '');
}

/** A gateway that asks for longer is asked hourly, ms (`connection/timing.ts`). */
const longestRetryMs = 3_600_000;
/** The longest spread that a gateway may name, ms (docs/protocol.md). */
const longestSpreadMs = 60_000;

/** Everything that is one small object. */
function decodeControl(fields: Fields): readonly Message[] {
  const kind = fields.text('kind');
  switch (kind) {
    case 'hello':
      return attachment(fields) ?? [undecodable('a hello without stream, epoch or from')];
    case 'heartbeat':
      return [
        {
          kind: 'heartbeat',
          stream: fields.name('stream'),
          epoch: fields.name('epoch'),
          head: fields.count('head'),
        },
      ];
    case 'goodbye':
      return [
        {
          kind: 'goodbye',
          reason: ownText((fields.text('reason') ?? 'unknown').slice(0, 200)),
          retryAfterMs: Math.min(Math.max(0, fields.number('retryAfterMs') ?? 0), longestRetryMs),
          spreadMs: Math.min(Math.max(0, fields.number('spreadMs') ?? 0), longestSpreadMs),
        },
      ];
    case 'cannot-resume':
      return [cannotResume(fields) ?? undecodable('a cannot-resume without stream, epoch or cause')];
    case 'replayed':
      return [replayed(fields) ?? undecodable('a replayed without ref, after or to')];
    case 'published':
      return [published(fields)];
    case 'refused':
      return [
        {
          kind: 'send-refused',
          ref: fields.text('ref') ?? '',
          message: ownText((fields.text('message') ?? fields.text('error') ?? 'refused').slice(0, 500)),
          laterMs: isForNow(fields) ? Math.min(Math.max(0, fields.number('retryAfterMs') ?? 0), longestRetryMs) : null,
        },
      ];
    case null:
      return [undecodable('an object without a kind')];
    default:
      return [{ kind: 'control', name: ownText(kind.slice(0, 64)) }];
  }
}

function attachment(fields: Fields): readonly Message[] | null {
  const stream = fields.name('stream');
  const epoch = fields.name('epoch');
  const from = fields.count('from');
  if (stream === null || epoch === null || from === null) return null;
  return [
    { kind: 'attached', attachment: { stream, epoch, from, head: fields.count('head') } },
    {
      kind: 'terms',
      spreadMs: positive(Math.min(fields.number('spreadMs') ?? 0, longestSpreadMs)),
      heartbeatMs: positive(fields.number('heartbeatMs')),
    },
  ];
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}

function cannotResume(fields: Fields): Message | null {
  const stream = fields.name('stream');
  const epoch = fields.name('epoch');
  const cause = causeOf(fields.text('cause'));
  if (stream === null || epoch === null || cause === null) return null;
  const asked = fields.fields('requested');
  const askedEpoch = asked?.name('epoch') ?? null;
  const askedSeq = asked?.count('seq') ?? null;
  return {
    kind: 'cannot-resume',
    stream,
    epoch,
    cause,
    requested: askedEpoch !== null && askedSeq !== null ? { epoch: askedEpoch, seq: askedSeq } : null,
    oldest: fields.count('oldest'),
    head: fields.count('head'),
  };
}

/** `ahead`: the log lost its end, so its numbers are given out a second time: for us that is another numbering. */
function causeOf(cause: string | null): 'retention' | 'epoch-changed' | null {
  switch (cause) {
    case 'retention':
      return 'retention';
    case 'epoch-changed':
    case 'ahead':
      return 'epoch-changed';
    default:
      return null;
  }
}

function replayed(fields: Fields): Message | null {
  const ref = fields.text('ref');
  const after = fields.count('after');
  const to = fields.count('to');
  if (ref === null || after === null || to === null) return null;
  return {
    kind: 'replayed',
    ref,
    stream: fields.name('stream') ?? '',
    epoch: fields.name('epoch') ?? '',
    after,
    to,
    missing: fields.value('missing') === true,
    oldest: fields.count('oldest'),
  };
}

function published(fields: Fields): Message {
  const epoch = fields.name('epoch');
  const seq = fields.count('seq');
  return {
    kind: 'published',
    ref: fields.text('ref') ?? '',
    position: epoch !== null && seq !== null ? { epoch, seq } : null,
    repeated: fields.value('repeated') === true,
  };
}

/** A poll answer: an attach answer and its events at once. Sliced, so that each event keeps its own text. */
function decodeAnswer(text: string, receivedAt: number, events: GatewayEventReader): readonly Message[] {
  const members = membersOf(text);
  const array = members?.get('events');
  const slices = array ? elementsOf(text, array) : null;
  if (!members || !slices) return [undecodable('a poll answer without whole events')];
  const fields = fieldsOf(headOf(text, members));
  const attached = fields && attachment(fields);
  if (!fields || !attached) return [undecodable('a poll answer without stream, epoch or from')];
  const messages: Message[] = [];
  const refusal = fields.fields('cannotResume');
  if (refusal) messages.push(cannotResume(refusal) ?? undecodable('a cannot-resume without stream, epoch or cause'));
  messages.push(...attached);
  for (const { start, end } of slices) messages.push(events.read(ownPart(text.slice(start, end), text), receivedAt));
  if (fields.value('more') === true) messages.push({ kind: 'more' });
  const goodbye = fields.fields('goodbye');
  if (goodbye) messages.push(...decodeControl(goodbye));
  return messages;
}

/** Parses all members of an answer but its events, each by itself. */
function headOf(text: string, members: ReadonlyMap<string, Slice>): Record<string, unknown> {
  const head: Record<string, unknown> = Object.create(null);
  for (const [name, slice] of members) {
    if (name === 'events' || slice.end - slice.start > 65_536) continue;
    const parsed = parseJson(text.slice(slice.start, slice.end));
    if (parsed.ok) head[name] = parsed.value;
  }
  return head;
}

/** The last event of each type, as events in the order of their numbers. */
function decodeSnapshot(text: string, fields: Fields, receivedAt: number): readonly Message[] {
  const stream = fields.name('stream');
  const epoch = fields.name('epoch');
  const seq = fields.count('seq');
  const state = membersOf(text)?.get('state');
  const stateText = state ? text.slice(state.start, state.end) : '';
  const types = membersOf(stateText, 10_000);
  if (stream === null || epoch === null || seq === null || !types) {
    return [undecodable('a snapshot without stream, epoch, seq or state')];
  }
  const events: { readonly seq: number; readonly message: Message }[] = [];
  for (const [type, slice] of types) {
    if (type.length > longestName) continue;
    const entryText = stateText.slice(slice.start, slice.end);
    const parsed = parseJson(entryText);
    const entry = parsed.ok ? fieldsOf(parsed.value) : null;
    const data = membersOf(entryText)?.get('data');
    const entrySeq = entry?.count('seq') ?? null;
    if (!entry || !data || entrySeq === null) continue;
    const body = ownPart(entryText.slice(data.start, data.end), text);
    events.push({
      seq: entrySeq,
      message: {
        kind: 'event',
        event: {
          stream,
          position: { epoch, seq: entrySeq },
          id: null,
          type: ownText(type),
          sentAt: entry.number('time'),
          receivedAt,
          body,
          bytes: Buffer.byteLength(body),
          value: isTooDeep(body) ? undefined : entry.value('data'),
        },
      },
    });
  }
  return events.sort((a, b) => a.seq - b.seq).map(({ message }) => message);
}

function undecodable(why: string): Message {
  return { kind: 'undecodable', why, stream: null, position: null };
}
