import type { ResumePoint } from '../../../../shared/position';
import type { MonotonicMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import { deniesLogin } from '../../core/login-words';
import type { ConversationAct, Message, Moment, Outgoing } from '../../core/protocol';
import type { Said } from '../../core/said';
import { Answers, answerPatienceMs, type Dialogue, inWords } from '../dialogue';
import { fieldsOf, parseJson } from '../json-scan';
import { NumberedMessages } from '../numbered';
import type { EnvelopeReader } from '../recipe/envelope';
import { onlyStream } from '../recipe/reading';
import { enginePackets } from './engine-packets';
import { bodyOf, type EventPacket, type Packet, packetOf } from './packets';
import { isPid, offsetIn, type Place, placeIn, tokenOf } from './place';

/** What is said on opening. */
export interface Opening {
  readonly namespace: string;
  /** The payload of CONNECT, JSON text of an object; empty: none. */
  readonly auth: string;
  /** Events that are sent once connected, each a JSON list that begins with its name. */
  readonly emit: readonly string[];
}

/** What a frame says: what is done about it, and what it means. */
interface Read {
  readonly acts: readonly ((at: Moment) => readonly ConversationAct[])[];
  readonly messages: readonly Message[];
}

export interface SessionOptions {
  readonly opening: Opening;
  /** Frames are answers to polls. */
  readonly polled: boolean;
  /** The feed's numbers tell what is missing. */
  readonly numbered: boolean;
  readonly resume: ResumePoint | null;
  readonly envelope: EnvelopeReader;
}

/** The type of a person's event that the server is asked to answer. */
export const asked = 'ask';

/** So many bytes of one event are waited for. */
const mostAttached = 16 * 1024 * 1024;

/** An event whose bytes are still to come. */
interface Incomplete {
  readonly event: EventPacket | null;
  readonly attachments: number;
  readonly attached: Uint8Array[];
  bytes: number;
}

/**
 * One session of Socket.IO on Engine.IO: the server greets (question 1), the namespace is connected to (2), then what is to
 * be emitted is. A session that is recovered gets what it missed before the answer to its CONNECT.
 */
export class SocketIoSession implements Dialogue<Read> {
  readonly openingMs = 2 * answerPatienceMs;
  private readonly answers = new Answers();
  private readonly asked: Place | null;
  private pid: string | null;
  private connected = false;
  private incomplete: Incomplete | null = null;
  /** A person's events whose answers are waited for. */
  private readonly messages = new NumberedMessages(0);
  /** Engine.IO's session: further requests of a poll name it. */
  sid: string | null = null;

  constructor(private readonly options: SessionOptions) {
    this.asked = placeIn(options.resume?.token ?? null);
    this.pid = this.asked?.pid ?? null;
  }

  get wakeAt(): MonotonicMs | null {
    return this.answers.wakeAt;
  }

  opened(at: Moment): readonly ConversationAct[] {
    this.answers.await(1, at);
    return [];
  }

  sent(step: number, at: Moment): void {
    if (step === 2) this.answers.left(step, at);
  }

  answer({ acts }: Read, at: Moment): readonly ConversationAct[] {
    return acts.flatMap((act) => act(at));
  }

  due(at: Moment): readonly ConversationAct[] {
    return this.answers.due(at);
  }

  means({ messages }: Read): readonly Message[] {
    return messages;
  }

  read(frame: Frame): Read {
    const acts: Read['acts'][number][] = [];
    const messages: Message[] = [];
    for (const packet of enginePackets(frame, this.options.polled)) {
      const read = this.take(packet, frame);
      acts.push(...read.acts);
      messages.push(...read.messages);
    }
    return { acts, messages };
  }

  speak({ key, type, body }: Outgoing): Said {
    const number = type === asked ? String(this.messages.numberOf(key)) : '';
    return `42${prefix(this.options.opening.namespace)}${number}${body.trim()}`;
  }

  private take(packet: ReturnType<typeof enginePackets>[number], frame: Frame): Read {
    switch (packet.kind) {
      case 'open':
        return this.greeted(packet);
      case 'ping':
        return {
          acts: [() => [{ kind: 'send', said: '3', step: null }]],
          messages: [{ kind: 'heartbeat', stream: null, epoch: null, head: null }],
        };
      case 'close':
        return ended('the server closed the session');
      case 'idle':
        return only({ kind: 'control', name: packet.name });
      case 'stranger':
        return this.strange(packet.why);
      case 'message':
        return typeof packet.data === 'string'
          ? this.said(packetOf(packet.data), frame)
          : this.attach(packet.data, frame);
    }
  }

  private greeted({
    sid,
    pingIntervalMs,
    pingTimeoutMs,
  }: Extract<ReturnType<typeof enginePackets>[number], { kind: 'open' }>): Read {
    if (this.sid !== null) return only({ kind: 'control', name: 'open' });
    this.sid = sid;
    const heartbeatMs = pingIntervalMs > 0 ? pingIntervalMs + pingTimeoutMs : null;
    const messages: Message[] = [{ kind: 'terms', spreadMs: null, heartbeatMs }];
    // The next request names the session, and what is said goes there: neither waits.
    if (this.options.polled) messages.push({ kind: 'more' });
    return { acts: [(at) => this.connect(at)], messages };
  }

  private connect(at: Moment): readonly ConversationAct[] {
    this.answers.came(1);
    const { namespace, auth, emit } = this.options.opening;
    if (auth !== '' && !(auth.startsWith('{') && auth.endsWith('}')))
      return [refused('the payload of CONNECT is no JSON object')];
    const wrong = emit.find((each) => !each.startsWith('['));
    if (wrong !== undefined) return [refused(`what is to be emitted is no list that begins with a name: ${wrong}`)];
    return [this.answers.ask(2, `40${prefix(namespace)}${withPlace(auth, this.asked)}`, at)];
  }

  private said(packet: Packet, frame: Frame): Read {
    const torn = this.incomplete === null ? [] : [undecodable('the bytes of an event did not come')];
    this.incomplete = null;
    const read = this.saidWhole(packet, frame);
    return { acts: read.acts, messages: [...torn, ...read.messages] };
  }

  private saidWhole(packet: Packet, frame: Frame): Read {
    if (packet.kind === 'stranger') return this.strange(packet.why);
    if (packet.kind === 'answer' || packet.kind === 'event') {
      const event =
        packet.kind === 'event' && packet.namespace === this.options.opening.namespace ? packet.event : null;
      const attachments = packet.kind === 'event' ? packet.event.attachments : packet.attachments;
      if (attachments > 0) {
        this.incomplete = { event, attachments, attached: [], bytes: 0 };
        return nothing;
      }
      if (event) return this.event(event, [], frame);
      return only(packet.kind === 'answer' ? this.answered(packet) : { kind: 'control', name: packet.kind });
    }
    if (packet.namespace !== this.options.opening.namespace) return only({ kind: 'control', name: packet.kind });
    switch (packet.kind) {
      case 'connect':
        return this.accepted(packet.payload);
      case 'refusal':
        return { acts: [() => [refusalOf(packet.payload)]], messages: [{ kind: 'control', name: 'connect error' }] };
      case 'disconnect':
        return ended('the server disconnected us from the namespace');
    }
  }

  private answered({ namespace, id, payload }: Extract<Packet, { readonly kind: 'answer' }>): Message {
    const ref = namespace === this.options.opening.namespace && id !== null ? this.messages.answered(id) : null;
    if (ref === null) return { kind: 'control', name: 'answer' };
    const note = payload === '[]' || payload === '' ? 'It answered.' : `It answered ${inWords(payload)}.`;
    return { kind: 'published', ref, position: null, repeated: false, note };
  }

  private attach(bytes: Uint8Array, frame: Frame): Read {
    const { incomplete } = this;
    if (incomplete === null) return this.strange('it is bytes that belong to no event');
    incomplete.attached.push(bytes);
    incomplete.bytes += bytes.length;
    if (incomplete.bytes > mostAttached) {
      this.incomplete = null;
      return this.strange('the bytes of an event are too many');
    }
    if (incomplete.attached.length < incomplete.attachments) return nothing;
    this.incomplete = null;
    if (incomplete.event === null) return only({ kind: 'control', name: 'answer' });
    return this.event(incomplete.event, incomplete.attached, frame);
  }

  private accepted(payload: string): Read {
    if (this.connected) return only({ kind: 'control', name: 'connect' });
    const parsed = parseJson(payload);
    const fields = parsed.ok ? fieldsOf(parsed.value) : null;
    if (!fields?.text('sid')) {
      return { acts: [() => [refused('the server speaks Socket.IO 2, where 3 and 4 are spoken here')]], messages: [] };
    }
    this.connected = true;
    const pid = fields.text('pid') ?? '';
    this.pid = isPid(pid) ? pid : null;
    const messages: Message[] = [{ kind: 'control', name: 'connect' }];
    if (this.asked !== null && this.asked.pid !== this.pid && !this.options.numbered) {
      messages.push(forgotten, { kind: 'token', token: '' });
    }
    return { acts: [() => this.settle()], messages };
  }

  private settle(): readonly ConversationAct[] {
    this.answers.came(2);
    const { namespace, emit } = this.options.opening;
    const said = emit.map((each, index): ConversationAct => {
      return { kind: 'send', said: `42${prefix(namespace)}${each}`, step: index + 3 };
    });
    return [...said, { kind: 'settled' }];
  }

  private event({ name, args, asks }: EventPacket, attached: readonly Uint8Array[], frame: Frame): Read {
    // What asks for an answer is never kept for later, and has no offset.
    const offset = this.pid === null || asks ? null : offsetIn(args.at(-1), frame.receivedAt);
    const body = bodyOf(offset === null ? args : args.slice(0, -1), attached);
    const { namespace } = this.options.opening;
    const stream = namespace === '/' ? onlyStream : namespace;
    const read = this.options.envelope(frame, { stream, type: name, id: offset, position: null, sentAt: null, body });
    if (offset === null || this.pid === null) return only(read);
    return { acts: [], messages: [read, { kind: 'token', token: tokenOf({ pid: this.pid, offset }) }] };
  }

  /** Whoever has not greeted yet is somebody else. */
  private strange(why: string): Read {
    return { acts: this.sid === null ? [() => [refused(why)]] : [], messages: [undecodable(why)] };
  }
}

const nothing: Read = { acts: [], messages: [] };

/** What was missed is not told, nor how much it is. */
const forgotten: Message = {
  kind: 'cannot-resume',
  stream: onlyStream,
  epoch: '',
  cause: 'retention',
  requested: null,
  oldest: null,
  head: null,
};

function only(message: Message): Read {
  return { acts: [], messages: [message] };
}

function undecodable(why: string): Message {
  return { kind: 'undecodable', why, stream: null, position: null };
}

function refused(message: string): ConversationAct {
  return { kind: 'refused', login: false, message };
}

function ended(message: string): Read {
  return {
    acts: [() => [{ kind: 'ended', how: 'error', message, afterMs: 0 }]],
    messages: [{ kind: 'control', name: 'closed' }],
  };
}

/** CONNECT_ERROR, in the words of the server. */
function refusalOf(payload: string): ConversationAct {
  const parsed = parseJson(payload);
  const fields = parsed.ok ? fieldsOf(parsed.value) : null;
  const said = fields?.text('message') ?? (parsed.ok && typeof parsed.value === 'string' ? parsed.value : payload);
  const data = fields?.fields('data') ?? null;
  const code = data?.number('code') ?? data?.number('status') ?? data?.number('statusCode') ?? null;
  const login = code === 401 || code === 403 || deniesLogin(said) || deniesLogin(data?.text('code') ?? '');
  return { kind: 'refused', login, message: inWords(said) };
}

function prefix(namespace: string): string {
  return namespace === '/' ? '' : `${namespace},`;
}

/** The payload of CONNECT as the server's own client has it: where it goes on, and what a person says beside that. */
function withPlace(auth: string, place: Place | null): string {
  if (place === null) return auth;
  const inner = auth.slice(1, -1).trim();
  return `${JSON.stringify(place).slice(0, -1)}${inner === '' ? '' : `,${inner}`}}`;
}
