import type { ResumePoint } from '../../../shared/position';
import type { RungConfig } from '../../../shared/source';
import { eventId, longestId } from '../core/event-id';
import type { Frame } from '../core/frame';
import { ownPart } from '../core/own-text';
import type { DecodedEvent, Decoder, Message, Outlet, Protocol } from '../core/protocol';
import type { AttachRequest } from '../core/transport';
import { describeBody } from './describe-body';
import { elementsOf, parseJson } from './json-scan';
import { createBareLife, isEndMarker, isLife } from './life';

/** The one stream of a feed that names none. */
const onlyStream = 'main';

/** Tells an `Etag` of a poll answer from an SSE id, since both are a connection's token. */
const etagMark = 'etag ';

/** A WebSocket of no known protocol takes any text and says nothing of it. */
const outlet: Outlet = {
  keys: null,
  promise:
    'In order, each at most once. The feed says nothing of messages: one that was cut in flight is shown as unknown, and sent again only by you.',
  problemOf: (body) => (body === '' ? 'An empty message says nothing.' : null),
  socketText: ({ body }) => body,
  request: () => null,
  confirms: () => false,
};

/**
 * Any feed of JSON (or plain text) messages. It numbers nothing; over SSE its ids are a token to resume from, over
 * poll its `Etag` saves an answer that brings nothing new. Type, id and time come from common member names.
 */
export function createJsonProtocol(ladder: readonly RungConfig[]): Protocol {
  const resumable = ladder.length > 0 && ladder.every((rung) => rung.transport === 'sse');
  return {
    name: 'json',
    numbering: 'none',
    uniqueIds: false,
    resumable,
    headless: true,
    heartbeatMs: null,
    promise: resumable
      ? 'In order. After a break it goes on behind the last id, where the feed has ids; where it has none, what a break cost cannot be known and is shown as a gap.'
      : withoutPlace,
    promiseWithoutPlace: withoutPlace,
    placeOf: (token) => (token.startsWith(etagMark) ? null : token),
    comparePlaces: compareNumbers,
    attach,
    createDecoder: (rung, resume) => createJsonDecoder(rung, resume?.token ?? null),
    replayMessage: () => null,
    replayRequest: () => null,
    snapshotUrl: () => null,
    outlet: ladder.some((rung) => rung.transport === 'websocket') ? outlet : null,
  };
}

const withoutPlace =
  'In order of arrival, as the feed sends it: what it sends again on a new connection or a later page is shown again. It has no numbers, so what a break cost cannot be known and is shown as a gap.';

/** Ids that are whole numbers can be told apart by age; of others nobody knows. */
function compareNumbers(a: string, b: string): number | null {
  if (!/^\d{1,40}$/.test(a) || !/^\d{1,40}$/.test(b)) return null;
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function attach(rung: RungConfig, resume: ResumePoint | null): AttachRequest {
  const token = resume?.token ?? null;
  const etag = token?.startsWith(etagMark) ? token.slice(etagMark.length) : null;
  const headers: (readonly [string, string])[] = [];
  const polls = rung.transport === 'poll' || rung.transport === 'long-poll';
  if (polls) headers.push(['accept', 'application/json, text/plain;q=0.9, */*;q=0.5']);
  if (polls && etag !== null) headers.push(['if-none-match', etag]);
  return {
    url: rung.url,
    headers,
    subprotocols: [],
    lastEventId: rung.transport === 'sse' && etag === null ? token : null,
  };
}

/** `resumedFrom`: the id that is in force before the first event. */
function createJsonDecoder(rung: RungConfig, resumedFrom: string | null): Decoder {
  const polls = rung.transport === 'poll' || rung.transport === 'long-poll';
  let lastToken: string | null = null;
  let idInForce = resumedFrom;
  const isBareLife = rung.transport === 'websocket' ? createBareLife() : null;

  function token(text: string | null): readonly Message[] {
    if (text === null || text === lastToken) return [];
    lastToken = text;
    // One without measure would be written with each step, and no server takes it back: there is no place then.
    return [{ kind: 'token', token: text.length > longestId ? '' : text }];
  }

  function decodePoll(frame: Frame, text: string): readonly Message[] {
    if (text === '') return [];
    const list = /^\s*\[\s*\]\s*$/.test(text) ? [] : batchOf(text);
    // A list comes again and again, with a few new entries: what is new is found where the last page is kept.
    const events = oldestFirst((list ?? [text]).map((body) => eventOf(frame, body)));
    const etag = frame.headers.find(([name]) => name === 'etag')?.[1];
    return [{ kind: 'page', events, list: list !== null }, ...token(etag === undefined ? null : etagMark + etag)];
  }

  return {
    decode(frame) {
      // A frame tells the id in force: only a new one is its own.
      const ownId = frame.id !== null && frame.id !== idInForce;
      idInForce = frame.id ?? idInForce;
      if (frame.idOnly) return token(frame.id);
      if (typeof frame.data !== 'string') {
        return [{ kind: 'event', event: plainEvent(frame, frame.data, 'binary') }];
      }
      const text = frame.data;
      if (polls && !frame.line) return decodePoll(frame, text);
      if (isBareLife?.(text)) return [life];
      const bodies = batchOf(text) ?? [text];
      return [...bodies.map((body) => messageOf(frame, body, ownId)), ...token(frame.id)];
    },
  };
}

/** The texts of a list of objects; null when the text is something else (`["a", 1]` is one message). */
function batchOf(text: string): readonly string[] | null {
  if (!/^\s*\[\s*\{/.test(text)) return null;
  const slices = elementsOf(text);
  if (!slices || !parseJson(text).ok) return null;
  const bodies = slices.map(({ start, end }) => ownPart(text.slice(start, end), text));
  return bodies.every((body) => body.startsWith('{')) ? bodies : null;
}

/** A sign of life that says nothing of a place. */
const life: Message = { kind: 'heartbeat', stream: null, epoch: null, head: null };

function eventOf(frame: Frame, body: string): DecodedEvent {
  const found = describeBody(body, frame.receivedAt);
  if (found.value === undefined) return plainEvent(frame, body, frame.event ?? 'text');
  return {
    stream: onlyStream,
    position: null,
    // The stream's own id stands above one in the body, which may name a thing and not an event.
    id: idOf(frame) ?? found.id,
    type: frame.event ?? found.type ?? 'message',
    sentAt: found.sentAt,
    receivedAt: frame.receivedAt,
    body,
    bytes: Buffer.byteLength(body),
    value: found.value,
  };
}

/** One text of a stream: an event, or what a feed says of itself in the same form. What has an id of its own is an event. */
function messageOf(frame: Frame, body: string, ownId: boolean): Message {
  const event = eventOf(frame, body);
  if (isEndMarker(body)) return { kind: 'goodbye', reason: body.trim(), retryAfterMs: 0, spreadMs: 0 };
  const name = event.type === 'text' && frame.event === null ? null : event.type;
  if (!ownId && isLife(name, body, event.value)) return life;
  return { kind: 'event', event };
}

/** An empty id says that there is none. */
function idOf({ id }: Frame): string | null {
  return id === '' || id === null ? null : eventId(id);
}

/** What is no JSON is shown for what it is. */
function plainEvent(frame: Frame, body: string | Uint8Array, type: string): DecodedEvent {
  return {
    stream: onlyStream,
    position: null,
    id: idOf(frame),
    type,
    sentAt: null,
    receivedAt: frame.receivedAt,
    body,
    bytes: typeof body === 'string' ? Buffer.byteLength(body) : body.length,
    value: undefined,
  };
}

/** Lists come newest first as often as not. Turned round when their times, or else their numeric ids, fall. */
function oldestFirst(events: readonly DecodedEvent[]): readonly DecodedEvent[] {
  const first = events[0];
  const last = events.at(-1);
  if (!first || !last || events.length < 2) return events;
  const byTime = first.sentAt !== null && last.sentAt !== null ? first.sentAt - last.sentAt : 0;
  const byId = Number(first.id ?? Number.NaN) - Number(last.id ?? Number.NaN);
  return byTime > 0 || (byTime === 0 && byId > 0) ? [...events].reverse() : events;
}
