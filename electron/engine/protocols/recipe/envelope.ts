import type { Position } from '../../../../shared/position';
import type { Recipe } from '../../../../shared/recipe';
import type { Frame } from '../../core/frame';
import type { DecodedEvent, Message } from '../../core/protocol';
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

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads the bodies of one session as a recipe says, and guesses where it says nothing. */
export function createEnvelopeReader(recipe: Recipe | null): EnvelopeReader {
  const plan = planOf(recipe);
  const measure = recipe === null ? null : createMeasureReader(recipe);

  function within(envelope: Envelope, event: DecodedEvent): Message {
    return {
      kind: 'event',
      event: {
        ...event,
        stream: plan.stream === null ? envelope.stream : event.stream,
        position: event.position ?? envelope.position,
        sentAt: event.sentAt ?? envelope.sentAt,
      },
    };
  }

  return (frame, envelope) => {
    const { body } = envelope;
    const carried: Frame = { ...frame, event: envelope.type, id: envelope.id };
    const read = typeof body === 'string' ? body : (textOf(body) ?? body);
    if (typeof read !== 'string') return within(envelope, binaryEvent(carried, read));
    const part = partOf(read);
    const found = classified(plan, part, { text: read, value: part.value, event: envelope.type });
    if (found !== null && found !== 'event') return found;
    return within(envelope, readEvent(plan, { frame: carried, part, whole: null }, measure));
  };
}

/** Bytes that are text; null where they are none. */
function textOf(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
