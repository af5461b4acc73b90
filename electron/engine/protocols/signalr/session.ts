import { later, type MonotonicMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import { deniesLogin } from '../../core/login-words';
import { ownPart } from '../../core/own-text';
import type { ConversationAct, Message, Moment, Outgoing } from '../../core/protocol';
import type { Said } from '../../core/said';
import { Answers, answerPatienceMs, type Dialogue, inWords, sooner } from '../dialogue';
import { elementsOf, type Fields, fieldsOf, membersOf, parseJson } from '../json-scan';
import { NumberedMessages } from '../numbered';
import type { EnvelopeReader } from '../recipe/envelope';
import { onlyStream } from '../recipe/reading';

/** A method that is called once connected. */
export interface Call {
  readonly target: string;
  /** JSON text of a list. */
  readonly arguments: string;
  /** Each of its items is an event; else its result is only waited for. */
  readonly stream: boolean;
}

/** Both sides say that they live at least so often, ms: the default of the server and of its own clients. */
export const keepAliveMs = 15_000;

/** Ends each record. */
const separator = '\u001e';
/** More records are not taken out of one frame. */
const mostRecords = 100_000;
/** A stream that is complete is not begun again at once, ms. */
const completeForMs = 1_000;

/** Types of messages (https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md). */
const types = { invocation: 1, item: 2, completion: 3, ping: 6, close: 7 } as const;

/** Begins the ids of a person's calls: those of opening are bare numbers. */
const ofMessage = 'message-';

interface Rec {
  readonly text: string;
  /** Null where it is no JSON object. */
  readonly fields: Fields | null;
  /** The first record of a session answers the handshake. */
  readonly handshake: boolean;
}

/** The records of a frame. `problem`: why there is more in it that cannot be read. */
interface Read {
  readonly records: readonly Rec[];
  readonly problem: string | null;
}

/**
 * One session of SignalR's JSON hub protocol: a handshake, which is question 1, then the calls, counted from 2. Their numbers
 * are their invocation ids.
 */
export class SignalrSession implements Dialogue<Read> {
  readonly openingMs: number;
  private readonly answers = new Answers();
  private shaken = false;
  private readShake = false;
  private settled = false;
  private pingAt: MonotonicMs | null = null;
  private readonly messages = new NumberedMessages();
  /** Streams that go on. */
  private readonly streaming: Set<string>;

  constructor(
    private readonly calls: readonly Call[],
    private readonly envelope: EnvelopeReader,
  ) {
    this.openingMs = (1 + calls.length) * answerPatienceMs;
    this.streaming = new Set(calls.flatMap(({ stream }, index) => (stream ? [String(index + 2)] : [])));
  }

  get wakeAt(): MonotonicMs | null {
    return sooner(this.answers.wakeAt, this.pingAt);
  }

  read({ data: text }: Frame): Read {
    if (typeof text !== 'string') return { records: [], problem: 'it is bytes, where the protocol has JSON' };
    const parts = text.split(separator, mostRecords + 1);
    const rest = parts.pop() ?? '';
    const records = parts.map((part): Rec => {
      const own = ownPart(part, text);
      const parsed = parseJson(own);
      const handshake = !this.readShake;
      this.readShake = true;
      return { text: own, fields: parsed.ok ? fieldsOf(parsed.value) : null, handshake };
    });
    if (parts.length === mostRecords) return { records, problem: `it has more than ${mostRecords} records` };
    return { records, problem: rest === '' ? null : 'a record in it does not end' };
  }

  opened(at: Moment): readonly ConversationAct[] {
    return [this.answers.ask(1, `{"protocol":"json","version":1}${separator}`, at)];
  }

  sent(step: number, at: Moment): void {
    this.answers.left(step, at);
  }

  answer({ records }: Read, at: Moment): readonly ConversationAct[] {
    return records.flatMap(({ fields, handshake }) => {
      if (fields === null) return [];
      return handshake ? this.shake(fields, at) : this.answerTo(fields);
    });
  }

  due(at: Moment): readonly ConversationAct[] {
    const overdue = this.answers.due(at);
    if (overdue.length > 0 || this.pingAt === null || at.now < this.pingAt) return overdue;
    this.pingAt = later(at.now, keepAliveMs);
    return [{ kind: 'send', said: `{"type":6}${separator}`, step: null }];
  }

  means({ records, problem }: Read, frame: Frame): readonly Message[] {
    const messages = records.map((record): Message => this.meaning(record, frame));
    return problem === null ? messages : [...messages, undecodable(problem)];
  }

  speak({ key, type, body }: Outgoing): Said {
    const id = `${ofMessage}${this.messages.numberOf(key)}`;
    return `{"type":${types.invocation},"invocationId":"${id}","target":${JSON.stringify(type)},"arguments":${listOf(body)}}${separator}`;
  }

  private shake(fields: Fields, at: Moment): readonly ConversationAct[] {
    const error = fields.text('error');
    if (error !== null) return [{ kind: 'refused', login: deniesLogin(error), message: inWords(error) }];
    this.shaken = true;
    this.answers.came(1);
    this.pingAt = later(at.now, keepAliveMs);
    const asked = this.calls.map(({ target, arguments: list, stream }, index) => {
      const id = index + 2;
      const type = stream ? 4 : types.invocation;
      const said = `{"type":${type},"invocationId":"${id}","target":${JSON.stringify(target)},"arguments":${list}}${separator}`;
      // A stream has no answer of its own but its items, and there may be none for long.
      return stream ? { kind: 'send' as const, said, step: null } : this.answers.ask(id, said, at);
    });
    return [...asked, ...this.settle()];
  }

  private answerTo(fields: Fields): readonly ConversationAct[] {
    switch (fields.number('type')) {
      case types.invocation: {
        const id = fields.name('invocationId');
        if (id === null) return [];
        // The server waits for a result: it is told that there is none.
        const said = { type: types.completion, invocationId: id, error: 'This client only listens.' };
        return [{ kind: 'send', said: JSON.stringify(said) + separator, step: null }];
      }
      case types.completion:
        return this.completed(fields);
      case types.close:
        return [this.closed(fields)];
      default:
        return [];
    }
  }

  private completed(fields: Fields): readonly ConversationAct[] {
    const id = fields.name('invocationId') ?? '';
    const error = fields.text('error');
    const call = this.calls[Number(id) - 2];
    if (call === undefined) return [];
    if (error !== null) {
      const message = `${call.target}: ${inWords(error)}`;
      if (this.settled) return [{ kind: 'ended', how: 'error', message, afterMs: 0 }];
      return [{ kind: 'refused', login: deniesLogin(error), message }];
    }
    if (!call.stream) {
      this.answers.came(Number(id));
      return this.settle();
    }
    this.streaming.delete(id);
    // Nothing else was asked for than streams, and all have ended.
    if (this.streaming.size > 0 || this.calls.some(({ stream }) => !stream)) return [];
    return [{ kind: 'ended', how: 'whole', message: `${call.target} is complete`, afterMs: completeForMs }];
  }

  private closed(fields: Fields): ConversationAct {
    const error = fields.text('error');
    const message = error === null ? '' : inWords(error);
    if (fields.value('allowReconnect') === true) {
      return { kind: 'ended', how: error === null ? 'planned' : 'error', message, afterMs: 0 };
    }
    return { kind: 'ended', how: 'stop', message, afterMs: 0 };
  }

  private settle(): readonly ConversationAct[] {
    if (this.settled || !this.shaken || !this.answers.none) return [];
    this.settled = true;
    return [{ kind: 'settled' }];
  }

  private meaning({ text, fields, handshake }: Rec, frame: Frame): Message {
    if (fields === null) return undecodable('a record in it is no JSON object');
    if (handshake) return { kind: 'control', name: 'handshake' };
    switch (fields.number('type')) {
      case types.invocation:
        return this.event(fields.name('target'), argumentsIn(text), frame);
      case types.item: {
        const call = this.calls[Number(fields.name('invocationId') ?? '') - 2];
        return this.event(call?.target ?? null, memberIn(text, 'item'), frame);
      }
      case types.completion:
        return this.answered(fields, text);
      case types.ping:
        return { kind: 'heartbeat', stream: null, epoch: null, head: null };
      default:
        return { kind: 'control', name: `type ${fields.number('type') ?? 'unknown'}` };
    }
  }

  /** A person's call is answered with its result, or with what went wrong. */
  private answered(fields: Fields, text: string): Message {
    const id = fields.name('invocationId') ?? '';
    const ref = id.startsWith(ofMessage) ? this.messages.answered(Number(id.slice(ofMessage.length))) : null;
    if (ref === null) return { kind: 'control', name: `type ${types.completion}` };
    const error = fields.text('error');
    if (error !== null) return { kind: 'send-refused', ref, message: inWords(error), laterMs: null };
    const result = memberIn(text, 'result');
    const note = result === '' || result === 'null' ? {} : { note: `It answered ${inWords(result)}.` };
    return { kind: 'published', ref, position: null, repeated: false, ...note };
  }

  private event(type: string | null, body: string, frame: Frame): Message {
    return this.envelope(frame, { stream: onlyStream, type, id: null, position: null, sentAt: null, body });
  }
}

/** Arguments are a list; what is none is the only one. */
export function listOf(said: string): string {
  const text = said.trim();
  if (text === '') return '[]';
  return text.startsWith('[') ? text : `[${text}]`;
}

/** One argument is the body itself, of several it is the list. */
function argumentsIn(text: string): string {
  const list = memberIn(text, 'arguments');
  const elements = elementsOf(list);
  const only = elements?.length === 1 ? elements[0] : undefined;
  return only === undefined ? list : ownPart(list.slice(only.start, only.end), list);
}

function memberIn(text: string, name: string): string {
  const slice = membersOf(text)?.get(name);
  return slice === undefined ? '' : ownPart(text.slice(slice.start, slice.end), text);
}

function undecodable(why: string): Message {
  return { kind: 'undecodable', why, stream: null, position: null };
}
