import { ownText } from './own-text';
import type { DecodedEvent } from './protocol';

/** So much more than itself a binary body may hold on to, bytes. */
const heldAlong = 1_024;

/**
 * An event as it may be kept for long: what is cut out of the message or chunk that it came in would hold on to all of that.
 * Names are their own where they are decoded.
 */
export function keptEvent<Event extends DecodedEvent>(event: Event): Event {
  const { body, id } = event;
  return { ...event, id: id === null ? null : ownText(id), body: typeof body === 'string' ? ownText(body) : own(body) };
}

function own(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength > 2 * bytes.byteLength + heldAlong ? new Uint8Array(bytes) : bytes;
}

/** What an event takes beside its stream's name, bytes: a feed may put much into a name. */
export function roomOf({ bytes, type, id }: DecodedEvent): number {
  return bytes + type.length + (id?.length ?? 0);
}
