import type { IConnackPacket, IDisconnectPacket, IPublishPacket, ISubackPacket, Packet } from 'mqtt-packet';
import type { ResumePoint } from '../../../../shared/position';
import { earliest, later, type MonotonicMs } from '../../core/clock';
import type { Frame } from '../../core/frame';
import { ownText } from '../../core/own-text';
import type { Conversation, ConversationAct, Decoder, Message, Moment, Outgoing } from '../../core/protocol';
import type { Said, Unsendable } from '../../core/said';
import { life } from '../recipe/classified';
import type { Deliveries } from './deliveries';
import { keepAliveSeconds, MqttHandshake, pingMs, subscriptionId } from './handshake';
import type { MqttMemory } from './memory';
import { Publishing } from './publishing';
import { connackReason, type Reason, reasonOf } from './reasons';
import type { Told } from './told';
import { createPacketParser, type Parsed, type Version, written } from './wire';

/** How long CONNACK and SUBACK may take, each from when its question has left, ms. */
const patienceMs = 10_000;
/** A broker that says that it is busy is left alone for so long, ms. */
const busyMs = 10_000;

/** The questions on opening, and the answers to messages, by number. */
const connectStep = 1;
const subscribeStep = 2;
const answerStep = 3;

/**
 * One session with a broker. A message of quality 1 or 2 is acknowledged once it is on disk: what we are killed with, the
 * broker sends again. The acknowledgements of one write go together.
 */
export class MqttSession implements Decoder, Conversation {
  readonly conversation = this;
  readonly openingMs = 2 * patienceMs;
  private readonly parse: (bytes: Uint8Array) => Parsed;
  private readonly handshake: MqttHandshake;
  private readonly publishing: Publishing;
  private read: { readonly frame: Frame; readonly parsed: Parsed } | null = null;
  private frames = 0;
  private over = false;
  private settled = false;
  private waiting: { readonly step: number; readonly since: MonotonicMs; readonly until: MonotonicMs | null } | null =
    null;
  private pingMs = pingMs;
  private pingAt: MonotonicMs | null = null;
  /** Of each packet identifier that waits for the disk: the frame that it came in, and its quality. */
  private readonly unstored = new Map<number, { readonly frame: number; readonly qos: 1 | 2 }>();
  private toSay: Buffer[] = [];
  private saying = false;
  private sayAt: MonotonicMs | null = null;
  /** What the conversation found out, until the frame is decoded. */
  private found: Message[] = [];

  constructor(
    private readonly told: Told,
    private readonly version: Version,
    private readonly memory: MqttMemory,
    private readonly deliveries: Deliveries,
  ) {
    this.parse = createPacketParser(version);
    this.handshake = new MqttHandshake(told, version);
    this.publishing = new Publishing(version);
  }

  get wakeAt(): MonotonicMs | null {
    if (this.over) return null;
    const times = [this.waiting?.until ?? null, this.pingAt, this.sayAt].filter((time) => time !== null);
    return times.length === 0 ? null : earliest(...times);
  }

  get awaitsStored(): boolean {
    return this.unstored.size > 0;
  }

  opened(at: Moment, resume: ResumePoint | null): readonly ConversationAct[] {
    this.deliveries.resuming(resume?.token ?? null);
    this.memory.unanswered = this.version;
    this.waiting = { step: connectStep, since: at.now, until: null };
    const clean = !this.told.keeps || this.deliveries.anew;
    return [{ kind: 'send', said: this.handshake.connect(clean), step: connectStep }];
  }

  sent(step: number, { now }: Moment): void {
    if (step === answerStep) {
      this.saying = false;
      this.sayAt = this.toSay.length > 0 ? now : null;
    } else if (this.waiting?.step === step && this.waiting.until === null) {
      this.waiting = { step, since: now, until: later(now, patienceMs) };
    }
  }

  heard(frame: Frame, at: Moment): readonly ConversationAct[] {
    this.frames += 1;
    this.found = [];
    const { packet } = this.parsedOf(frame);
    if (this.over || packet === null) return [];
    const acts = this.answer(packet, at);
    this.over = acts.some(({ kind }) => kind === 'refused' || kind === 'ended');
    return acts;
  }

  due(at: Moment): readonly ConversationAct[] {
    if (this.over) return [];
    const { waiting } = this;
    if (waiting !== null && waiting.until !== null && at.now >= waiting.until) {
      this.over = true;
      return [{ kind: 'unanswered', step: waiting.step, afterMs: at.now - waiting.since }];
    }
    const acts: ConversationAct[] = [];
    if (this.pingAt !== null && at.now >= this.pingAt) {
      this.pingAt = later(at.now, this.pingMs);
      acts.push({ kind: 'send', said: written({ cmd: 'pingreq' }, this.version), step: null });
    }
    if (this.sayAt !== null && at.now >= this.sayAt) acts.push(...this.say());
    return acts;
  }

  stored(frames: number): readonly ConversationAct[] {
    for (const [messageId, { frame, qos }] of this.unstored) {
      if (frame > frames) continue;
      this.unstored.delete(messageId);
      this.deliveries.stored(messageId);
      this.toSay.push(written({ cmd: qos === 1 ? 'puback' : 'pubrec', messageId, reasonCode: 0 }, this.version));
    }
    return this.say();
  }

  /** The broker sends again in a new session what was not acknowledged in this one. */
  dropped(): readonly ConversationAct[] {
    this.unstored.clear();
    this.over = true;
    return [
      { kind: 'ended', how: 'error', message: 'what came could not be stored: it is asked for again', afterMs: 0 },
    ];
  }

  decode(frame: Frame): readonly Message[] {
    const { packet, why } = this.parsedOf(frame);
    this.read = null;
    if (packet === null) return [{ kind: 'undecodable', why, stream: null, position: null }];
    switch (packet.cmd) {
      case 'publish':
        return this.deliveries.publish(packet, frame);
      case 'pingresp':
        return [life];
      default:
        return this.found.length > 0 ? this.found : [{ kind: 'control', name: packet.cmd }];
    }
  }

  speak(message: Outgoing): Said | Unsendable | null {
    return this.over || !this.settled ? null : this.publishing.speak(message);
  }

  private parsedOf(frame: Frame): Parsed {
    if (this.read?.frame === frame) return this.read.parsed;
    const { data } = frame;
    let parsed: Parsed =
      typeof data === 'string' ? { packet: null, why: 'it is a text, and MQTT is made of bytes' } : this.parse(data);
    if (parsed.packet?.cmd === 'publish') {
      const why = this.deliveries.named(parsed.packet);
      if (why !== null) parsed = { packet: null, why };
    }
    this.read = { frame, parsed };
    return parsed;
  }

  private answer(packet: Packet, at: Moment): readonly ConversationAct[] {
    switch (packet.cmd) {
      case 'connack':
        return this.connected(packet, at);
      case 'suback':
        return this.subscribed(packet, at);
      case 'publish':
        this.received(packet);
        return [];
      case 'pubrel':
        this.toSay.push(written({ cmd: 'pubcomp', messageId: packet.messageId ?? 0, reasonCode: 0 }, this.version));
        return this.say();
      case 'puback':
        this.found = [...this.publishing.acknowledged(packet)];
        return [];
      case 'disconnect':
        return this.ended(packet);
      default:
        return [];
    }
  }

  private received({ qos, messageId }: IPublishPacket): void {
    if (qos !== 0 && messageId !== undefined) this.unstored.set(messageId, { frame: this.frames, qos });
  }

  private connected(packet: IConnackPacket, at: Moment): readonly ConversationAct[] {
    if (this.waiting?.step !== connectStep) return [];
    this.memory.unanswered = null;
    const code = packet.reasonCode ?? packet.returnCode ?? 0;
    if (code !== 0) return this.refused(connackReason(this.version, code), packet.properties?.reasonString);
    this.memory.version = this.version;
    this.publishing.agreed(packet);
    const keepAlive = packet.properties?.serverKeepAlive ?? keepAliveSeconds;
    if (keepAlive > 0) this.pingMs = Math.min(pingMs, Math.max(1_000, (keepAlive * 1000) / 2));
    this.found = [...this.deliveries.connected(packet.sessionPresent)];
    // Its subscriptions are a part of a session: to ask for them again would only bring retained messages once more.
    if (this.deliveries.resumed) return this.settle(at);
    this.waiting = { step: subscribeStep, since: at.now, until: null };
    return [{ kind: 'send', said: this.handshake.subscribe(), step: subscribeStep }];
  }

  /** `said`: a broker may break it off, or say it twice, and then it is no text. */
  private refused({ words, means }: Reason, said: unknown): readonly ConversationAct[] {
    const message = typeof said !== 'string' || said === '' ? words : `${words}: ${ownText(said.slice(0, 300))}`;
    switch (means) {
      case 'login':
        return [{ kind: 'refused', login: true, message }];
      case 'version':
        this.memory.version = this.told.version === 'auto' && this.version === 5 ? 4 : null;
        if (this.memory.version === null) return [{ kind: 'refused', login: false, message }];
        return [{ kind: 'ended', how: 'error', message: `${message}: 3.1.1 is tried next`, afterMs: 0 }];
      case 'busy':
        return [{ kind: 'ended', how: 'error', message, afterMs: busyMs }];
      case 'planned':
        return [{ kind: 'ended', how: 'planned', message, afterMs: 0 }];
      case 'taken-over':
        return [
          {
            kind: 'ended',
            how: 'stop',
            message: `${message}: two clients have the id ${this.told.clientId || '(none)'}, and only one can be connected`,
            afterMs: 0,
          },
        ];
      case 'refused':
        return [{ kind: 'refused', login: false, message }];
    }
  }

  private subscribed(packet: ISubackPacket, at: Moment): readonly ConversationAct[] {
    // An answer to a question that was not ours says nothing of our topics.
    if (this.waiting?.step !== subscribeStep || packet.messageId !== subscriptionId) return [];
    const granted = packet.granted.map(Number);
    const denied = this.told.topics.flatMap((topic, index) => {
      const code = granted[index] ?? 0x80;
      return code < 0x80 ? [] : [`${topic}: ${this.version === 5 ? reasonOf(code).words : 'not granted'}`];
    });
    if (denied.length === this.told.topics.length) {
      return [{ kind: 'refused', login: false, message: ownText(denied.join('; ').slice(0, 300)) }];
    }
    if (denied.length > 0) {
      const message = ownText(`some topics were refused: ${denied.join('; ')}`.slice(0, 300));
      this.found = [{ kind: 'feed-error', message }];
    }
    // In 3.1.1 what begins clean also ends so.
    this.deliveries.granted(granted, this.version === 5 || !this.deliveries.anew);
    return this.settle(at);
  }

  private settle(at: Moment): readonly ConversationAct[] {
    this.waiting = null;
    this.settled = true;
    this.pingAt = later(at.now, this.pingMs);
    return [{ kind: 'settled' }];
  }

  private ended({ reasonCode, properties }: IDisconnectPacket): readonly ConversationAct[] {
    const reason = reasonOf(reasonCode ?? 0);
    // Once we were let in, what is refused is what we do: the next connection may be taken.
    const means = this.settled && reason.means === 'refused' ? 'busy' : reason.means;
    return this.refused({ ...reason, means }, properties?.reasonString);
  }

  private say(): readonly ConversationAct[] {
    this.sayAt = null;
    if (this.saying || this.toSay.length === 0) return [];
    this.saying = true;
    const said = Buffer.concat(this.toSay);
    this.toSay = [];
    return [{ kind: 'send', said, step: answerStep }];
  }
}
