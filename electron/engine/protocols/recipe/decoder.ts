import type { ResumePoint } from '../../../../shared/position';
import type { Recipe } from '../../../../shared/recipe';
import type { RungConfig } from '../../../../shared/source';
import { longestId } from '../../core/event-id';
import type { Frame } from '../../core/frame';
import { noJson } from '../../core/no-json';
import type { DecodedEvent, Decoder, Message, ThingsOfPage } from '../../core/protocol';
import { createBodyReader } from '../body-encodings/body-reader';
import { createBareLife, isEndMarker, isLife } from '../life';
import { classified, goodbye, life } from './classified';
import { type Cut, cutFrame, type Part } from './cut';
import { Epochs } from './epochs';
import { createMeasureReader } from './measures';
import type { Plan } from './plan';
import { binaryEvent, cursorIn, onlyStream, readEvent } from './reading';
import { mostThings, thingsReader } from './things';

/** Tells an `Etag` of a poll answer from an SSE id, since both are a connection's token. */
export const etagMark = 'etag ';

export interface DecoderDeps {
  readonly recipe: Recipe | null;
  readonly plan: Plan;
  readonly resumable: boolean;
}

/** Reads the frames of one session as a recipe says, and guesses where it says nothing. */
export function createRecipeDecoder(
  { recipe, plan, resumable }: DecoderDeps,
  rung: RungConfig,
  resume: ResumePoint | null,
): Decoder {
  const polls = rung.transport === 'poll' || rung.transport === 'long-poll';
  const measure = recipe === null ? null : createMeasureReader(recipe);
  const readBody = createBodyReader(recipe);
  /** A message of bytes is shown as what it is, unless the recipe says that it is something else. */
  const readsNoBytes = (recipe?.read.encodings.length ?? 0) === 0;
  const isBareLife = rung.transport === 'websocket' ? createBareLife() : null;
  const epochs = plan.numbering === 'none' ? null : new Epochs(resume?.positions ?? {}, resumable);
  const things = recipe?.list === undefined ? null : thingsReader(recipe.list);
  const keepsIds = plan.keeping === 'ids';
  let lastToken: string | null = null;
  /** The id that is in force before the first event is the one that the session resumes from. */
  let idInForce = keepsIds ? (resume?.token ?? null) : null;

  function token(text: string | null): readonly Message[] {
    if (text === null || text === lastToken) return [];
    lastToken = text;
    // One without measure would be written with each step, and no server takes it back: there is no place then.
    return [{ kind: 'token', token: text.length > longestId ? '' : text }];
  }

  /** What one message means. `ownId`: it has an id of its own, so that a guess never takes it for less than an event. */
  function read(frame: Frame, part: Part, whole: Part | null, ownId: boolean): readonly Message[] {
    const found = classified(plan, part, { text: part.text, value: part.value, event: frame.event });
    if (found !== null && found !== 'event') {
      // A place that the server no longer has is asked for only once.
      return found.kind === 'cannot-resume' ? [found, ...token('')] : [found];
    }
    const event = readEvent(plan, { frame, part, whole }, measure);
    if (found === null && !pages(frame)) {
      if (isEndMarker(part.text)) return [goodbye(part.text, 0, true)];
      const name = event.type === 'text' && frame.event === null ? null : event.type;
      if (!ownId && isLife(name, part.text, part.value)) return [life];
    }
    return [...(epochs?.attachedBy(event) ?? []), { kind: 'event', event }];
  }

  /** A whole answer that may come again, with a few new entries: what is new is found where the last page is kept. */
  function pages(frame: Frame): boolean {
    return polls && !frame.line && plan.keeping !== 'cursor' && plan.numbering === 'none';
  }

  function messagesOf(frame: Frame, cut: Cut, ownId: boolean): readonly Message[] {
    const { parts, whole, problem } = cut;
    if (problem !== null) return problemOf(frame, cut);
    // An empty list is something that a push feed said.
    const shown = parts.length === 0 && whole !== null && plan.items === null && !polls ? [whole] : parts;
    const messages = shown.flatMap((part) => read(frame, part, whole, ownId));
    const broken = polls && shown.some(({ value }) => value === undefined) ? brokenIn(frame, messages) : null;
    if (broken !== null) return [unusable(broken)];
    if (!pages(frame)) return messages;
    const events = messages.flatMap((message) => (message.kind === 'event' ? [message.event] : []));
    const others = messages.filter(({ kind }) => kind !== 'event');
    if (others.length > 0 && events.length === 0) return others;
    const ordered = cut.unordered ? oldestFirst(events) : events;
    if (things === null) return [...others, ...asPage(frame, ordered, cut.list)];
    if (!cut.list) return [unusable('no list')];
    const watched = ordered.slice(0, mostThings);
    if (watched.length < ordered.length) others.push(tooMany);
    const of = things(watched);
    return [...others, ...asPage(frame, named(watched, of), true, of)];
  }

  /** What is measured of an answer is so now, whether it is news or not. */
  function asPage(frame: Frame, events: readonly DecodedEvent[], list: boolean, of?: ThingsOfPage): readonly Message[] {
    const page = { kind: 'page', list, ...(of ? { things: of } : {}) } as const;
    if (measure === null) return [{ ...page, events }];
    const bare = events.map((event) => ({ ...event, measures: [] }));
    return [...measuredOf(frame, events), { ...page, events: bare }];
  }

  /** What is not cut as it should be may be a message of another kind: an error, a sign of life. */
  function problemOf(frame: Frame, { whole, problem }: Cut): readonly Message[] {
    const messages = whole === null ? [] : read(frame, whole, null, false);
    if (messages.some(({ kind }) => kind !== 'event')) return messages;
    if (polls && !frame.line) return [unusable(problem ?? '')];
    return [{ kind: 'undecodable', why: problem ?? '', stream: null, position: null }];
  }

  /** Where to go on after this frame: what the whole of it says, else what its last message says. */
  function cursorOf({ parts, whole }: Cut, messages: readonly Message[]): string | null {
    if (plan.cursor !== null) {
      const newestFirst = [whole, ...[...parts].reverse()];
      return cursorIn(plan.cursor, newestFirst);
    }
    const last = messages.findLast((message) => message.kind === 'event' && message.event.id !== null);
    return last?.kind === 'event' ? last.event.id : null;
  }

  function placeAfter(frame: Frame, cut: Cut, messages: readonly Message[]): readonly Message[] {
    if (messages.some(({ kind }) => kind === 'cannot-resume')) return [];
    if (plan.keeping === 'cursor') return token(cursorOf(cut, messages));
    if (polls && !frame.line) {
      const etag = frame.headers.find(([name]) => name === 'etag')?.[1];
      return etag === undefined ? [] : token(etagMark + etag);
    }
    return keepsIds ? token(frame.id) : [];
  }

  return {
    decode(frame) {
      // A frame tells the id in force: only a new one is its own.
      const ownId = frame.id !== null && frame.id !== idInForce;
      idInForce = frame.id ?? idInForce;
      if (frame.idOnly) return plan.keeping === 'none' ? [] : token(frame.id);
      if (typeof frame.data !== 'string') {
        const found = readBody(frame.data, onlyStream);
        if (found.text === null || readsNoBytes) {
          const named = found.text === null && found.why !== null ? { ...frame, event: found.why } : frame;
          return [{ kind: 'event', event: binaryEvent(named, frame.data) }];
        }
        return this.decode({ ...frame, data: found.text });
      }
      if (polls && !frame.line && frame.data === '') {
        // A hold that ran out may be answered with nothing; who polls asked for something.
        const empty = rung.transport === 'poll' && isJson(frame) ? noJson(frame.data) : null;
        return empty === null ? [] : [unusable(empty)];
      }
      if (isBareLife?.(frame.data)) return [life];
      const cut = cutFrame(frame.data, plan.framing, plan.items);
      const messages = messagesOf(frame, cut, ownId);
      return [...messages, ...placeAfter(frame, cut, messages)];
    },
  };
}

/** So many numbers of one answer are charted. */
const mostMeasures = 2_000;

function measuredOf({ receivedAt }: Frame, events: readonly DecodedEvent[]): readonly Message[] {
  let left = 0;
  let room = mostMeasures;
  const measured = events.flatMap(({ type, measures = [] }) => {
    const taken = measures.slice(0, room);
    room -= taken.length;
    left += measures.length - taken.length;
    return taken.length === 0 ? [] : [{ type, measures: taken }];
  });
  return measured.length === 0 ? [] : [{ kind: 'measured', receivedAt, measured, left }];
}

function isJson({ headers }: Frame): boolean {
  return /[/+]json\s*(;|$)/i.test(headers.find(([name]) => name === 'content-type')?.[1] ?? '');
}

/** What is wrong with an answer that calls itself JSON, is none, and would be taken for an event. */
function brokenIn(frame: Frame, messages: readonly Message[]): string | null {
  if (frame.line || typeof frame.data !== 'string' || !isJson(frame)) return null;
  return messages.some(({ kind }) => kind === 'event') ? noJson(frame.data) : null;
}

function unusable(found: string): Message {
  return { kind: 'unusable', found };
}

const tooMany: Message = {
  kind: 'undecodable',
  why: `of a list only the first ${mostThings} things are watched`,
  stream: null,
  position: null,
};

/** A thing that says no id of its own goes by its identity. */
function named(events: readonly DecodedEvent[], { of }: ThingsOfPage): readonly DecodedEvent[] {
  return events.map((event, index) => (event.id === null ? { ...event, id: of[index]?.identity ?? null } : event));
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
