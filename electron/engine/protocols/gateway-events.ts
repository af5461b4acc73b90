import type { Message } from '../core/protocol';
import { fieldsOf, isTooDeep, membersOf, parseJson } from './json-scan';

/**
 * The shape every event has as the gateway writes it. One anchored match reads the head; what is left is `data`, and
 * JSON.parse is its judge. An event then costs about what parsing it alone would cost.
 */
const eventHead =
  /^\{"kind":"event","stream":"([A-Za-z0-9._-]{1,64})","epoch":"([A-Za-z0-9_-]{1,64})","seq":(\d{1,15}),"time":(\d{1,15}),"type":"([^"\\]{1,128})","data":/;

const idMember = ',"id":"';

/** What an event message says besides its data. */
interface Head {
  readonly stream: string;
  readonly epoch: string;
  readonly seq: number;
  readonly time: number | null;
  readonly type: string;
}

/** A class, since what a literal makes and is kept for a moment V8 would make old (see `delivery/step.ts`). */
class Place {
  constructor(
    readonly epoch: string,
    readonly seq: number,
  ) {}
}

function eventMessage(
  head: Head,
  id: string | null,
  body: string,
  bytes: number,
  value: unknown,
  receivedAt: number,
): Message {
  return {
    kind: 'event',
    event: {
      stream: head.stream,
      position: new Place(head.epoch, head.seq),
      id,
      type: head.type,
      sentAt: head.time,
      receivedAt,
      body,
      bytes,
      value: isTooDeep(body) ? undefined : value,
    },
  };
}

/** No JSON text parses to it. */
const unparsed = Symbol('unparsed');

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return unparsed;
  }
}

/** How the last event of the usual shape began, up to its number: events come in runs of one stream and epoch. */
let run = { start: '\0', stream: '', epoch: '' };
/** The two types seen last. Handed out again they are the same strings, so that whoever compares them compares pointers. */
let lastType = '\0';
let otherType = '\0';
/** Where the last `headOfRun` found `data` to begin. */
let dataAt = 0;

/**
 * The head of an event that begins like the one before it, read without a copy of anything; null where it does not or
 * is of another shape, which is no judgement. Leaves the place of its data in `dataAt`.
 */
function headOfRun(text: string): Head | null {
  if (!text.startsWith(run.start)) return null;
  let at = run.start.length;
  const seqAt = at;
  let seq = 0;
  for (let digit = text.charCodeAt(at) - 0x30; digit >= 0 && digit <= 9; digit = text.charCodeAt(at) - 0x30) {
    seq = seq * 10 + digit;
    at += 1;
  }
  if (at === seqAt || at - seqAt > 15 || !text.startsWith(',"time":', at)) return null;
  at += 8;
  const timeAt = at;
  let time = 0;
  for (let digit = text.charCodeAt(at) - 0x30; digit >= 0 && digit <= 9; digit = text.charCodeAt(at) - 0x30) {
    time = time * 10 + digit;
    at += 1;
  }
  if (at === timeAt || at - timeAt > 15 || !text.startsWith(',"type":"', at)) return null;
  at += 9;
  let end = at + lastType.length;
  if (!text.startsWith(lastType, at) || !text.startsWith('","data":', end)) {
    end = at + otherType.length;
    if (!text.startsWith(otherType, at) || !text.startsWith('","data":', end)) return null;
    const swapped = lastType;
    lastType = otherType;
    otherType = swapped;
  }
  dataAt = end + 9;
  return { stream: run.stream, epoch: run.epoch, seq, time, type: lastType };
}

function headOfAny(text: string): Head | null {
  const match = eventHead.exec(text);
  if (!match) return null;
  const [matched, stream = '', epoch = '', seq, time, type = ''] = match;
  run = { start: `{"kind":"event","stream":"${stream}","epoch":"${epoch}","seq":`, stream, epoch };
  if (type !== lastType) {
    otherType = lastType;
    lastType = type;
  }
  dataAt = matched.length;
  return { stream, epoch, seq: Number(seq), time: Number(time), type };
}

/**
 * Decodes one event message. `undecodable` when it is none, with its position where that could be read. `textBytes`:
 * length of the text on the wire where that is known; it spares counting the body's.
 */
export function decodeEvent(text: string, receivedAt: number, textBytes?: number): Message {
  const head = headOfRun(text) ?? headOfAny(text);
  if (!head || !text.endsWith('}')) return decodeAnyEvent(text, receivedAt);
  const start = dataAt;
  const ascii = textBytes === text.length;
  // An id, where there is one, stands last. `data` may end like one too: only what parses alone is the whole of it.
  const idAt = text.endsWith('"}') ? text.lastIndexOf(idMember) : -1;
  if (idAt > start) {
    const id = text.slice(idAt + idMember.length, -2);
    const body = text.slice(start, idAt);
    const value = /["\\]/.test(id) ? unparsed : parsedOr(body);
    if (value !== unparsed) {
      return eventMessage(head, id, body, ascii ? body.length : Buffer.byteLength(body), value, receivedAt);
    }
  }
  const body = text.slice(start, -1);
  const value = parsedOr(body);
  if (value === unparsed) return decodeAnyEvent(text, receivedAt);
  return eventMessage(head, null, body, ascii ? body.length : Buffer.byteLength(body), value, receivedAt);
}

/** The slow way: members in any order, any white space, unknown members. */
function decodeAnyEvent(text: string, receivedAt: number): Message {
  const whole = parseJson(text);
  const members = whole.ok ? membersOf(text) : null;
  const fields = whole.ok ? fieldsOf(whole.value) : null;
  if (!fields || !members) return undecodable('not a JSON object', null, null);
  const stream = fields.text('stream');
  const epoch = fields.text('epoch');
  const seq = fields.count('seq');
  const type = fields.text('type');
  const data = members.get('data');
  const position = epoch !== null && seq !== null ? { epoch, seq } : null;
  if (stream === null || epoch === null || seq === null || seq === 0) {
    return undecodable('an event without its stream, epoch or seq', stream, null);
  }
  if (type === null || !data) return undecodable('an event without type or data', stream, position);
  const head: Head = { stream, epoch, seq, time: fields.number('time'), type };
  const body = text.slice(data.start, data.end);
  return eventMessage(head, fields.text('id'), body, Buffer.byteLength(body), fields.value('data'), receivedAt);
}

function undecodable(
  why: string,
  stream: string | null,
  position: { readonly epoch: string; readonly seq: number } | null,
): Message {
  return { kind: 'undecodable', why, stream, position };
}
