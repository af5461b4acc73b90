import type { Position, ResumePoint } from '../../../shared/position';
import type { RungConfig } from '../../../shared/source';
import { eventId } from '../core/event-id';
import type { Frame } from '../core/frame';
import { ownPart, ownText } from '../core/own-text';
import type { AttachOptions, Decoder, Message, Protocol } from '../core/protocol';
import type { AttachRequest } from '../core/transport';
import { describeBody } from './describe-body';
import { compareIds, earlierThan, formatToken, httpId, parseToken, positionOf } from './nchan-id';

const onlyStream = 'main';

/**
 * nginx's push module (nchan.io). Ids are `<seconds>:<n>` and rise, but not without holes, and an id the server no
 * longer has makes it replay from its oldest message without a word. So a session resumes from the message *before*
 * the last one: if the last one then comes first, nothing is missing; if not, the server has forgotten. Poll rungs
 * carry one message per answer, where asking for each twice would double the traffic: only a session's first request
 * asks so, the further ones follow at once and ask from the last. What remains: a server restarted within the second of
 * its last message gives its numbers a second time, and nothing tells them apart.
 */
export const nchanProtocol: Protocol = {
  name: 'nchan',
  numbering: 'rising',
  uniqueIds: true,
  resumable: true,
  headless: true,
  heartbeatMs: null,
  promise:
    'In order, none twice; what the server has dropped from its buffer meanwhile is shown as a gap, its size is unknown.',
  promiseWithoutPlace:
    'In order of arrival. Messages have shown no ids so far: as long as there are none it cannot go on where it broke off, and what a break cost is shown as a gap of unknown size.',
  placeOf: (token) => parseToken(token)?.last ?? null,
  comparePlaces: compareIds,
  attach,
  createDecoder: createNchanDecoder,
  replayMessage: () => null,
  replayRequest: () => null,
  snapshotUrl: () => null,
};

function attach(rung: RungConfig, resume: ResumePoint | null, { again }: AttachOptions): AttachRequest {
  const token = parseToken(resume?.token ?? null);
  const plain = { url: rung.url, headers: [], subprotocols: [], lastEventId: null };
  const from = token && (again ? token.last : (token.before ?? earlierThan(token.last) ?? token.last));
  switch (rung.transport) {
    case 'tcp':
    case 'websocket':
      return {
        ...plain,
        subprotocols: ['ws+meta.nchan'],
        headers: from === null ? [] : [['last-event-id', from]],
      };
    case 'sse':
      return { ...plain, lastEventId: from };
    case 'long-poll':
    case 'poll': {
      // nchan tells its transports apart by Accept: an event stream must not be among what we take.
      const headers: (readonly [string, string])[] = [['accept', 'application/json, text/plain, */*;q=0.5']];
      const at = from && httpId(from);
      if (at) headers.push(['if-modified-since', at.lastModified], ['if-none-match', at.etag]);
      return { ...plain, headers };
    }
  }
}

const daySeconds = 86_400;

function createNchanDecoder(rung: RungConfig, resume?: ResumePoint | null): Decoder {
  const token = parseToken(resume?.token ?? null);
  let last = token?.last ?? null;
  /** Still at or before where we left off. */
  let joining = token !== null;
  let attached = false;
  let heardAt: number | null = null;
  /** Id of the last poll's answer. */
  let answered: string | null = null;

  /**
   * Seconds that can be: a day beyond our clock, or beyond the last id as long as that was ago. One corrupt id must not
   * make everything behind it old.
   */
  function plausible(id: string, now: number): boolean {
    const seconds = Number(id.split(':', 1)[0]);
    const known = last === null ? null : Number(last.split(':', 1)[0]);
    // With a clock that runs behind the server's nothing is known yet of the time that passed.
    const clockBehind = known === null || known > now / 1000;
    if (heardAt === null && clockBehind) return true;
    const passed = known === null ? 0 : known + (heardAt === null ? 0 : (now - heardAt) / 1000);
    return seconds <= Math.max(now / 1000, passed) + daySeconds;
  }

  function attachment(id: string): readonly Message[] {
    const position = positionOf(id);
    if (attached || !position) return [];
    attached = true;
    const resumed = token ? positionOf(token.last) : null;
    const from = resumed ? resumed.seq : position.seq - 1;
    return [{ kind: 'attached', attachment: { stream: onlyStream, epoch: position.epoch, from, head: null } }];
  }

  /** What the first messages of a resumed session prove. `null`: take it as a new one. */
  function join(id: string): readonly Message[] | null {
    if (!joining || !token) return null;
    const order = compareIds(id, token.last);
    if (order === 0) {
      joining = false;
      return [...attachment(id), { kind: 'control', name: 'overlap' }];
    }
    // Older than where we left off: a silent replay. It is delivered, and dropped by its position.
    if (order !== null && order < 0) return null;
    joining = false;
    const position = positionOf(id);
    if (!position) {
      // Joined channels number nothing: a gap whose size nobody knows, and the ids go on. Of their first message nothing
      // is known that lies before it: what follows it proves nothing.
      attached = true;
      return [refusal('', null, null)];
    }
    return [
      refusal(position.epoch, positionOf(token.last), position.seq),
      {
        kind: 'attached',
        attachment: { stream: onlyStream, epoch: position.epoch, from: position.seq - 1, head: null },
      },
    ];
  }

  function message(frame: Frame, id: string | null, body: string | Uint8Array): readonly Message[] {
    const found = typeof body === 'string' ? describeBody(body, frame.receivedAt) : null;
    const messages: Message[] = [];
    const placed = id !== null && plausible(id, frame.receivedAt);
    if (placed) {
      const joined = join(id);
      if (joined?.some((part) => part.kind === 'control')) return joined;
      if (joined) {
        attached = true;
        messages.push(...joined);
      } else messages.push(...attachment(id));
    }
    messages.push({
      kind: 'event',
      event: {
        stream: onlyStream,
        position: placed ? positionOf(id) : null,
        id: id === null ? null : eventId(id),
        type: frame.event ?? found?.type ?? (typeof body === 'string' ? 'message' : 'binary'),
        sentAt: found?.sentAt ?? null,
        receivedAt: frame.receivedAt,
        body,
        bytes: typeof body === 'string' ? Buffer.byteLength(body) : body.length,
        value: found?.value,
      },
    });
    if (placed) {
      heardAt = frame.receivedAt;
      const order = last === null ? 1 : compareIds(id, last);
      if (order === null || order > 0) {
        messages.push({ kind: 'token', token: formatToken(last, id) });
        last = id;
      }
    }
    return messages;
  }

  return {
    decode(frame) {
      switch (rung.transport) {
        case 'tcp':
        case 'websocket':
          return decodeMeta(frame, message);
        case 'sse':
          return frame.idOnly ? [] : message(frame, frame.id, frame.data);
        case 'long-poll':
        case 'poll': {
          const id = idOfAnswer(frame);
          const again = id !== null && id === answered;
          answered = id;
          const messages = message(frame, id, frame.data);
          // One message per answer; the next one may be waiting already. Whoever gives the same again is asked at leisure.
          return again ? messages : [...messages, { kind: 'more' }];
        }
      }
    },
  };
}

/** The server no longer has the message that was asked for. */
function refusal(epoch: string, requested: Position | null, oldest: number | null): Message {
  return { kind: 'cannot-resume', stream: onlyStream, epoch, cause: 'retention', requested, oldest, head: null };
}

/** A message of subprotocol `ws+meta.nchan`: `id: …`, other fields, an empty line, the body. */
function decodeMeta(
  frame: Frame,
  message: (frame: Frame, id: string | null, body: string | Uint8Array) => readonly Message[],
): readonly Message[] {
  const text = frame.data;
  if (typeof text !== 'string') return message(frame, null, text);
  const end = text.indexOf('\n\n');
  const id = /^id: (\S{1,512})$/m.exec(end === -1 ? '' : text.slice(0, end))?.[1];
  if (id === undefined)
    return [{ kind: 'undecodable', why: 'no nchan id before the body', stream: null, position: null }];
  return message(frame, ownText(id), ownPart(text.slice(end + 2), text));
}

function idOfAnswer(frame: Frame): string | null {
  const header = (name: string) => frame.headers.find(([key]) => key === name)?.[1] ?? null;
  const modified = Date.parse(header('last-modified') ?? '');
  const etag = header('etag')?.replace(/^W\//, '').replace(/^"|"$/g, '') ?? null;
  return Number.isNaN(modified) || etag === null ? null : `${Math.floor(modified / 1000)}:${etag}`;
}
