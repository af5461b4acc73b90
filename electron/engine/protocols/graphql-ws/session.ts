import type { ResumePoint } from '../../../../shared/position';
import { later, type MonotonicMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import { deniesLogin } from '../../core/login-words';
import type { HttpHead } from '../../core/network';
import { ownPart } from '../../core/own-text';
import type { ConversationAct, Message, Moment } from '../../core/protocol';
import { Answers, answerPatienceMs, type Dialogue, inWords, sooner } from '../dialogue';
import { type Fields, fieldsOf, membersOf, parseJson } from '../json-scan';
import type { EnvelopeReader } from '../recipe/envelope';
import { onlyStream } from '../recipe/reading';
import type { FormMemory } from './memory';

/** What is subscribed to; texts of JSON as they are sent, empty where there is none. */
export interface Operation {
  readonly query: string;
  readonly variables: string;
  readonly operationName: string;
  /** Of the greeting: usually a credential. */
  readonly payload: string;
}

/** The type that a message names; of the older form those of today that mean the same. */
type Read =
  | {
      readonly kind: 'message';
      readonly type: string;
      /** Empty where it is none that we would give; null: absent. */
      readonly id: string | null;
      readonly payload: unknown;
      readonly text: string;
    }
  | { readonly kind: 'stranger'; readonly why: string };

/** The one subscription of a session. */
const subscription = '1';
/** RFC 6455 §7.4.1: what `subscriptions-transport-ws` closes with where another subprotocol was chosen. */
const protocolError = 1002;
/** "Subprotocol not acceptable". */
const unacceptable = 4406;
const notOurs = 'it is a result of a subscription that is not ours';
/** Nothing answers a subscription that is taken: one that was not refused for so long is, ms. */
const refusedWithinMs = 1_000;
/** A subscription that is complete is not begun again at once, ms. */
const completeForMs = 1_000;

/**
 * One session, in the form of today (https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md)
 * or the older one (https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md). Question 1 is the
 * greeting, 2 the subscription, which has no answer of its own.
 */
export class GraphqlSession implements Dialogue<Read> {
  readonly openingMs = 2 * answerPatienceMs;
  private readonly answers = new Answers();
  private older = false;
  /** The older form was offered alone. */
  private alone = false;
  private asked = false;
  /** It counts as taken then; null before it has left, and behind it. */
  private takenAt: MonotonicMs | null = null;
  private settled = false;

  constructor(
    private readonly operation: Operation,
    private readonly envelope: EnvelopeReader,
    private readonly memory: FormMemory,
    /** What a close code means, or what is offered, is not ours to say. */
    private readonly meant: (code: number) => boolean,
  ) {}

  get wakeAt(): MonotonicMs | null {
    return sooner(this.answers.wakeAt, this.takenAt);
  }

  read({ data: text }: Frame): Read {
    if (typeof text !== 'string') return { kind: 'stranger', why: 'it is bytes, where the protocol has JSON' };
    const parsed = parseJson(text);
    const fields = parsed.ok ? fieldsOf(parsed.value) : null;
    const type = fields?.name('type') ?? null;
    if (fields === null || type === null) return { kind: 'stranger', why: 'it names no type' };
    const id = fields.value('id') === undefined ? null : (fields.name('id') ?? '');
    return { kind: 'message', type, id, payload: fields.value('payload'), text };
  }

  opened(at: Moment, _resume: ResumePoint | null, head: HttpHead | null): readonly ConversationAct[] {
    const chosen = head?.headers.find(([name]) => name === 'sec-websocket-protocol')?.[1];
    this.older = chosen === 'graphql-ws';
    this.alone = this.memory.opened();
    const { payload } = this.operation;
    const said = payload === '' ? '{"type":"connection_init"}' : `{"type":"connection_init","payload":${payload}}`;
    return [this.answers.ask(1, said, at)];
  }

  sent(step: number, at: Moment): void {
    this.answers.left(step, at);
    if (step === 2 && !this.settled) this.takenAt = later(at.now, refusedWithinMs);
  }

  answer(read: Read): readonly ConversationAct[] {
    if (read.kind !== 'message') return [];
    if (foreign(read)) return [];
    switch (read.type) {
      case 'connection_ack':
        return this.asked ? [] : this.subscribe();
      case 'connection_error': {
        const message = wordsOf(read.payload);
        return [{ kind: 'refused', login: this.operation.payload !== '' || deniesLogin(message), message }];
      }
      case 'ping':
        return [{ kind: 'send', said: '{"type":"pong"}', step: null }];
      case 'next':
      case 'data':
        return this.settle();
      case 'error':
        return [this.failed(read.payload)];
      case 'complete':
        return this.asked ? [{ kind: 'ended', how: 'whole', message: 'complete', afterMs: completeForMs }] : [];
      default:
        return [];
    }
  }

  due(at: Moment): readonly ConversationAct[] {
    if (this.takenAt !== null && at.now >= this.takenAt) return this.settle();
    return this.answers.due(at);
  }

  /** What was offered is turned down before the greeting is acknowledged; behind it, a code is what it is. */
  closedWith(code: number): Extract<ConversationAct, { readonly kind: 'ended' }> | null {
    const turnedDown = code === protocolError || code === unacceptable;
    if (!turnedDown || this.asked || this.meant(code) || (this.older && !this.alone)) return null;
    if (this.memory.refused(this.alone) === 'older-next') {
      const message = `close code ${code}, which older servers of GraphQL send for the form of today: the older form alone is tried next`;
      return { kind: 'ended', how: 'error', message, afterMs: 0 };
    }
    const message = `close code ${code}: it takes neither the form of today of GraphQL over WebSocket nor the older one alone`;
    return { kind: 'ended', how: code === unacceptable ? 'stop' : 'error', message, afterMs: 0 };
  }

  means(read: Read, frame: Frame): readonly Message[] {
    if (read.kind === 'stranger') return [{ kind: 'undecodable', why: read.why, stream: null, position: null }];
    switch (read.type) {
      case 'next':
      case 'data':
        if (foreign(read)) return [{ kind: 'undecodable', why: notOurs, stream: null, position: null }];
        return this.result(read.payload, read.text, frame);
      case 'ping':
      case 'pong':
      case 'ka':
        return [{ kind: 'heartbeat', stream: null, epoch: null, head: null }];
      default:
        return [{ kind: 'control', name: read.type }];
    }
  }

  private subscribe(): readonly ConversationAct[] {
    this.asked = true;
    this.answers.came(1);
    this.memory.greeted();
    const { query, variables, operationName } = this.operation;
    if (query === '') return this.settle();
    const members = [
      `"query":${JSON.stringify(query)}`,
      ...(variables === '' ? [] : [`"variables":${variables}`]),
      ...(operationName === '' ? [] : [`"operationName":${JSON.stringify(operationName)}`]),
    ];
    const type = this.older ? 'start' : 'subscribe';
    const said = `{"id":"${subscription}","type":"${type}","payload":{${members.join(',')}}}`;
    return [{ kind: 'send', said, step: 2 }];
  }

  private settle(): readonly ConversationAct[] {
    this.takenAt = null;
    if (this.settled || !this.asked) return [];
    this.settled = true;
    return [{ kind: 'settled' }];
  }

  /** An error ends the subscription; what was never taken is refused by it. */
  private failed(payload: unknown): ConversationAct {
    const message = wordsOf(payload);
    if (this.settled) return { kind: 'ended', how: 'error', message, afterMs: 0 };
    return { kind: 'refused', login: deniesLogin(message) || codesOf(payload).includes('UNAUTHENTICATED'), message };
  }

  /** The body is `data`, the type the one field that a subscription has; errors beside it are told. */
  private result(payload: unknown, text: string, frame: Frame): readonly Message[] {
    const fields = fieldsOf(payload);
    const data = fields?.value('data');
    const errors = fields?.value('errors');
    const told: readonly Message[] = Array.isArray(errors) ? [{ kind: 'feed-error', message: wordsOf(errors) }] : [];
    if (fields === null || data === undefined || data === null) {
      if (told.length > 0) return told;
      return [{ kind: 'undecodable', why: 'its result has no data', stream: null, position: null }];
    }
    const names = fieldsOf(data) === null ? [] : Object.keys(data);
    const type = names.length === 1 ? (names[0] ?? null) : null;
    const body = textIn(text, ['payload', 'data']);
    const event = { stream: onlyStream, type, id: null, position: null, sentAt: null, body };
    return [...told, this.envelope(frame, event)];
  }
}

/**
 * It is of a subscription that is not ours. An error without an id is of the connection, so of ours too: older servers say so
 * what they cannot read.
 */
function foreign({ type, id }: { readonly type: string; readonly id: string | null }): boolean {
  switch (type) {
    case 'next':
    case 'data':
    case 'complete':
      return id !== subscription;
    case 'error':
      return id !== null && id !== subscription;
    default:
      return false;
  }
}

/** What stands at a path of members, as it is written. */
function textIn(text: string, path: readonly string[]): string {
  let part = text;
  for (const name of path) {
    const slice = membersOf(part)?.get(name);
    if (slice === undefined) return '';
    part = part.slice(slice.start, slice.end);
  }
  return ownPart(part, text);
}

function codesOf(payload: unknown): readonly string[] {
  return errorsOf(payload).flatMap((error) => error.fields('extensions')?.text('code') ?? []);
}

function errorsOf(payload: unknown): readonly Fields[] {
  const errors: readonly unknown[] = Array.isArray(payload) ? payload.slice(0, 5) : [payload];
  return errors.flatMap((error) => fieldsOf(error) ?? []);
}

/** What errors say, in the feed's own words. */
function wordsOf(payload: unknown): string {
  const said = errorsOf(payload).flatMap((error) => error.text('message') ?? []);
  const text = said.length > 0 ? said.join('; ') : (JSON.stringify(payload) ?? 'no reason given');
  return inWords(text);
}
