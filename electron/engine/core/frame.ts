/** Raw bytes or text as received, with what the transport knows about them. */
export interface Frame {
  /** Text, or bytes for a binary WebSocket message. A poll answer is one frame. */
  readonly data: string | Uint8Array;
  /** Length on the wire after decompression, bytes. */
  readonly bytes: number;
  /** When its last byte was read: wall clock, epoch ms. */
  readonly receivedAt: number;
  /** SSE `event:` name; null elsewhere and for the default `message`. */
  readonly event: string | null;
  /** SSE: last event id in force after this frame; HTTP answers: their `Etag`/`Last-Modified` are in `headers`. */
  readonly id: string | null;
  /** SSE: a block that had an `id:` and no data. It carries no event, it only moves the place to resume from. */
  readonly idOnly?: true;
  /** A line of an answer that does not end: one message, not a whole answer. */
  readonly line?: true;
  /** Head of the HTTP answer that carried it, for poll rungs; empty elsewhere. */
  readonly headers: readonly (readonly [string, string])[];
}
