import { defaultTiming, type Timing } from '../../electron/engine/connection/timing';

/**
 * Fifty faults of a bad week are squeezed into minutes. So every client waits a tenth of what it waits by default:
 * what a day would be spent on waiting is not worth watching, and the proportions stay.
 */
export const squeeze = 10;

/** Waits of the others and of their servers, ms: their defaults, where documented and in which file, over `squeeze`. */
export const waits = {
  /** README of ws: server pings every 30 s; the client gives up 1 s after a ping is due. */
  wsPingMs: 30_000 / squeeze,
  wsPingTimeoutMs: (30_000 + 1_000) / squeeze,
  /** ws does not reconnect: a second, as people write it. */
  wsReconnectMs: 1_000 / squeeze,
  /** reconnecting-websocket README, "Default values". */
  rwsLeastDelayMs: 1_000 / squeeze,
  rwsLeastDelaySpreadMs: 4_000 / squeeze,
  rwsMostDelayMs: 10_000 / squeeze,
  rwsStableMs: 5_000 / squeeze,
  rwsConnectTimeoutMs: 4_000 / squeeze,
  /** partysocket README, "Default values": the same. dist/ws.js has 3 s as least delay. */
  partyLeastDelayMs: 3_000 / squeeze,
  /** https://socket.io/docs/v4/client-options and /server-options. */
  socketIoDelayMs: 1_000 / squeeze,
  socketIoDelayMaxMs: 5_000 / squeeze,
  socketIoTimeoutMs: 20_000 / squeeze,
  socketIoPingIntervalMs: 25_000 / squeeze,
  socketIoPingTimeoutMs: 20_000 / squeeze,
  socketIoUpgradeTimeoutMs: 10_000 / squeeze,
  socketIoConnectTimeoutMs: 45_000 / squeeze,
  /** eventsource dist/index.js: reconnects after 3 s unless the server says `retry:`; its fetch gives up a silent body after 300 s (undici `bodyTimeout`). */
  eventSourceRetryMs: 3_000 / squeeze,
  eventSourceSilenceMs: 300_000 / squeeze,
  /** HTML standard §9.2.7: a comment line every 15 s or so. */
  sseCommentMs: 15_000 / squeeze,
  gatewayHeartbeatMs: 10_000 / squeeze,
  gatewayPollMs: 2_000 / squeeze,
} as const;

/** Not waits: counts, and what tells a sleeping machine or a changed clock from a busy one. */
const kept: ReadonlySet<keyof Timing> = new Set<keyof Timing>([
  'evidenceCount',
  'flapCount',
  'tickMs',
  'sleepMs',
  'clockJumpMs',
]);

/**
 * Wirewatch's waits over `squeeze`. Only the slowing of flapping connections is off: fifty faults in minutes are
 * flapping by anyone's measure, and the question here is what each fault costs by itself.
 */
export function squeezedTiming(timing: Timing = defaultTiming): Timing {
  const entries = Object.entries(timing) as [keyof Timing, number][];
  const squeezed = Object.fromEntries(
    entries.map(([name, value]) => [name, kept.has(name) ? value : value / squeeze]),
  ) as unknown as Timing;
  return { ...squeezed, flapCount: Number.POSITIVE_INFINITY };
}
