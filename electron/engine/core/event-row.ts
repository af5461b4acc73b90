import type { EventRow } from '../../../shared/event';
import type { DeliveredEvent } from './delivery';

/** Characters of a body that travel to a window; the rest is fetched by command. */
export const previewChars = 16 * 1024;

/** Bytes of a binary body whose base64 form fills the preview. */
const previewBytes = (previewChars / 4) * 3;

/** An event as a window sees it; a body over 16 KB is cut to its beginning (`bytes` tells the whole length). */
export function eventRow(event: DeliveredEvent): EventRow {
  const text = typeof event.body === 'string';
  return {
    ordinal: event.ordinal,
    stream: event.stream,
    epoch: event.position?.epoch ?? null,
    seq: event.position?.seq ?? null,
    id: event.id,
    type: event.type,
    sentAt: event.sentAt,
    receivedAt: event.receivedAt,
    body: typeof event.body === 'string' ? previewOf(event.body) : base64Of(event.body),
    encoding: text ? 'text' : 'base64',
    bytes: event.bytes,
    late: event.late,
  };
}

/** The whole body as text: what was received, or the base64 form of bytes. */
export function wholeBody({ body }: DeliveredEvent): string {
  return typeof body === 'string'
    ? body
    : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64');
}

/** Bytes an event takes in a structured-clone message, roughly and never much too low. Costs no look into the body. */
export function rowSize(event: DeliveredEvent): number {
  const overhead = 200 + event.type.length + event.stream.length + (event.id?.length ?? 0);
  if (typeof event.body !== 'string') return overhead + Math.min(event.bytes * 1.4, previewChars);
  // More bytes than characters: not plain ASCII, so the clone holds two bytes a character.
  const shown = Math.min(event.body.length, previewChars);
  return overhead + (event.bytes > event.body.length ? shown * 2 : shown);
}

function previewOf(body: string): string {
  if (body.length <= previewChars) return body;
  const last = body.charCodeAt(previewChars - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return body.slice(0, splitsPair ? previewChars - 1 : previewChars);
}

function base64Of(body: Uint8Array): string {
  const shown = body.byteLength > previewBytes ? body.subarray(0, previewBytes) : body;
  return Buffer.from(shown.buffer, shown.byteOffset, shown.byteLength).toString('base64');
}
