import { later, type MonotonicMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import { deniesLogin } from '../../core/login-words';
import type { ConversationAct, Message, Moment, Outgoing } from '../../core/protocol';
import type { Fill, Said } from '../../core/said';
import { Answers, answerPatienceMs, type Dialogue, inWords, sooner } from '../dialogue';
import { parseJson } from '../json-scan';
import { NumberedMessages } from '../numbered';
import type { EnvelopeReader } from '../recipe/envelope';
import { readTimestamp } from '../timestamp';
import { readStomp, type StompFrame, writeStomp } from './stomp-frame';

/** What is told to the broker; texts may have places of secrets. */
export interface ToldStomp {
  readonly destinations: readonly string[];
  readonly login: string;
  readonly passcode: string;
  /** Empty: none is named. */
  readonly host: string;
}

/** A sign of life is promised and wished for so often, ms. */
export const beatMs = 10_000;
/** Sent a little earlier than it is promised, ms. */
const earlierMs = 1_000;
/** Some brokers know no receipts of subscriptions: so long without an error is an answer as well, ms. */
const receiptMs = 3_000;
const connectStep = 1;

/** The id of the subscription to a destination, by where that stands among them, and of its receipt. */
const subscriptionOf = (index: number): string => String(index + connectStep + 1);

/** Begins the receipts of a person's messages: those of subscriptions are bare numbers. */
const ofMessage = 'message-';

interface Read {
  readonly frames: readonly StompFrame[];
  readonly why: string | null;
}

const life: Message = { kind: 'heartbeat', stream: null, epoch: null, head: null };

/**
 * One session of STOMP 1.0 to 1.2 (https://stomp.github.io/): CONNECT, then a subscription for each destination, each with a
 * receipt. Messages are acknowledged by the broker itself when it has sent them (`ack:auto`).
 */
export class StompSession implements Dialogue<Read> {
  readonly openingMs = 2 * answerPatienceMs;
  private readonly answers = new Answers();
  private connected = false;
  private settled = false;
  private escapes = true;
  private sendMs: number | null = null;
  private beatAt: MonotonicMs | null = null;
  private settleAt: MonotonicMs | null = null;
  private terms: Message | null = null;
  private readonly messages = new NumberedMessages();
  private readonly subscriptions: ReadonlySet<string>;

  constructor(
    private readonly told: ToldStomp,
    private readonly envelope: EnvelopeReader,
  ) {
    this.subscriptions = new Set(told.destinations.map((_, index) => subscriptionOf(index)));
  }

  get wakeAt(): MonotonicMs | null {
    return sooner(sooner(this.answers.wakeAt, this.settleAt), this.beatAt);
  }

  read({ data }: Frame): Read {
    return readStomp(data, this.escapes);
  }

  opened(at: Moment): readonly ConversationAct[] {
    const { login, passcode, host } = this.told;
    this.answers.await(connectStep, at);
    const compose = (fill: Fill): string =>
      writeStomp('CONNECT', [
        ['accept-version', '1.0,1.1,1.2'],
        ...(host === '' ? [] : [['host', fill(host)] as const]),
        ['heart-beat', `${beatMs},${beatMs}`],
        ...(login === '' ? [] : [['login', fill(login)] as const]),
        ...(passcode === '' ? [] : [['passcode', fill(passcode)] as const]),
      ]);
    return [{ kind: 'send', said: { compose }, step: connectStep }];
  }

  sent(step: number, at: Moment): void {
    this.answers.left(step, at);
  }

  answer({ frames }: Read, at: Moment): readonly ConversationAct[] {
    return frames.flatMap((frame) => this.answerTo(frame, at));
  }

  due(at: Moment): readonly ConversationAct[] {
    if (this.settleAt !== null && at.now >= this.settleAt) return this.settle();
    const overdue = this.answers.due(at);
    if (overdue.length > 0 || this.beatAt === null || at.now < this.beatAt) return overdue;
    this.beatAt = later(at.now, this.sendMs ?? beatMs);
    return [{ kind: 'send', said: '\n', step: null }];
  }

  means({ frames, why }: Read, frame: Frame): readonly Message[] {
    const messages = frames.flatMap((one) => this.meant(one, frame));
    return why === null ? messages : [...messages, { kind: 'undecodable', why, stream: null, position: null }];
  }

  speak({ key, type, body }: Outgoing): Said {
    return writeStomp(
      'SEND',
      [
        ['destination', type],
        ['content-type', parseJson(body).ok ? 'application/json' : 'text/plain;charset=utf-8'],
        ['content-length', String(Buffer.byteLength(body))],
        ['receipt', `${ofMessage}${this.messages.numberOf(key)}`],
      ],
      body,
    );
  }

  private answerTo(frame: StompFrame, at: Moment): readonly ConversationAct[] {
    switch (frame.command) {
      case 'CONNECTED':
        return this.connected ? [] : this.begin(frame, at);
      case 'RECEIPT':
        // A broker that knows receipts gives each: nothing is taken for granted any more.
        this.settleAt = null;
        this.answers.came(Number(frame.headers.get('receipt-id')));
        return this.connected && this.answers.none ? this.settle() : [];
      case 'ERROR':
        return [this.failed(frame)];
      default:
        return [];
    }
  }

  private begin({ headers }: StompFrame, at: Moment): readonly ConversationAct[] {
    this.connected = true;
    this.escapes = (headers.get('version') ?? '1.0') !== '1.0';
    this.answers.came(connectStep);
    const [sends = 0, wants = 0] = (headers.get('heart-beat') ?? '0,0').split(',').map(Number);
    if (wants > 0) this.sendMs = Math.max(beatMs, wants) - earlierMs;
    if (this.sendMs !== null) this.beatAt = later(at.now, this.sendMs);
    const heartbeatMs = sends > 0 ? Math.max(beatMs, sends) : null;
    this.terms = { kind: 'terms', spreadMs: null, heartbeatMs };
    this.settleAt = later(at.now, receiptMs);
    const asked = this.told.destinations.map((destination, index): ConversationAct => {
      const receipt = subscriptionOf(index);
      this.answers.await(Number(receipt), at);
      const compose = (fill: Fill): string =>
        writeStomp('SUBSCRIBE', [
          ['id', receipt],
          ['destination', fill(destination)],
          ['ack', 'auto'],
          ['receipt', receipt],
        ]);
      return { kind: 'send', said: { compose }, step: null };
    });
    return asked.length === 0 ? this.settle() : asked;
  }

  /** The broker ends the connection behind it. */
  private failed({ headers, body }: StompFrame): ConversationAct {
    const message = errorOf(headers, body);
    if (this.settled) return { kind: 'ended', how: 'error', message, afterMs: 0 };
    return { kind: 'refused', login: deniesLogin(message) || /access.refused|bad connect/i.test(message), message };
  }

  private settle(): readonly ConversationAct[] {
    this.settleAt = null;
    for (const [index] of this.told.destinations.entries()) this.answers.came(index + connectStep + 1);
    if (this.settled) return [];
    this.settled = true;
    return [{ kind: 'settled' }];
  }

  /** Whether a message is of what was subscribed to here. Brokers of STOMP 1.0 may name no subscription. */
  private isOurs(subscription: string | undefined): boolean {
    return subscription === undefined || this.subscriptions.has(subscription);
  }

  private meant({ command, headers, body }: StompFrame, frame: Frame): readonly Message[] {
    switch (command) {
      case '':
        return [life];
      case 'CONNECTED': {
        const { terms } = this;
        this.terms = null;
        return terms === null ? [{ kind: 'control', name: command }] : [terms];
      }
      case 'MESSAGE': {
        if (!this.isOurs(headers.get('subscription'))) {
          const why = 'a message of a subscription that is not ours';
          return [{ kind: 'undecodable', why, stream: null, position: null }];
        }
        const stream = headers.get('destination') ?? 'main';
        const id = headers.get('message-id') ?? null;
        const at = headers.get('timestamp');
        const sentAt = at === undefined ? null : readTimestamp(Number(at), frame.receivedAt);
        const type = headers.get('type') ?? null;
        return [this.envelope(frame, { stream, type, id, position: null, sentAt, body })];
      }
      case 'RECEIPT':
      case 'ERROR': {
        const receipt = headers.get('receipt-id') ?? '';
        const ref = receipt.startsWith(ofMessage)
          ? this.messages.answered(Number(receipt.slice(ofMessage.length)))
          : null;
        if (ref === null) return [{ kind: 'control', name: command }];
        if (command === 'RECEIPT') return [{ kind: 'published', ref, position: null, repeated: false }];
        return [{ kind: 'send-refused', ref, message: errorOf(headers, body), laterMs: null }];
      }
      default:
        return [
          { kind: 'undecodable', why: `${command.slice(0, 40)} is no frame of a server`, stream: null, position: null },
        ];
    }
  }
}

/** What is wrong, in the words of the broker. */
function errorOf(headers: StompFrame['headers'], body: StompFrame['body']): string {
  const said = headers.get('message') ?? '';
  const more = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  return inWords([said, more.trim()].filter((text) => text !== '').join(': '));
}
