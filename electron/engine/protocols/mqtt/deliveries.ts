import type { IPublishPacket } from 'mqtt-packet';
import type { Recipe } from '../../../../shared/recipe';
import { secretsIn } from '../../../../shared/secret-places';
import type { Frame } from '../../core/frame';
import { hashBytes, hashText } from '../../core/hash-text';
import type { DecodedEvent, Message } from '../../core/protocol';
import type { EnvelopeReader } from '../recipe/envelope';
import { mostAliases } from './handshake';
import type { MqttMemory } from './memory';
import type { Told } from './told';
import { topicMatches } from './topics';

/** A longer message is not remembered as what its topic said last, bytes: to compare it costs what it costs to show it again. */
const longestBody = 64 * 1024;

/** What a retained message is called: it is how things stood before we came, and no news. */
const retainedType = 'retained';

/**
 * What one session's messages mean, and whether the broker keeps our place. A place is the session that it keeps for us; it is
 * there only as long as all that came was of quality 1 or 2, since nothing else is kept.
 */
export class Deliveries {
  /** The broker goes on where we were. */
  resumed = false;
  /** What the broker keeps for us is of another subscription than ours: it is to be forgotten. */
  otherSession = false;
  /** Our place was given up: what the broker would send first is too large to be taken, and it sends it until it is acknowledged. */
  givenUp = false;
  private had = false;
  private placed = false;
  private keeps = false;
  /** The packet whose being on disk makes the place one to go on from. */
  private placedBy: number | null = null;
  private readonly place: string;
  private readonly aliases = new Map<number, string>();
  /** What came and is not on disk yet, by packet identifier. */
  private readonly coming = new Map<number, string>();
  private readonly filters: readonly string[] | null;

  constructor(
    private readonly told: Told,
    private readonly recipe: Recipe | null,
    private readonly memory: MqttMemory,
    private readonly read: EnvelopeReader,
  ) {
    this.place = `session ${hashText(JSON.stringify([told.clientId, told.topics, told.qos]))}`;
    // A name that holds a secret is not known here.
    this.filters = told.topics.some((topic) => secretsIn(topic).length > 0) ? null : told.topics;
  }

  /** `token`: the place that is gone on behind. */
  resuming(token: string | null): void {
    this.had = token !== null;
    this.otherSession = this.had && token !== this.place;
    this.givenUp = !this.had && typeof this.memory.place === 'string';
    if (!this.had || this.memory.place === undefined) this.memory.place = token;
  }

  /** What the broker keeps for us is to be forgotten. */
  get anew(): boolean {
    return this.otherSession || this.givenUp;
  }

  /** The broker let us in. `present`: it kept our session. */
  connected(present: boolean): readonly Message[] {
    this.resumed = this.had && present && !this.otherSession && this.told.keeps;
    this.placed = this.resumed;
    if (!this.resumed) this.memory.beginAnew();
    this.keeps = this.resumed;
    if (!this.had || this.resumed) return [];
    this.memory.place = null;
    const cause = this.otherSession ? 'no-replay' : 'retention';
    const gone: Message = {
      ...{ kind: 'cannot-resume', stream: '', epoch: '', cause },
      ...{ requested: null, oldest: null, head: null },
    };
    // Numbers in the bodies show by themselves what is missing.
    return [...((this.recipe?.read.numbering ?? 'none') === 'none' ? [gone] : []), { kind: 'token', token: '' }];
  }

  /** The broker subscribed us, with these qualities at most. `kept`: it keeps this session when we leave. */
  granted(qualities: readonly number[], kept: boolean): void {
    this.keeps = this.told.keeps && kept && qualities.every((quality) => quality > 0);
  }

  /** Puts the name of a topic in place of its number. Why it cannot be: the broker's mistake. */
  named(packet: IPublishPacket): string | null {
    const alias = packet.properties?.topicAlias;
    if (alias === undefined) return packet.topic === '' ? 'a message without a topic' : null;
    // Named twice it is a list, and each list would be a name of its own.
    const agreed = Number.isInteger(alias) && alias >= 1 && alias <= mostAliases;
    if (!agreed) return `a number of a topic that was not agreed: ${String(alias).slice(0, 40)}`;
    if (packet.topic !== '') this.aliases.set(alias, packet.topic);
    const topic = this.aliases.get(alias);
    if (topic === undefined) return `a number of a topic that was never named: ${alias}`;
    packet.topic = topic;
    return null;
  }

  publish({ topic, qos, retain, dup, messageId, payload }: IPublishPacket, frame: Frame): readonly Message[] {
    // Of a session that the broker kept from other settings.
    if (this.filters !== null && !this.filters.some((filter) => topicMatches(filter, topic))) {
      return [{ kind: 'control', name: 'not subscribed to' }];
    }
    const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const digest = qos === 0 && body.length > longestBody ? null : hashBytes(body);
    const same = this.memory.same(topic, body.length > longestBody ? null : digest);
    if (retain && same) return [{ kind: 'control', name: 'retained, as it was told before' }];
    const read = this.read(frame, {
      ...{ stream: topic, type: retain ? retainedType : null, id: null, position: null, sentAt: null },
      body,
    });
    const event: Message =
      read.kind === 'event'
        ? {
            kind: 'event',
            event: this.dressed(
              read.event,
              topic,
              retain,
              this.mark(qos === 0 ? undefined : messageId, `${digest} ${topic}`, dup),
            ),
          }
        : read;
    return retain ? [event] : [event, ...this.placeAfter(qos, messageId)];
  }

  private dressed(
    event: DecodedEvent,
    topic: string,
    retained: boolean,
    redelivery: DecodedEvent['redelivery'],
  ): DecodedEvent {
    return { ...event, ...this.charted(event, topic, retained), ...(redelivery ? { redelivery } : {}) };
  }

  /** What the broker says of its coming once more; undefined for what it sends only once. */
  private mark(messageId: number | undefined, content: string, again: boolean): DecodedEvent['redelivery'] {
    if (messageId === undefined) return undefined;
    this.coming.set(messageId, content);
    return {
      key: String(messageId),
      again,
      ...(again && this.memory.kept(messageId, content) ? { stored: true } : {}),
    };
  }

  /** It is on disk now. */
  stored(messageId: number): void {
    const content = this.coming.get(messageId);
    if (content === undefined) return;
    if (messageId === this.placedBy && this.placed) this.memory.place = this.place;
    this.coming.delete(messageId);
    this.memory.keep(messageId, content);
  }

  /** A number is one of its topic, unless the recipe says what its numbers are of. What was so before we came is not charted as of now. */
  private charted({ measures }: DecodedEvent, topic: string, retained: boolean): Partial<DecodedEvent> {
    if (retained) return { measures: [] };
    if (measures === undefined) return { of: ['topic', topic] };
    if ((this.recipe?.labels.length ?? 0) > 0) return {};
    return { measures: measures.map((one) => ({ ...one, labels: [['topic', topic], ...one.labels] })) };
  }

  private placeAfter(qos: number, messageId: number | undefined): readonly Message[] {
    if (qos === 0) this.memory.lossy = true;
    const placed = this.keeps && !this.memory.lossy;
    if (placed === this.placed) return [];
    this.placed = placed;
    if (placed) this.placedBy = messageId ?? null;
    else this.memory.place = null;
    return [{ kind: 'token', token: placed ? this.place : '' }];
  }
}
