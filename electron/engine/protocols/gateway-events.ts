import { BodyNumbers } from '../core/body-numbers';
import { eventId } from '../core/event-id';
import { ownPart, ownText } from '../core/own-text';
import type { DecodedEvent, Message } from '../core/protocol';
import { BodyTexts } from './body-texts';
import { fieldsOf, isTooDeep, membersOf, parseJson } from './json-scan';
import { keptCodesOf, TextCodes } from './text-codes';

/**
 * The shape every event has as the gateway writes it. One anchored match reads the head; what is left is `data`, and
 * JSON.parse is its judge. An event then costs about what parsing it alone would cost.
 */
const eventHead =
  /^\{"kind":"event","stream":"([A-Za-z0-9._-]{1,64})","epoch":"([A-Za-z0-9_-]{1,64})","seq":(\d{1,15}),"time":(\d{1,15}),"type":"([^"\\]{1,128})","data":/;

const idMember = ',"id":"';
const quote = 0x22;
const closingBrace = 0x7d;
const zero = 0x30;

/** What an event message says besides its data. */
interface Head {
  readonly stream: string;
  readonly epoch: string;
  readonly seq: number;
  readonly time: number | null;
  readonly type: string;
}

/*
 * Classes, since what a literal makes and is kept for a moment V8 would make old (see `delivery/step.ts`).
 */
class Place {
  constructor(
    readonly epoch: string,
    readonly seq: number,
  ) {}
}

class GatewayEvent implements DecodedEvent {
  constructor(
    readonly stream: string,
    readonly position: Place,
    readonly id: string | null,
    readonly type: string,
    readonly sentAt: number | null,
    readonly receivedAt: number,
    readonly body: string,
    readonly bytes: number,
    readonly value: unknown,
  ) {}
}

class EventMessage {
  readonly kind = 'event';
  constructor(readonly event: DecodedEvent) {}
}

function eventMessage(
  head: Head,
  id: string | null,
  body: string,
  bytes: number,
  value: unknown,
  receivedAt: number,
): Message {
  const place = new Place(head.epoch, head.seq);
  const kept = !(value instanceof BodyNumbers) && isTooDeep(body) ? undefined : value;
  return new EventMessage(
    new GatewayEvent(
      head.stream,
      place,
      id === null ? null : eventId(id),
      head.type,
      head.time,
      receivedAt,
      body,
      bytes,
      kept,
    ),
  );
}

/** No JSON text parses to it. */
const unparsed = Symbol('unparsed');

function parsedOr(text: string): unknown {
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : unparsed;
}

/** A type, the text from the end of the time to the beginning of the data that belongs to it, and what its data look like. */
interface TypeText {
  readonly type: string;
  readonly codes: Uint16Array;
  /** Null where there are too many types to learn what each looks like. */
  readonly bodies: BodyTexts | null;
}

/** Types of one session whose bodies are learnt. */
const learntTypes = 64;

const timeText = keptCodesOf(',"time":');

/** One for all sessions: nothing is left in it between two calls. */
const textCodes = new TextCodes();

/** Whether `part` stands at `at` of what ends at `end`. */
function standsAt(codes: Uint16Array, at: number, end: number, part: Uint16Array): boolean {
  const { length } = part;
  if (at + length > end) return false;
  for (let each = 0; each < length; each++) if (codes[at + each] !== part[each]) return false;
  return true;
}

/**
 * Decodes event messages of one session, and remembers how the last one of the usual shape began: events come in runs
 * of one stream and epoch, of few types.
 */
export class GatewayEventReader {
  /** How the last one began, up to its number. */
  private start: Uint16Array | null = null;
  private stream = '';
  private epoch = '';
  /** The two types seen last. Handed out again they are the same strings: whoever compares them compares pointers. */
  private lastType: TypeText | null = null;
  private otherType: TypeText | null = null;
  private readonly types = new Map<string, TypeText>();
  /** Where the last head found `data` to begin. */
  private dataAt = 0;
  /** What the last head says. Made once: an event takes what it needs out of it at once. */
  private readonly head = { stream: '', epoch: '', seq: 0, time: 0, type: '' };

  /**
   * One event message; `undecodable` when it is none, with its position where that could be read. `textBytes`: length
   * of the text on the wire where that is known; it spares counting the body's.
   */
  read(text: string, receivedAt: number, textBytes?: number): Message {
    const codes = textCodes.of(text);
    const head = (codes && this.headOfRun(codes, text.length)) ?? this.headOfAny(text);
    return this.decode(head, text, codes, receivedAt, textBytes);
  }

  /** The same for what begins like the event before it; null where it does not, whatever it is. */
  readNext(text: string, receivedAt: number, textBytes: number): Message | null {
    const codes = textCodes.of(text);
    const head = codes && this.headOfRun(codes, text.length);
    return head && this.decode(head, text, codes, receivedAt, textBytes);
  }

  private decode(
    head: Head | null,
    text: string,
    codes: Uint16Array | null,
    receivedAt: number,
    textBytes: number | undefined,
  ): Message {
    return decodeWith(head, this.lastType?.bodies ?? null, codes, this.dataAt, text, receivedAt, textBytes);
  }

  /** The head, read without a copy of anything; null where the text is of another shape, which is no judgement. */
  private headOfRun(codes: Uint16Array, end: number): Head | null {
    const { start, lastType, head } = this;
    if (start === null || lastType === null || !standsAt(codes, 0, end, start)) return null;
    let at = start.length;
    const seqAt = at;
    let seq = 0;
    for (; at < end; at += 1) {
      const digit = (codes[at] as number) - zero;
      if (digit < 0 || digit > 9) break;
      seq = seq * 10 + digit;
    }
    if (at === seqAt || at - seqAt > 15 || !standsAt(codes, at, end, timeText)) return null;
    at += timeText.length;
    const timeAt = at;
    let time = 0;
    for (; at < end; at += 1) {
      const digit = (codes[at] as number) - zero;
      if (digit < 0 || digit > 9) break;
      time = time * 10 + digit;
    }
    if (at === timeAt || at - timeAt > 15) return null;
    let type = lastType;
    if (!standsAt(codes, at, end, type.codes)) {
      if (this.otherType === null || !standsAt(codes, at, end, this.otherType.codes)) return null;
      type = this.otherType;
      this.otherType = lastType;
      this.lastType = type;
    }
    this.dataAt = at + type.codes.length;
    head.stream = this.stream;
    head.epoch = this.epoch;
    head.seq = seq;
    head.time = time;
    head.type = type.type;
    return head;
  }

  private headOfAny(text: string): Head | null {
    const match = eventHead.exec(text);
    if (!match) return null;
    const [matched, stream = '', epoch = '', seq, time, type = ''] = match;
    if (stream !== this.stream || epoch !== this.epoch || this.start === null) {
      this.start = keptCodesOf(`{"kind":"event","stream":"${stream}","epoch":"${epoch}","seq":`);
      this.stream = ownText(stream);
      this.epoch = ownText(epoch);
    }
    let last = this.lastType;
    if (last?.type !== type) {
      this.otherType = last;
      last = this.types.get(type) ?? this.newType(ownText(type));
      this.lastType = last;
    }
    this.dataAt = matched.length;
    return { stream: this.stream, epoch: this.epoch, seq: Number(seq), time: Number(time), type: last.type };
  }

  private newType(type: string): TypeText {
    const bodies = this.types.size < learntTypes ? new BodyTexts() : null;
    const made = { type, codes: keptCodesOf(`,"type":"${type}","data":`), bodies };
    if (bodies !== null) this.types.set(type, made);
    return made;
  }
}

function decodeWith(
  head: Head | null,
  bodies: BodyTexts | null,
  codes: Uint16Array | null,
  start: number,
  text: string,
  receivedAt: number,
  textBytes: number | undefined,
): Message {
  const last = text.length - 1;
  if (!head || text.charCodeAt(last) !== closingBrace) return decodeAnyEvent(text, receivedAt);
  const ascii = textBytes === text.length;
  // An id, where there is one, stands last. `data` may end like one too: only what parses alone is the whole of it.
  const idAt = text.charCodeAt(last - 1) === quote ? text.lastIndexOf(idMember) : -1;
  if (idAt > start) {
    const id = ownPart(text.slice(idAt + idMember.length, -2), text);
    const body = ownPart(text.slice(start, idAt), text);
    const value = /["\\]/.test(id) ? unparsed : readBody(bodies, codes, start, idAt, body);
    if (value !== unparsed) {
      return eventMessage(head, id, body, ascii ? body.length : Buffer.byteLength(body), value, receivedAt);
    }
  }
  const body = ownPart(text.slice(start, -1), text);
  const value = readBody(bodies, codes, start, last, body);
  if (value === unparsed) return decodeAnyEvent(text, receivedAt);
  return eventMessage(head, null, body, ascii ? body.length : Buffer.byteLength(body), value, receivedAt);
}

/** The body between two places of a text, or its numbers where it looks like those before it. */
function readBody(
  bodies: BodyTexts | null,
  codes: Uint16Array | null,
  start: number,
  end: number,
  body: string,
): unknown {
  const numbers = bodies === null || codes === null ? null : bodies.read(codes, start, end);
  if (numbers !== null) return numbers;
  const value = parsedOr(body);
  if (bodies !== null && value !== unparsed && !isTooDeep(body)) bodies.missed(body);
  return value;
}

/** The slow way: members in any order, any white space, unknown members. */
function decodeAnyEvent(text: string, receivedAt: number): Message {
  const whole = parseJson(text);
  const members = whole.ok ? membersOf(text) : null;
  const fields = whole.ok ? fieldsOf(whole.value) : null;
  if (!fields || !members) return undecodable('not a JSON object', null, null);
  const stream = fields.name('stream');
  const epoch = fields.name('epoch');
  const seq = fields.count('seq');
  const type = fields.name('type');
  const data = members.get('data');
  const position = epoch !== null && seq !== null ? { epoch, seq } : null;
  if (stream === null || epoch === null || seq === null || seq === 0) {
    return undecodable('an event without its stream, epoch or seq', stream, null);
  }
  if (type === null || !data) return undecodable('an event without type or data', stream, position);
  const head: Head = { stream, epoch, seq, time: fields.number('time'), type };
  const body = ownPart(text.slice(data.start, data.end), text);
  return eventMessage(head, fields.text('id'), body, Buffer.byteLength(body), fields.value('data'), receivedAt);
}

function undecodable(
  why: string,
  stream: string | null,
  position: { readonly epoch: string; readonly seq: number } | null,
): Message {
  return { kind: 'undecodable', why, stream, position };
}
