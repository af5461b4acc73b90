import type { FeedKind } from './feeds/kinds';

const second = 1000;
const minute = 60_000;

/** Where a fault strikes. */
export type FaultSide =
  /** The way to a host, for every feed behind it. */
  | 'way'
  /** A server, as far as it knows the fault. */
  | 'server'
  /** A person, or the application, does something with a source. */
  | 'person'
  /** The machine or its network: every host at once. */
  | 'machine'
  /** The journal's disk or worker. Only with a journal. */
  | 'disk';

interface FaultFacts {
  readonly side: FaultSide;
  /** How long it lasts, ms: [least, most]. 0 = an instant. */
  readonly lasts: readonly [number, number];
  /** Feeds that know it; all of them where left out. */
  readonly feeds?: readonly FeedKind[];
}

const instant = [0, 0] as const;
const pushes: readonly FeedKind[] = [
  'gateway',
  'multi',
  'json-ws',
  'sse',
  'nchan',
  'unnumbered',
  'recipe',
  'socket-io',
];
const streamed: readonly FeedKind[] = ['gateway', 'multi', 'sse', 'nchan', 'unnumbered'];
const sockets: readonly FeedKind[] = ['gateway', 'multi', 'json-ws', 'nchan', 'recipe', 'socket-io', 'mqtt'];

/** Every kind of trouble a run can meet. Names are used in the coverage table and in traces. */
export const faults = {
  refuse: { side: 'way', lasts: [2 * second, 6 * minute] },
  'black-hole': { side: 'way', lasts: [2 * second, 2 * minute] },
  reset: { side: 'way', lasts: instant },
  'half-open': { side: 'way', lasts: instant },
  'slow-handshake': { side: 'way', lasts: [5 * second, minute] },
  'close-after-101': { side: 'way', lasts: [20 * second, 4 * minute], feeds: sockets },
  truncate: { side: 'way', lasts: instant },
  drip: { side: 'way', lasts: [2 * second, 20 * second] },
  jam: { side: 'way', lasts: [5 * second, 4 * minute], feeds: sockets },
  'dns-failed': { side: 'way', lasts: [2 * second, minute] },
  'no-route': { side: 'way', lasts: [2 * second, minute] },
  'connect-timeout': { side: 'way', lasts: [2 * second, minute] },
  'network-failed': { side: 'way', lasts: [2 * second, minute] },
  'tls-failed': { side: 'way', lasts: [2 * second, minute] },
  'certificate-invalid': { side: 'way', lasts: [2 * second, 2 * minute] },
  'client-certificate': { side: 'way', lasts: [2 * second, minute] },
  'proxy-failed': { side: 'way', lasts: [2 * second, minute] },
  'proxy-auth': { side: 'way', lasts: [2 * second, minute] },
  'proxy-login': { side: 'way', lasts: [2 * second, minute] },
  'answer-302': { side: 'way', lasts: [2 * second, minute] },
  'answer-400': { side: 'way', lasts: [2 * second, minute] },
  'answer-401': { side: 'way', lasts: [2 * second, 30 * second] },
  'answer-403': { side: 'way', lasts: [2 * second, 2 * minute] },
  'answer-404': { side: 'way', lasts: [2 * second, 2 * minute] },
  'limit-used-up': { side: 'way', lasts: [2 * second, minute] },
  'bot-check': { side: 'way', lasts: [2 * second, minute] },
  'answer-410': { side: 'way', lasts: [2 * second, minute] },
  'answer-429': { side: 'way', lasts: [2 * second, minute] },
  'answer-503': { side: 'way', lasts: [2 * second, 2 * minute] },
  'answer-204': { side: 'way', lasts: [2 * second, 10 * second] },
  'answer-page': { side: 'way', lasts: [2 * second, minute] },
  'upgrade-refused': { side: 'way', lasts: [20 * second, 6 * minute], feeds: sockets },
  'upgrade-mute': { side: 'way', lasts: [20 * second, 4 * minute], feeds: sockets },
  'streams-refused': { side: 'way', lasts: [20 * second, 4 * minute], feeds: streamed },
  'reserved-close': { side: 'way', lasts: instant, feeds: sockets },
  'broken-frame': { side: 'way', lasts: instant, feeds: sockets },
  'upgrade-refused-host-down': { side: 'way', lasts: [10 * second, 2 * minute], feeds: sockets },
  'proxy-blocks-sse': { side: 'way', lasts: [20 * second, 6 * minute] },
  'proxy-buffers': { side: 'way', lasts: [30 * second, 6 * minute] },
  'proxy-cuts-holds': { side: 'way', lasts: [30 * second, 6 * minute] },

  duplicate: { side: 'server', lasts: [5 * second, 2 * minute], feeds: ['gateway', 'multi'] },
  reorder: { side: 'server', lasts: [5 * second, 2 * minute], feeds: ['gateway'] },
  lose: { side: 'server', lasts: [5 * second, minute], feeds: ['gateway'] },
  'server-stopped': { side: 'server', lasts: [5 * second, 8 * minute] },
  'server-silent': {
    side: 'server',
    lasts: [20 * second, 8 * minute],
    feeds: ['gateway', 'multi', 'sse', 'unnumbered'],
  },
  'server-restart': {
    side: 'server',
    lasts: instant,
    feeds: ['gateway', 'multi', 'sse', 'nchan', 'list', 'socket-io', 'mqtt'],
  },
  'server-shutdown': { side: 'server', lasts: instant, feeds: ['gateway', 'multi'] },
  retention: {
    side: 'server',
    lasts: instant,
    feeds: ['gateway', 'multi', 'sse', 'nchan', 'list', 'socket-io', 'mqtt'],
  },
  'no-list': { side: 'server', lasts: [second, 30 * second], feeds: ['list'] },
  'planned-end': { side: 'server', lasts: instant, feeds: [...pushes, 'mqtt'] },
  'close-1008': { side: 'server', lasts: instant, feeds: sockets },
  'close-1013': { side: 'server', lasts: instant, feeds: sockets },
  'close-unknown': { side: 'server', lasts: instant, feeds: sockets },
  undecodable: { side: 'server', lasts: instant },
  oversize: { side: 'server', lasts: instant, feeds: pushes },
  burst: { side: 'server', lasts: instant },
  'token-expiry': { side: 'server', lasts: instant },
  'login-refused': { side: 'server', lasts: [2 * second, minute], feeds: ['json-ws', 'mqtt'] },
  'opening-late': { side: 'server', lasts: [20 * second, 2 * minute], feeds: ['recipe'] },
  'opening-unanswered': { side: 'server', lasts: [5 * second, minute], feeds: ['recipe'] },
  'opening-twice': { side: 'server', lasts: [20 * second, 2 * minute], feeds: ['recipe'] },
  endless: { side: 'server', lasts: [20 * second, minute], feeds: ['list'] },
  'refuse-messages': { side: 'server', lasts: [2 * second, minute], feeds: ['gateway'] },

  'same-tick': { side: 'person', lasts: instant },
  'command-pause': { side: 'person', lasts: [2 * second, minute] },
  'command-retry': { side: 'person', lasts: instant },
  'command-pin': { side: 'person', lasts: [10 * second, 2 * minute] },
  'command-probe': { side: 'person', lasts: instant },
  snapshot: { side: 'person', lasts: instant },
  send: { side: 'person', lasts: instant, feeds: ['gateway', 'json-ws'] },
  edit: { side: 'person', lasts: instant },
  rename: { side: 'person', lasts: instant },
  remove: { side: 'person', lasts: [1, 20 * second] },
  import: { side: 'person', lasts: instant },

  'captive-portal': { side: 'machine', lasts: [20 * second, 3 * minute] },
  sleep: { side: 'machine', lasts: instant },
  suspend: { side: 'machine', lasts: [5 * second, minute] },
  'clock-back': { side: 'machine', lasts: instant },
  'clock-forward': { side: 'machine', lasts: instant },
  'late-timers': { side: 'machine', lasts: [2 * second, 20 * second] },
  'network-change': { side: 'machine', lasts: instant },
  offline: { side: 'machine', lasts: [3 * second, 2 * minute] },
  restart: { side: 'machine', lasts: instant },

  crash: { side: 'disk', lasts: instant },
  'disk-full': { side: 'disk', lasts: [2 * second, 2 * minute] },
  'disk-slow': { side: 'disk', lasts: [2 * second, minute] },
  'disk-damaged': { side: 'disk', lasts: instant },
  'disk-unreadable': { side: 'disk', lasts: [2 * second, 30 * second] },
  'worker-dead': { side: 'disk', lasts: instant },
} as const satisfies Record<string, FaultFacts>;

export type FaultKind = keyof typeof faults;

export const faultKinds = Object.keys(faults) as readonly FaultKind[];

/** What is known of a fault. */
export function factsOf(kind: FaultKind): FaultFacts {
  return faults[kind];
}

/** Whether a fault means something to a feed. */
export function strikes(kind: FaultKind, feed: FeedKind): boolean {
  return factsOf(kind).feeds?.includes(feed) ?? true;
}
