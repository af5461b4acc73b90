import { secretsIn } from '../../../../shared/secret-places';
import { later, type MonotonicMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import { deniesLogin } from '../../core/login-words';
import { ownPart, ownText } from '../../core/own-text';
import type { ConversationAct, Message, Moment } from '../../core/protocol';
import { Answers, answerPatienceMs, type Dialogue, inWords, sooner } from '../dialogue';
import { type Fields, fieldsOf, membersOf, parseJson } from '../json-scan';
import type { EnvelopeReader } from '../recipe/envelope';
import { onlyStream } from '../recipe/reading';

/** One message: `data` as its text, which is JSON inside a string by custom, and plain JSON from some servers. */
type Read =
  | { readonly kind: 'message'; readonly event: string; readonly channel: string | null; readonly data: string }
  | { readonly kind: 'stranger'; readonly why: string };

/** Unless the server says otherwise, it wants to hear something at least so often, s. */
const usualActivitySeconds = 120;
/** So often at most it is asked whether it still lives, whatever it wants, s. */
const leastActivitySeconds = 5;
const mostActivitySeconds = 300;

/**
 * One session of Pusher protocol 7 (https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/):
 * the server greets, then each channel is subscribed to. Question 1 is the greeting, the channels are counted from 2.
 */
export class PusherSession implements Dialogue<Read> {
  readonly openingMs: number;
  private readonly answers = new Answers();
  private greeted = false;
  private settled = false;
  private activityMs = usualActivitySeconds * 1000;
  /** It is asked whether it still lives when nothing was heard until then; null before it has greeted. */
  private pingAt: MonotonicMs | null = null;

  constructor(
    private readonly channels: readonly string[],
    private readonly envelope: EnvelopeReader,
  ) {
    this.openingMs = (1 + channels.length) * answerPatienceMs;
  }

  get wakeAt(): MonotonicMs | null {
    return sooner(this.answers.wakeAt, this.pingAt);
  }

  read({ data: text }: Frame): Read {
    if (typeof text !== 'string') return { kind: 'stranger', why: 'it is bytes, where the protocol has JSON' };
    const parsed = parseJson(text);
    const fields = parsed.ok ? fieldsOf(parsed.value) : null;
    const event = fields?.name('event') ?? null;
    if (fields === null || event === null) return { kind: 'stranger', why: 'it names no event' };
    return { kind: 'message', event: ownText(event), channel: fields.name('channel'), data: dataOf(fields, text) };
  }

  opened(at: Moment): readonly ConversationAct[] {
    this.answers.await(1, at);
    return [];
  }

  sent(step: number, at: Moment): void {
    this.answers.left(step, at);
  }

  answer(read: Read, at: Moment): readonly ConversationAct[] {
    if (this.pingAt !== null) this.pingAt = later(at.now, this.activityMs);
    if (read.kind !== 'message') return [];
    switch (read.event) {
      case 'pusher:connection_established':
        return this.greeted ? [] : this.subscribe(read.data, at);
      case 'pusher_internal:subscription_succeeded':
        return this.subscribed(read.channel);
      case 'pusher:ping':
        return [{ kind: 'send', said: '{"event":"pusher:pong","data":{}}', step: null }];
      case 'pusher:subscription_error':
        return [notSubscribed(read.channel ?? '', read.data)];
      case 'pusher:error':
        return this.failed(read.data);
      default:
        return [];
    }
  }

  due(at: Moment): readonly ConversationAct[] {
    const overdue = this.answers.due(at);
    if (overdue.length > 0 || this.pingAt === null || at.now < this.pingAt) return overdue;
    this.pingAt = later(at.now, this.activityMs);
    return [{ kind: 'send', said: '{"event":"pusher:ping","data":{}}', step: null }];
  }

  means(read: Read, frame: Frame): readonly Message[] {
    if (read.kind === 'stranger') return [{ kind: 'undecodable', why: read.why, stream: null, position: null }];
    const { event, channel, data } = read;
    switch (event) {
      case 'pusher:connection_established':
        return [
          { kind: 'terms', spreadMs: null, heartbeatMs: activityOf(data) },
          { kind: 'control', name: event },
        ];
      case 'pusher:ping':
      case 'pusher:pong':
        return [{ kind: 'heartbeat', stream: null, epoch: null, head: null }];
      case 'pusher:error':
        return meaningOf(fieldsIn(data)) === null
          ? [{ kind: 'feed-error', message: wordsOf(data) }]
          : [{ kind: 'control', name: event }];
      case 'pusher_internal:subscription_succeeded':
        return [{ kind: 'control', name: event }];
      default:
        break;
    }
    if (event.startsWith('pusher:') && channel === null) return [{ kind: 'control', name: event }];
    // What the server tells of a channel itself, members and their number, has the name that its own clients give it.
    const type = event.replace(/^pusher_internal:/, 'pusher:');
    const stream = channel ?? onlyStream;
    return [this.envelope(frame, { stream, type, id: null, position: null, sentAt: null, body: data })];
  }

  private subscribe(greeting: string, at: Moment): readonly ConversationAct[] {
    this.greeted = true;
    this.answers.came(1);
    this.activityMs = activityOf(greeting);
    this.pingAt = later(at.now, this.activityMs);
    const asked = this.channels.map((channel, index) => {
      const said = JSON.stringify({ event: 'pusher:subscribe', data: { channel } });
      // The server answers with a name that we do not know where a secret is a part of it.
      if (secretsIn(channel).length > 0) return { kind: 'send' as const, said, step: null };
      return this.answers.ask(index + 2, said, at);
    });
    return [...asked, ...this.settle()];
  }

  private subscribed(channel: string | null): readonly ConversationAct[] {
    const index = channel === null ? -1 : this.channels.indexOf(channel);
    if (index >= 0) this.answers.came(index + 2);
    return this.settle();
  }

  private settle(): readonly ConversationAct[] {
    if (this.settled || !this.greeted || !this.answers.none) return [];
    this.settled = true;
    return [{ kind: 'settled' }];
  }

  private failed(data: string): readonly ConversationAct[] {
    const message = wordsOf(data);
    switch (meaningOf(fieldsIn(data))) {
      case 'login':
        return [{ kind: 'refused', login: true, message }];
      case 'stop':
        if (this.settled) return [{ kind: 'ended', how: 'stop', message, afterMs: 0 }];
        return [{ kind: 'refused', login: false, message }];
      case 'again':
        return [{ kind: 'ended', how: 'error', message, afterMs: 1_000 }];
      case 'planned':
        return [{ kind: 'ended', how: 'planned', message, afterMs: 0 }];
      case null:
        // Nothing else was said yet than what is subscribed to.
        return this.settled ? [] : [{ kind: 'refused', login: deniesLogin(message), message }];
    }
  }
}

/** What an error's code says of the connection; null: nothing. */
function meaningOf(error: Fields | null): 'login' | 'stop' | 'again' | 'planned' | null {
  const code = error?.count('code') ?? null;
  if (code === null || code < 4000 || code >= 4300) return null;
  if (code === 4009) return 'login';
  return code < 4100 ? 'stop' : code < 4200 ? 'again' : 'planned';
}

function notSubscribed(channel: string, data: string): ConversationAct {
  const error = fieldsIn(data);
  const status = error?.count('status') ?? null;
  const login = status === 401 || status === 403 || error?.text('type') === 'AuthError';
  return { kind: 'refused', login, message: `${channel.slice(0, 200)}: ${wordsOf(data)}` };
}

/** In words of the feed, with the code where there is one. */
function wordsOf(data: string): string {
  const error = fieldsIn(data);
  const said = inWords(error?.text('message') ?? error?.text('error') ?? data);
  const code = error?.number('code') ?? error?.number('status') ?? null;
  return code === null ? said : `${code}, ${said}`;
}

/** How often it wants to hear something, ms. */
function activityOf(greeting: string): number {
  const seconds = fieldsIn(greeting)?.number('activity_timeout') ?? usualActivitySeconds;
  return Math.min(Math.max(seconds, leastActivitySeconds), mostActivitySeconds) * 1000;
}

function fieldsIn(data: string): Fields | null {
  const parsed = parseJson(data);
  return parsed.ok ? fieldsOf(parsed.value) : null;
}

function dataOf(fields: Fields, text: string): string {
  const data = fields.text('data');
  if (data !== null) return data;
  const slice = membersOf(text)?.get('data');
  return slice === undefined ? '' : ownPart(text.slice(slice.start, slice.end), text);
}
