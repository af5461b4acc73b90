import { ownPart, ownText } from '../../core/own-text';
import { elementsOf, longestName, parseJson, type Slice } from '../json-scan';

/**
 * What one packet of Socket.IO 5, the protocol of Socket.IO 3 and 4, is (https://socket.io/docs/v4/socket-io-protocol/). It is
 * cut here and not by its own parser, since that makes numbers of the digits: what is delivered is the text as it came.
 */
export type Packet =
  | { readonly kind: 'connect'; readonly namespace: string; readonly payload: string }
  | { readonly kind: 'refusal'; readonly namespace: string; readonly payload: string }
  | { readonly kind: 'disconnect'; readonly namespace: string }
  | { readonly kind: 'event'; readonly namespace: string; readonly event: EventPacket }
  /** An answer to an event of ours. */
  | {
      readonly kind: 'answer';
      readonly namespace: string;
      readonly attachments: number;
      /** Of the event that is answered; null: of none. */
      readonly id: number | null;
      /** JSON text of a list. */
      readonly payload: string;
    }
  | { readonly kind: 'stranger'; readonly why: string };

export interface EventPacket {
  readonly name: string;
  /** As they stand in the packet. */
  readonly args: readonly string[];
  /** The server waits for an answer. */
  readonly asks: boolean;
  /** So many frames of bytes follow, whose places are in the arguments. */
  readonly attachments: number;
}

const head = /^([0-6])(?:(\/[^,]{0,500})(?:,|$))?(\d{1,15})?/;
const binaryHead = /^([56])(\d{1,9})-(?:(\/[^,]{0,500})(?:,|$))?(\d{1,15})?/;
/** More frames of bytes do not belong to one event. */
const mostAttachments = 100;
const mostArguments = 1_000;

export function packetOf(text: string): Packet {
  const binary = binaryHead.exec(text);
  const found = binary ?? head.exec(text);
  if (!found) return stranger('it is no packet of Socket.IO');
  const [whole, type] = found;
  const [named, id] = binary ? found.slice(3) : found.slice(2);
  const attachments = binary ? Number(found[2]) : 0;
  if (attachments > mostAttachments) return stranger(`it has ${attachments} attachments`);
  const namespace = named ?? '/';
  const payload = text.slice(whole.length);
  switch (type) {
    case '0':
      return { kind: 'connect', namespace, payload };
    case '1':
      return { kind: 'disconnect', namespace };
    case '3':
    case '6':
      return { kind: 'answer', namespace, attachments, id: id === undefined ? null : Number(id), payload };
    case '4':
      return { kind: 'refusal', namespace, payload };
    default: {
      const event = eventOf(payload, id !== undefined, attachments);
      return event === null
        ? stranger('its payload is no list that begins with a name')
        : { kind: 'event', namespace, event };
    }
  }
}

function eventOf(payload: string, asks: boolean, attachments: number): EventPacket | null {
  const slices = elementsOf(payload, undefined, mostArguments);
  const [first, ...rest] = slices ?? [];
  if (first === undefined) return null;
  const parsed = parseJson(payload.slice(first.start, first.end));
  const name = parsed.ok ? parsed.value : null;
  if (typeof name !== 'string' && typeof name !== 'number') return null;
  const args = rest.map(({ start, end }: Slice) => ownPart(payload.slice(start, end), payload));
  return { name: ownText(String(name).slice(0, longestName)), args, asks, attachments };
}

const placeholder = /\{\s*"_placeholder"\s*:\s*true\s*,\s*"num"\s*:\s*(\d{1,9})\s*\}/g;

/**
 * What an event says: its one argument, or the list of several. Bytes that are all it says are left as they are; among
 * others they stand in base64, since JSON has no bytes.
 */
export function bodyOf(args: readonly string[], attached: readonly Uint8Array[]): string | Uint8Array {
  const [only] = args;
  if (args.length === 1 && only !== undefined && attached.length > 0) {
    const whole = new RegExp(`^${placeholder.source}$`).exec(only);
    const bytes = whole ? attached[Number(whole[1])] : undefined;
    if (bytes) return bytes;
  }
  const text = args.length === 1 ? (only ?? '') : `[${args.join(',')}]`;
  if (attached.length === 0) return text;
  return text.replace(placeholder, (place, num: string) => {
    const bytes = attached[Number(num)];
    return bytes ? `{"base64":"${Buffer.from(bytes).toString('base64')}"}` : place;
  });
}

function stranger(why: string): Packet {
  return { kind: 'stranger', why };
}
