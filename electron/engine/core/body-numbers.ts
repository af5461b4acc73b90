/** What bodies of one shape have in common: what they are but for their numbers and words. One object for all of them. */
export interface BodyShape {
  /** The parsed body with, for each number, its place among the numbers; `null` for each word. */
  readonly tree: unknown;
}

/**
 * Stands for a parsed body of which only the numbers were taken, off a text whose shape was known: an object per event,
 * and a string per word in it, cost more than all else that is done with an event.
 */
export class BodyNumbers {
  constructor(
    readonly shape: BodyShape,
    readonly numbers: readonly number[],
  ) {}
}

/** The parsed body itself, for whoever needs its words. */
export function parsedBody({ value, body }: { readonly value: unknown; readonly body: string | Uint8Array }): unknown {
  return value instanceof BodyNumbers && typeof body === 'string' ? JSON.parse(body) : value;
}
