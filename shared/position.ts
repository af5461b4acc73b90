/**
 * A place in a stream. Epoch and seq are one value: a seq means nothing outside its epoch.
 * `seq` is a whole number ≥ 0; "has everything up to and including seq".
 */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/**
 * Where to resume a source: one position per stream where the feed numbers its events,
 * and/or one opaque token for the whole connection (SSE `Last-Event-ID` of Wikimedia or nchan).
 */
export interface ResumePoint {
  readonly positions: Readonly<Record<string, Position>>;
  readonly token: string | null;
}

/** Text form used on the wire and on screen: `<epoch>:<seq>`. */
export function formatPosition(position: Position): string {
  return `${position.epoch}:${position.seq}`;
}

/** Reads `<epoch>:<seq>`; null when the text has another shape. */
export function parsePosition(text: string): Position | null {
  const colon = text.lastIndexOf(':');
  if (colon <= 0) return null;
  const digits = text.slice(colon + 1);
  if (!/^\d{1,16}$/.test(digits)) return null;
  const seq = Number(digits);
  return Number.isSafeInteger(seq) ? { epoch: text.slice(0, colon), seq } : null;
}
