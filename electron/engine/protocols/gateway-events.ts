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

function eventMessage(head: Head, id: string | null, body: string, value: unknown, receivedAt: number): Message {
  return {
    kind: 'event',
    event: {
      stream: head.stream,
      position: { epoch: head.epoch, seq: head.seq },
      id,
      type: head.type,
      sentAt: head.time,
      receivedAt,
      body,
      bytes: Buffer.byteLength(body),
      value: isTooDeep(body) ? undefined : value,
    },
  };
}

/** Decodes one event message. `undecodable` when it is none, with its position where that could be read. */
export function decodeEvent(text: string, receivedAt: number): Message {
  const match = eventHead.exec(text);
  if (!match || !text.endsWith('}')) return decodeAnyEvent(text, receivedAt);
  const [matched, stream = '', epoch = '', seq, time, type = ''] = match;
  const head: Head = { stream, epoch, seq: Number(seq), time: Number(time), type };
  // An id, where there is one, stands last. `data` may end like one too: only what parses alone is the whole of it.
  const idAt = text.endsWith('"}') ? text.lastIndexOf(idMember) : -1;
  if (idAt > matched.length) {
    const id = text.slice(idAt + idMember.length, -2);
    const body = text.slice(matched.length, idAt);
    const parsed = /["\\]/.test(id) ? { ok: false as const } : parseJson(body);
    if (parsed.ok) return eventMessage(head, id, body, parsed.value, receivedAt);
  }
  const body = text.slice(matched.length, -1);
  const parsed = parseJson(body);
  return parsed.ok ? eventMessage(head, null, body, parsed.value, receivedAt) : decodeAnyEvent(text, receivedAt);
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
  return eventMessage(head, fields.text('id'), body, fields.value('data'), receivedAt);
}

function undecodable(
  why: string,
  stream: string | null,
  position: { readonly epoch: string; readonly seq: number } | null,
): Message {
  return { kind: 'undecodable', why, stream, position };
}
