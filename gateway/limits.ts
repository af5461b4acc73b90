/** What keeps one gateway bounded. */
export interface Limits {
  /** Body of a publish, or a frame from a client. */
  readonly bodyBytes: number;
  /** Events per poll answer and per replay. */
  readonly answerEvents: number;
  /** Bytes of events per poll answer. */
  readonly answerBytes: number;
  /** Attached clients: WebSocket, SSE and held polls. */
  readonly clients: number;
  readonly streams: number;
  /** Bytes that all streams hold together: events, snapshots, keys. */
  readonly totalBytes: number;
  /** Events published over the network per second, all clients together, and how many at once. */
  readonly publishPerSecond: number;
  readonly publishBurst: number;
  /** Bytes queued for one client before it is cut as slow, and how long it may take nothing of what is queued (ms). */
  readonly queueBytes: number;
  readonly slowMs: number;
  /** How long the head of a request may take, ms; its body three times as long. */
  readonly requestMs: number;
  /** Open connections, attached or not. */
  readonly connections: number;
  /** Those of them on which no request was let in yet, each for at most three times `requestMs`; beyond it the oldest is closed. */
  readonly strangers: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 256 * 1024,
  answerEvents: 5_000,
  answerBytes: 4 * 1024 * 1024,
  clients: 10_000,
  streams: 1_000,
  totalBytes: 512 * 1024 * 1024,
  publishPerSecond: 2_000,
  publishBurst: 4_000,
  queueBytes: 1024 * 1024,
  slowMs: 30_000,
  requestMs: 10_000,
  connections: 20_000,
  strangers: 2_000,
};

/** A token bucket: `take` answers 0 when allowed, else the seconds until it would be. */
export function createRateLimit(perSecond: number, burst: number, now: () => number) {
  let tokens = burst;
  let filledAt = now();
  return {
    take(): number {
      const at = now();
      tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * perSecond);
      filledAt = at;
      if (tokens >= 1) {
        tokens -= 1;
        return 0;
      }
      return (1 - tokens) / perSecond;
    },
  };
}

/**
 * How long clients should spread their return after an unplanned loss, ms (docs/protocol.md): long enough that
 * no more than `perSecond` of them come back per second.
 */
export function spreadMsFor(clients: number, perSecond: number): number {
  return Math.min(60_000, Math.max(1_000, Math.ceil((1_000 * clients) / perSecond)));
}
