/** Puts secrets where a text has places for them (`shared/secret-places.ts`). */
export type Fill = (text: string) => string;

/**
 * What is sent and holds secrets, so that it is put together as it leaves: its length and its form may depend on them.
 * It never leaves for another origin than the source's own.
 */
export interface Sealed {
  compose(fill: Fill): string | Uint8Array;
}

/** One message as it is sent: a text, bytes, or one that is sealed. */
export type Said = string | Uint8Array | Sealed;

/** A message that cannot be said as it is: why, in a sentence. */
export interface Unsendable {
  readonly refused: string;
}

/** Whether it is put together as it leaves. */
export function isSealed(said: Said): said is Sealed {
  return typeof said !== 'string' && !(said instanceof Uint8Array);
}
