import { monotonicMs, wallMs } from '../../electron/engine/core/clock';
import type { Frame } from '../../electron/engine/core/frame';
import type { ConversationAct, DecodedEvent, Message, Protocol } from '../../electron/engine/core/protocol';
import { isSealed } from '../../electron/engine/core/said';
import { protocolOf } from '../../electron/engine/protocols/registry';
import { recipeSchema } from '../../shared/recipe';
import type { RungConfig } from '../../shared/source';
import type { Corpus, Sample, SampleFrame } from './sample';

/** More than this is never sent in answer to a few messages, nor that long. */
const mostSaid = 500;
const mostSaidBytes = 1024 * 1024;
/** Names that an event may have, characters. */
const longestName = 1_000;
/** An id may go back to the server, characters. */
const longestId = 8_300;
const beganAt = 1_760_000_000_000;

/** What a session has been told goes through decoder and conversation as in a source; what cannot be is thrown. */
export class FuzzedSession {
  private readonly decoder;
  private at = 0;
  private said = 0;
  /** Messages that could not be read, each with its cause. */
  readonly errors: string[] = [];

  constructor(protocol: Protocol, rung: RungConfig, sample: Sample) {
    const resume = sample.token === undefined ? null : { positions: {}, token: sample.token };
    this.decoder = protocol.createDecoder(rung, resume);
    this.act(this.decoder.conversation?.opened(this.moment(), resume) ?? []);
  }

  hear(given: Frame): void {
    this.at += 10;
    this.said = 0;
    const frame = { ...given, receivedAt: beganAt + this.at };
    this.act(this.decoder.conversation?.heard(frame, this.moment()) ?? []);
    for (const message of this.decoder.decode(frame)) this.look(message);
    const wakeAt = this.decoder.conversation?.wakeAt ?? null;
    if (wakeAt === null || this.at % 70 !== 0) return;
    this.at = Math.max(this.at, wakeAt);
    this.act(this.decoder.conversation?.due(this.moment()) ?? []);
  }

  private moment() {
    return { now: monotonicMs(this.at), wall: wallMs(beganAt + this.at) };
  }

  private act(acts: readonly ConversationAct[]): void {
    for (const act of acts) {
      if (act.kind === 'refused' && act.message === '') throw new Error('a refusal without a word');
      if (act.kind !== 'send') continue;
      this.said += 1;
      const leaving = isSealed(act.said) ? act.said.compose((text) => text) : act.said;
      if (this.said > mostSaid) throw new Error(`more than ${mostSaid} messages are sent in answer to one`);
      if (leaving.length > mostSaidBytes) throw new Error(`${leaving.length} bytes are sent in answer to one message`);
      if (act.step !== null) this.decoder.conversation?.sent(act.step, this.moment());
    }
  }

  private look(message: Message): void {
    switch (message.kind) {
      case 'event':
        lookAt(message.event);
        break;
      case 'page':
        for (const event of message.events) lookAt(event);
        break;
      case 'undecodable':
        this.cause(message.why);
        break;
      case 'unusable':
        this.cause(message.found);
        break;
      default:
    }
  }

  private cause(why: string): void {
    if (why.trim() === '') throw new Error('a decode error without its cause');
    if (this.errors.length < 100) this.errors.push(why);
  }
}

function lookAt({ stream, type, id, position, sentAt, bytes, measures = [] }: DecodedEvent): void {
  for (const name of [stream, type]) {
    if (name.length > longestName) throw new Error(`a name of ${name.length} characters`);
  }
  if (id !== null && id.length > longestId) throw new Error(`an id of ${id.length} characters`);
  if (!Number.isSafeInteger(bytes) || bytes < 0) throw new Error(`an event of ${bytes} bytes`);
  if (sentAt !== null && !Number.isFinite(sentAt)) throw new Error(`sent at ${sentAt}`);
  if (position !== null && !(Number.isSafeInteger(position.seq) && position.seq >= 0)) {
    throw new Error(`the number ${position.seq}`);
  }
  for (const { value } of measures) if (!Number.isFinite(value)) throw new Error(`the measure ${value}`);
}

export function frameOf(given: string | Uint8Array | SampleFrame): Frame {
  const said: SampleFrame = typeof given === 'string' || given instanceof Uint8Array ? { data: given } : given;
  const { data, event = null, id = null, headers = [], line } = said;
  return { data, bytes: data.length, receivedAt: beganAt, event, id, headers, ...(line ? { line } : {}) };
}

/** How sessions of one sample are opened: each by a protocol of its own, as one source has. */
export function openerOf({ protocol }: Pick<Corpus, 'protocol'>, sample: Sample): () => FuzzedSession {
  const url =
    sample.url ??
    (sample.transport === 'websocket' ? 'ws://h/' : sample.transport === 'tcp' ? 'mqtt://h' : 'http://h/');
  const rung: RungConfig = { transport: sample.transport, url, intervalSeconds: 5 };
  const recipe = sample.recipe === undefined ? undefined : recipeSchema.parse(sample.recipe);
  return () => new FuzzedSession(protocolOf({ protocol, ladder: [rung], recipe }), rung, sample);
}
