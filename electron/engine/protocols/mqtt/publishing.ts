import type { IConnackPacket, IPubackPacket } from 'mqtt-packet';
import type { Message, Outgoing, Outlet } from '../../core/protocol';
import type { Said, Unsendable } from '../../core/said';
import { inWords } from '../dialogue';
import { NumberedMessages } from '../numbered';
import { subscriptionId } from './handshake';
import { reasonOf } from './reasons';
import { type Version, written } from './wire';

/** Identifiers of what we publish. */
const firstId = subscriptionId + 1;
const lastId = 65_535;
/** MQTT 5: the broker took the message, and had nobody to give it to. */
const nobody = 0x10;
/** MQTT 5: it takes no more just now. */
const quotaExceeded = 0x97;

export const mqttOutlet: Outlet = {
  keys: null,
  answers: true,
  promise:
    'In order, with quality 1: the broker acknowledges each message that it has taken. One that was cut before that is shown as unknown, and is sent again only by you: subscribers may then get it twice.',
  form: { to: { label: 'Topic', usual: '', example: 'home/lamp/set' }, body: '{"on":true}' },
  problemOf(_body, type) {
    if (type.trim() === '') return 'Name the topic, as in home/lamp/set.';
    if (type.includes('\u0000')) return 'A topic has no character 0.';
    return /[+#]/.test(type) ? 'A topic that is published to has no + and no #: those stand for many topics.' : null;
  },
  request: () => null,
  confirms: () => false,
};

/** What a person publishes in one session, always with quality 1. */
export class Publishing {
  private readonly messages = new NumberedMessages(firstId, lastId);
  /** So many may wait for their acknowledgement, by the word of the broker. */
  private window = lastId;
  private longest = Number.POSITIVE_INFINITY;
  private acknowledges = true;

  constructor(private readonly version: Version) {}

  /** The broker let us in, under these terms. */
  agreed({ properties }: IConnackPacket): void {
    const { receiveMaximum, maximumPacketSize, maximumQoS } = properties ?? {};
    if (isCount(receiveMaximum)) this.window = receiveMaximum;
    if (isCount(maximumPacketSize)) this.longest = maximumPacketSize;
    this.acknowledges = maximumQoS !== 0;
  }

  speak({ key, type, body }: Outgoing): Said | Unsendable | null {
    if (!this.acknowledges) {
      return { refused: 'The broker takes only messages of quality 0, of which nobody knows whether they arrive.' };
    }
    if (this.messages.waiting >= this.window && !this.messages.has(key)) return null;
    const packet = { cmd: 'publish', topic: type, payload: body, qos: 1, dup: false, retain: false } as const;
    const messageId = this.messages.numberOf(key);
    const said = written({ ...packet, messageId }, this.version);
    if (said.length <= this.longest) return said;
    this.messages.answered(messageId);
    return { refused: `The broker takes packets of ${this.longest} bytes at most, this would have ${said.length}.` };
  }

  /** PUBACK. In 3.1.1 it says nothing else than that. */
  acknowledged({ messageId, reasonCode = 0, properties }: IPubackPacket): readonly Message[] {
    const ref = this.messages.answered(messageId ?? 0);
    if (ref === null) return [];
    if (reasonCode < 0x80) {
      const note = reasonCode === nobody ? { note: 'Nobody is subscribed to that topic just now.' } : {};
      return [{ kind: 'published', ref, position: null, repeated: false, ...note }];
    }
    const said: unknown = properties?.reasonString;
    const { words } = reasonOf(reasonCode);
    const message = typeof said === 'string' && said !== '' ? `${words}: ${inWords(said)}` : words;
    return [{ kind: 'send-refused', ref, message, laterMs: reasonCode === quotaExceeded ? 0 : null }];
  }
}

/** A property that came twice is a list. */
function isCount(value: unknown): value is number {
  return typeof value === 'number' && value > 0;
}
