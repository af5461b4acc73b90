import { later, type MonotonicMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import { deniesLogin } from '../../core/login-words';
import { ownPart, ownText } from '../../core/own-text';
import type { ConversationAct, Message, Moment, Outgoing } from '../../core/protocol';
import type { Said, Unsendable } from '../../core/said';
import { Answers, answerPatienceMs, type Dialogue, inWords, sooner } from '../dialogue';
import { elementsOf, type Fields, fieldsOf, longestName, parseJson } from '../json-scan';
import { NumberedMessages } from '../numbered';
import type { EnvelopeReader } from '../recipe/envelope';
import { readBinary } from './binary';

/** A channel that is joined. */
export interface Joined {
  readonly topic: string;
  /** JSON text. */
  readonly payload: string;
}

/** The server closes a connection that says nothing for a minute; its own clients say something so often, ms. */
export const heartbeatMs = 30_000;

/** References of a person's messages: joins and heartbeats are counted from 1, and do not come so far. */
const firstOfMessages = 1_000_000_000;

/** `room:lobby new_msg`; where one channel is joined, its name may be left out. */
export function pushOf(type: string, topics: readonly Joined[]): { readonly topic: string; readonly event: string } {
  const [first = '', ...rest] = type.trim().split(/\s+/);
  if (rest.length > 0) return { topic: first, event: rest.join(' ') };
  return { topic: topics.length === 1 ? (topics[0]?.topic ?? '') : '', event: first };
}

type Read =
  | {
      readonly kind: 'message';
      readonly ref: string | null;
      readonly topic: string;
      readonly event: string;
      readonly payload: string | Uint8Array;
    }
  | { readonly kind: 'stranger'; readonly why: string };

/**
 * One session of Phoenix channels (https://hexdocs.pm/phoenix/writing_a_channels_client.html): each topic is joined, and its
 * join answered. The topics are counted from 1, and their numbers are the references of their joins.
 */
export class PhoenixSession implements Dialogue<Read> {
  readonly openingMs: number;
  private readonly answers = new Answers();
  private settled = false;
  private beatAt: MonotonicMs | null = null;
  private said: number;
  /** A person's messages, by their references. */
  private readonly messages: NumberedMessages;

  constructor(
    private readonly topics: readonly Joined[],
    private readonly envelope: EnvelopeReader,
  ) {
    this.openingMs = topics.length * answerPatienceMs;
    this.said = topics.length;
    this.messages = new NumberedMessages(firstOfMessages);
  }

  get wakeAt(): MonotonicMs | null {
    return sooner(this.answers.wakeAt, this.beatAt);
  }

  read({ data }: Frame): Read {
    if (typeof data !== 'string') {
      const found = readBinary(data);
      return found === null ? stranger('its bytes are no message of a channel') : { kind: 'message', ...found };
    }
    const parsed = parseJson(data);
    const value: unknown = parsed.ok ? parsed.value : null;
    if (!Array.isArray(value) || value.length !== 5) return stranger('it is no list of five');
    const [, ref, topic, event]: readonly unknown[] = value;
    if (!isName(topic) || !isName(event)) return stranger('it names no topic and no event');
    const slice = elementsOf(data)?.[4];
    const payload = slice === undefined ? '' : ownPart(data.slice(slice.start, slice.end), data);
    const names = { topic: ownText(topic), event: ownText(event) };
    return { kind: 'message', ref: isName(ref) ? ref : null, ...names, payload };
  }

  opened(at: Moment): readonly ConversationAct[] {
    this.beatAt = later(at.now, heartbeatMs);
    const joins = this.topics.map(({ topic, payload }, index) => {
      const ref = index + 1;
      return this.answers.ask(ref, `["${ref}","${ref}",${JSON.stringify(topic)},"phx_join",${payload}]`, at);
    });
    return [...joins, ...this.settle()];
  }

  sent(step: number, at: Moment): void {
    this.answers.left(step, at);
  }

  answer(read: Read): readonly ConversationAct[] {
    if (read.kind !== 'message') return [];
    const { topic, event, payload, ref } = read;
    switch (event) {
      case 'phx_reply':
        return typeof payload === 'string' ? this.replied(ref, payload) : [];
      case 'phx_error':
        return this.isJoined(topic) ? [ended('error', `the channel ${topic.slice(0, 200)} crashed`)] : [];
      case 'phx_close':
        return this.isJoined(topic) ? [ended('planned', `the channel ${topic.slice(0, 200)} was closed`)] : [];
      default:
        return [];
    }
  }

  due(at: Moment): readonly ConversationAct[] {
    const overdue = this.answers.due(at);
    if (overdue.length > 0 || this.beatAt === null || at.now < this.beatAt) return overdue;
    this.beatAt = later(at.now, heartbeatMs);
    this.said += 1;
    return [{ kind: 'send', said: `[null,"${this.said}","phoenix","heartbeat",{}]`, step: null }];
  }

  speak({ key, type, body }: Outgoing): Said | Unsendable {
    const { topic, event } = pushOf(type, this.topics);
    const joined = this.topics.findIndex((one) => one.topic === topic) + 1;
    if (joined === 0) return { refused: `The channel ${topic.slice(0, 200)} is not joined here: join it first.` };
    const ref = this.messages.numberOf(key);
    return `["${joined}","${ref}",${JSON.stringify(topic)},${JSON.stringify(event)},${body.trim()}]`;
  }

  means(read: Read, frame: Frame): readonly Message[] {
    if (read.kind === 'stranger') return [{ kind: 'undecodable', why: read.why, stream: null, position: null }];
    const { topic, event, payload } = read;
    if (event === 'phx_reply' && typeof payload === 'string') {
      const ref = this.messages.answered(Number(read.ref));
      if (ref !== null) return [answerTo(ref, payload)];
    }
    if (topic === 'phoenix') return [{ kind: 'heartbeat', stream: null, epoch: null, head: null }];
    if (event.startsWith('phx_')) return [{ kind: 'control', name: event }];
    const envelope = { stream: topic, type: event, id: null, position: null, sentAt: null, body: payload };
    return [this.envelope(frame, envelope)];
  }

  private replied(ref: string | null, payload: string): readonly ConversationAct[] {
    const step = Number(ref);
    const joined = this.topics[step - 1];
    if (joined === undefined) return [];
    const parsed = parseJson(payload);
    const reply = parsed.ok ? fieldsOf(parsed.value) : null;
    if (reply?.text('status') === 'ok') {
      this.answers.came(step);
      return this.settle();
    }
    const said = reasonIn(reply, payload);
    const login = deniesLogin(said) || /^unauthori[sz]ed$/i.test(said);
    return [{ kind: 'refused', login, message: `${joined.topic.slice(0, 200)}: ${inWords(said)}` }];
  }

  private isJoined(topic: string): boolean {
    return this.topics.some((joined) => joined.topic === topic);
  }

  private settle(): readonly ConversationAct[] {
    if (this.settled || !this.answers.none) return [];
    this.settled = true;
    return [{ kind: 'settled' }];
  }
}

/** Why something was not taken, as the server's own words have it. */
function reasonIn(reply: Fields | null, payload: string): string {
  const response = reply?.fields('response') ?? null;
  return response?.text('reason') ?? response?.text('message') ?? (JSON.stringify(reply?.value('response')) || payload);
}

function answerTo(ref: string, payload: string): Message {
  const parsed = parseJson(payload);
  const reply = parsed.ok ? fieldsOf(parsed.value) : null;
  if (reply?.text('status') === 'ok') {
    const response = JSON.stringify(reply.value('response') ?? {});
    const note = response === '{}' ? {} : { note: `It answered ${inWords(response)}.` };
    return { kind: 'published', ref, position: null, repeated: false, ...note };
  }
  return { kind: 'send-refused', ref, message: inWords(reasonIn(reply, payload)), laterMs: null };
}

function ended(how: 'planned' | 'error', message: string): ConversationAct {
  return { kind: 'ended', how, message, afterMs: 0 };
}

function stranger(why: string): Read {
  return { kind: 'stranger', why };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestName;
}
