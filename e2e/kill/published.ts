import type { AlertRule } from '../../shared/alert';

/** Events per second of each stream. */
export type Shares = Readonly<Record<string, number>>;

export type ToServer = { readonly kind: 'flood'; readonly on: boolean } | { readonly kind: 'ask' | 'stop' };

export interface Stats {
  readonly kind: 'stats';
  /** Number of the last event of each stream. */
  readonly heads: Readonly<Record<string, number>>;
  readonly clients: number;
}

export type FromServer = Stats | { readonly kind: 'listening'; readonly urls: Urls };

/** Where the server's feeds are: the gateway, and one that speaks no protocol of ours. */
export interface Urls {
  readonly gateway: string;
  readonly plain: string;
}

/** A stream of plain SSE whose ids resume, and a list of the newest entries that is polled. */
export const plainStreams = { ids: 'ids-over-sse', list: 'list-over-poll' } as const;

/** One event in so many ends in one letter less than this. */
const longestRun = 61;
/** So many events a number in them stays high, then low: an alert comes and goes with it, seldom enough to be another one each time. */
const shiftEvents = 40_000;

/** What event `number` of a stream says: server and judge make it from the number alone, so that nothing is kept twice. */
export function bodyOf(stream: string, number: number): unknown {
  return {
    number,
    stream,
    price: ((number * 7919) % 100_000) / 100,
    shift: Math.floor(number / shiftEvents) % 2,
    text: `order ${number.toString(36)} of ${stream}: ${number % shiftEvents === 0 ? 'round ' : ''}é ☃ ${'x'.repeat(number % longestRun)}`,
  };
}

/** The text of event `number` on the wire. An entry of a list has its id in itself. */
export function textOf(stream: string, number: number): string {
  const body = bodyOf(stream, number);
  return JSON.stringify(stream === plainStreams.list ? Object.assign({ id: number, type: 'order' }, body) : body);
}

const ruleOf = (id: string, condition: AlertRule['condition']): AlertRule => ({
  id,
  name: id,
  source: null,
  severity: 'warning',
  enabled: true,
  condition,
});

/** Rules in force from the first event on. What they must have raised follows from what is stored. */
export const alertRules: readonly AlertRule[] = [
  ruleOf('shifted', {
    kind: 'metric',
    series: 'value:order.shift',
    is: 'above',
    threshold: 0.5,
    clear: 0.5,
    seconds: 0,
  }),
  // Goes to and fro with nearly every event: one alert that counts.
  ruleOf('dear', { kind: 'metric', series: 'value:order.price', is: 'above', threshold: 990, clear: 900, seconds: 0 }),
  ruleOf('cheap', {
    kind: 'metric',
    series: 'value:order.price',
    is: 'below',
    threshold: 999.9,
    clear: 999.98,
    seconds: 1,
  }),
  ruleOf('round', { kind: 'match', search: 'type:order round', quietSeconds: 1 }),
  ruleOf('long', { kind: 'match', search: `type:order "${'x'.repeat(longestRun - 1)}"`, quietSeconds: 2 }),
];
