import { type PathStep, valueAt } from '../../../../shared/member-path';
import { eventId } from '../../core/event-id';
import type { Frame } from '../../core/frame';
import { ownPart, ownText } from '../../core/own-text';
import type { DecodedEvent } from '../../core/protocol';
import { type Description, describeValue } from '../describe-body';
import { longestName } from '../json-scan';
import { readTimestamp } from '../timestamp';
import { type Part, partOf } from './cut';
import type { MeasureReader } from './measures';
import type { Plan } from './plan';
import { textsAt } from './slices';

/** The one stream of a feed that names none. */
export const onlyStream = 'main';
/** The numbering of a feed that names none. */
const onlyEpoch = '-';
/** Longest name of a kind of event, characters. */
const longestType = 128;

/** One message of a feed, and where it was found. */
export interface Message {
  readonly frame: Frame;
  readonly part: Part;
  /** What it was taken out of; null where that says no more. */
  readonly whole: Part | null;
}

/** Reads one event out of a message as the plan says, and guesses the rest. */
export function readEvent(plan: Plan, message: Message, measure: MeasureReader | null): DecodedEvent {
  const { frame, part } = message;
  const body = bodyOf(plan, part);
  const found = describeValue(body.value, body.text, frame.receivedAt);
  const outer = body === part ? found : describeValue(part.value, part.text, frame.receivedAt);
  const find = (path: readonly PathStep[] | null): unknown =>
    path === null ? undefined : valueIn(message, body, path);
  const sentAt =
    plan.time === null ? (found.sentAt ?? outer.sentAt) : timeOf(find(plan.time), plan.timeUnit, frame.receivedAt);
  const stream = nameOf(find(plan.stream)) ?? onlyStream;
  const seq = plan.numbering === 'none' ? null : countOf(find(plan.seq));
  return {
    stream,
    position: seq === null ? null : { epoch: nameOf(find(plan.epoch)) ?? onlyEpoch, seq },
    id: idOf(plan, message, body, found),
    type: typeOf(find(plan.type)) ?? typeBeside(frame, body.value, found, outer),
    sentAt,
    receivedAt: frame.receivedAt,
    body: body.text,
    bytes: Buffer.byteLength(body.text),
    value: found.value,
    ...(measure === null ? {} : { measures: measure(body.value, part.value, sentAt ?? frame.receivedAt) }),
  };
}

/** What is no text is shown for what it is. */
export function binaryEvent(frame: Frame, body: Uint8Array): DecodedEvent {
  return {
    stream: onlyStream,
    position: null,
    id: frameId(frame),
    type: frame.event ?? 'binary',
    sentAt: null,
    receivedAt: frame.receivedAt,
    body,
    bytes: body.length,
    value: undefined,
  };
}

/** A place to resume from, as a text; null where there is none. */
export function cursorIn(path: readonly PathStep[], parts: readonly (Part | null)[]): string | null {
  for (const part of parts) {
    if (part === null) continue;
    const text = digitsOf(part, path);
    if (text !== null && text !== '') return text;
  }
  return null;
}

/** The words that stand at a path, for people; null where there are none. */
export function wordsAt(part: Part, path: readonly PathStep[] | null): string | null {
  const found = path === null ? undefined : valueAt(part.value, path);
  if (found === undefined || found === null) return null;
  return ownText((typeof found === 'string' ? found : JSON.stringify(found)).slice(0, 500));
}

function bodyOf(plan: Plan, part: Part): Part {
  if (plan.body === null || part.value === undefined) return part;
  const text = textsAt(part.text, plan.body)[0];
  return text === undefined ? part : partOf(ownPart(text, part.text));
}

function valueIn({ part, whole }: Message, body: Part, path: readonly PathStep[]): unknown {
  return valueAt(part.value, path) ?? valueAt(body.value, path) ?? valueAt(whole?.value, path);
}

/** The name of an SSE event stands above what its body says; text that is no JSON has no type of its own. */
function typeBeside(frame: Frame, value: unknown, found: Description, outer: Description): string {
  return frame.event ?? found.type ?? outer.type ?? (value === undefined ? 'text' : 'message');
}

/** The stream's own id stands above one in the body, which may name a thing and not an event. */
function idOf(plan: Plan, message: Message, body: Part, found: Description): string | null {
  if (plan.id === null) return frameId(message.frame) ?? found.id;
  const parts = [message.part, body, message.whole];
  const id = cursorIn(plan.id, parts);
  return id === null ? frameId(message.frame) : eventId(id);
}

/** An empty id says that there is none. */
function frameId({ id }: Frame): string | null {
  return id === '' || id === null ? null : eventId(id);
}

/** A text or number at a path, with all of its digits. */
function digitsOf(part: Part, path: readonly PathStep[]): string | null {
  const found = valueAt(part.value, path);
  if (typeof found === 'string') return ownText(found);
  if (typeof found !== 'number') return null;
  if (Number.isSafeInteger(found)) return String(found);
  const text = textsAt(part.text, path)[0];
  return text === undefined ? null : ownText(text);
}

function nameOf(found: unknown): string | null {
  const text = Array.isArray(found) ? found.map(plain).join(',') : plain(found);
  return text === '' || text.length > longestName ? null : ownText(text);
}

function typeOf(found: unknown): string | null {
  const text = plain(found);
  return text === '' || text.length > longestType ? null : text;
}

function plain(found: unknown): string {
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : '';
}

/** A whole number ≥ 0 that a float holds exactly, in text or not. */
function countOf(found: unknown): number | null {
  const number = typeof found === 'string' && /^\d{1,16}$/.test(found) ? Number(found) : found;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

const perMs = { s: 1000, ms: 1, us: 1 / 1000, '100ns': 1 / 10_000, ns: 1 / 1_000_000 } as const;
/** 2100-01-01, epoch ms. */
const latest = 4_102_444_800_000;

function timeOf(found: unknown, unit: Plan['timeUnit'], receivedAt: number): number | null {
  if (unit === 'auto') return readTimestamp(found, receivedAt);
  if (unit === 'iso') return typeof found === 'string' && /\D/.test(found) ? readTimestamp(found, receivedAt) : null;
  const number = typeof found === 'string' && /^\d{1,20}(\.\d+)?$/.test(found.trim()) ? Number(found) : found;
  if (typeof number !== 'number' || !Number.isFinite(number)) return null;
  const at = Math.round(number * perMs[unit]);
  return at > 0 && at <= latest ? at : null;
}
