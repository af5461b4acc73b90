/** Events per second of each stream. */
export type Shares = Readonly<Record<string, number>>;

export type ToServer = { readonly kind: 'flood'; readonly on: boolean } | { readonly kind: 'ask' | 'stop' };

export interface Stats {
  readonly kind: 'stats';
  /** Number of the last event of each stream. */
  readonly heads: Readonly<Record<string, number>>;
  readonly clients: number;
}

export type FromServer = Stats | { readonly kind: 'listening'; readonly url: string };

/** What event `number` of a stream says: server and judge make it from the number alone, so that nothing is kept twice. */
export function bodyOf(stream: string, number: number): unknown {
  return {
    number,
    stream,
    price: ((number * 7919) % 100_000) / 100,
    text: `order ${number.toString(36)} of ${stream}: é ☃ ${'x'.repeat(number % 61)}`,
  };
}
