/** A message whose payload is bytes. */
export interface BinaryMessage {
  readonly ref: string | null;
  readonly topic: string;
  readonly event: string;
  readonly payload: Uint8Array;
}

/** What a message of bytes is: its names follow in this order, each as long as a byte of its head says. */
const kinds: readonly (readonly ('join' | 'ref' | 'topic' | 'event')[])[] = [
  // A push to us.
  ['join', 'topic', 'event'],
  // A reply: its status stands where an event would.
  ['join', 'ref', 'topic', 'event'],
  // A broadcast.
  ['topic', 'event'],
];

const utf8 = new TextDecoder();

/** Reads the binary form of `vsn` 2.0.0; null where the bytes are none. */
export function readBinary(bytes: Uint8Array): BinaryMessage | null {
  const kind = bytes[0] ?? -1;
  const names = kinds[kind];
  if (names === undefined) return null;
  const found = { join: '', ref: '', topic: '', event: '' };
  let at = 1 + names.length;
  for (const [index, name] of names.entries()) {
    const end = at + (bytes[1 + index] ?? 0);
    if (end > bytes.length) return null;
    found[name] = utf8.decode(bytes.subarray(at, end));
    at = end;
  }
  const event = kind === 1 ? 'phx_reply' : found.event;
  return { ref: kind === 1 ? found.ref : null, topic: found.topic, event, payload: bytes.slice(at) };
}
