import { later, type MonotonicMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import { deniesLogin } from '../../core/login-words';
import { ownPart, ownText } from '../../core/own-text';
import type { ConversationAct, Message, Moment } from '../../core/protocol';
import { Answers, answerPatienceMs, type Dialogue, inWords, sooner } from '../dialogue';
import { elementsOf, fieldsOf, longestName, parseJson } from '../json-scan';
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

  constructor(
    private readonly topics: readonly Joined[],
    private readonly envelope: EnvelopeReader,
  ) {
    this.openingMs = topics.length * answerPatienceMs;
    this.said = topics.length;
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

  means(read: Read, frame: Frame): readonly Message[] {
    if (read.kind === 'stranger') return [{ kind: 'undecodable', why: read.why, stream: null, position: null }];
    const { topic, event, payload } = read;
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
    const response = reply?.fields('response') ?? null;
    const said =
      response?.text('reason') ?? response?.text('message') ?? (JSON.stringify(reply?.value('response')) || payload);
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

function ended(how: 'planned' | 'error', message: string): ConversationAct {
  return { kind: 'ended', how, message, afterMs: 0 };
}

function stranger(why: string): Read {
  return { kind: 'stranger', why };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestName;
}
