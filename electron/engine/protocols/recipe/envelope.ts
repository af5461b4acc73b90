import type { Position } from '../../../../shared/position';
import type { Recipe } from '../../../../shared/recipe';
import { keptName } from '../../core/event-id';
import type { Frame } from '../../core/frame';
import type { DecodedEvent, Message } from '../../core/protocol';
import { createBodyReader } from '../body-encodings/body-reader';
import { longestName } from '../json-scan';
import { classified } from './classified';
import { partOf } from './cut';
import { createMeasureReader } from './measures';
import { planOf } from './plan';
import { binaryEvent, readEvent } from './reading';

/** One message as a protocol in code unwraps it: what its envelope says, which a recipe that points elsewhere overrules. */
export interface Envelope {
  /** Topic, channel, destination. */
  readonly stream: string;
  /** Name of the event; null where the envelope has none, and the body says it. */
  readonly type: string | null;
  readonly id: string | null;
  readonly position: Position | null;
  /** Sender's time, epoch ms. */
  readonly sentAt: number | null;
  readonly body: string | Uint8Array;
}

/** What a message means: usually an event; what the recipe's classes say it is otherwise. */
export type EnvelopeReader = (frame: Frame, envelope: Envelope) => Message;

/** Longest name of a kind of event, characters. */
const longestType = 128;

/** Reads the bodies of one session as a recipe says, and guesses where it says nothing. */
export function createEnvelopeReader(recipe: Recipe | null): EnvelopeReader {
  const plan = planOf(recipe);
  const measure = recipe === null ? null : createMeasureReader(recipe);
  const readBody = createBodyReader(recipe);

  function within(envelope: Envelope, event: DecodedEvent): Message {
    return {
      kind: 'event',
      event: {
        ...event,
        stream: plan.stream === null ? keptName(envelope.stream, longestName) : event.stream,
        position: event.position ?? envelope.position,
        sentAt: event.sentAt ?? envelope.sentAt,
      },
    };
  }

  return (frame, envelope) => {
    const { body, type, id } = envelope;
    const carried: Frame = { ...frame, event: type === null ? null : keptName(type, longestType), id };
    const found = typeof body === 'string' ? { text: body } : readBody(body, envelope.stream);
    if (found.text === null) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      return within(envelope, binaryEvent(found.why === null ? carried : { ...carried, event: found.why }, bytes));
    }
    const read = found.text;
    const part = partOf(read);
    const other = classified(plan, part, { text: read, value: part.value, event: carried.event });
    if (other !== null && other !== 'event') return other;
    return within(envelope, readEvent(plan, { frame: carried, part, whole: null }, measure));
  };
}
