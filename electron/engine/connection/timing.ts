/**
 * Every wait and limit of a connection, milliseconds unless the name says otherwise. One place, so that tests
 * and the simulation judge by the same numbers as the engine.
 */
export interface Timing {
  /** Least time between two openings of one source, whatever asks for them: no hot loop is possible. */
  readonly paceMs: number;
  /** Smallest random delay before a retry. */
  readonly backoffMinMs: number;
  /** Base of the doubling. */
  readonly backoffBaseMs: number;
  /** Cap of the doubling; chance is applied after it. */
  readonly backoffCapMs: number;
  /** Longest floor honoured; a longer one is said, and asked again after this. */
  readonly floorLimitMs: number;
  /** Floor of a close 1012, service restart (the registry asks for 5–30 s). */
  readonly restartFloorMs: number;
  /** Floor of a close 1013, try again later. */
  readonly laterFloorMs: number;
  /** An opening must have answered by then. */
  readonly openTimeoutMs: number;
  /** A poll or held request may take this long on top of what it waits for. */
  readonly requestTimeoutMs: number;
  /** A credential's refresh is given up after this. */
  readonly refreshTimeoutMs: number;
  /** Live for this long, and a frame heard, forgets earlier failures. */
  readonly stableMs: number;
  readonly pingMs: number;
  readonly pongMs: number;
  /** Silence on a feed of unknown cadence after which its connection is renewed. */
  readonly recycleMs: number;
  /** Silence on a feed of unknown cadence that is called quiet. */
  readonly quietMs: number;
  /** A compressed stream that brings nothing at all for so long is suspected of not being flushed. */
  readonly unflushedMs: number;
  /** A promised heartbeat later than this is a suspicion of buffering. */
  readonly suspicionMs: number;
  /** After a proof that came out clean, no new suspicion for so long. */
  readonly suspicionRestMs: number;
  /** A proof request is given up after this. */
  readonly proofTimeoutMs: number;
  /** The accused stream may still deliver within this after the proof. */
  readonly proofGraceMs: number;
  /** Window in which evidence against a rung adds up. */
  readonly evidenceMs: number;
  /** How many pieces of evidence it takes. */
  readonly evidenceCount: number;
  /** A connection cut within this of opening, unheard, was cut young. */
  readonly youngMs: number;
  /** First probe upward; doubles. */
  readonly probeMs: number;
  readonly probeCapMs: number;
  /** A promoted rung that held this long resets the doubling. */
  readonly probeHoldMs: number;
  /** A promotion must be complete by then. */
  readonly promotionMs: number;
  readonly recheckMs: number;
  readonly portalRetryMs: number;
  /** Between two attempts while the system says there is no network: it is only a hint. */
  readonly offlineLookMs: number;
  /** One immediate attempt per this long, after wakes and network changes. */
  readonly immediateMs: number;
  /** A connection lost this often within `flapWindowMs` is flapping. */
  readonly flapCount: number;
  readonly flapWindowMs: number;
  /** Least delay while flapping; doubles with each further loss up to `flapCapMs`. */
  readonly flapDelayMs: number;
  readonly flapCapMs: number;
  /** Our own tick, and how far clocks may differ before it means something. */
  readonly tickMs: number;
  readonly sleepMs: number;
  readonly clockJumpMs: number;
  readonly memoryMs: number;
}

export const defaultTiming: Timing = {
  paceMs: 300,
  backoffMinMs: 300,
  backoffBaseMs: 1_000,
  backoffCapMs: 30_000,
  floorLimitMs: 3_600_000,
  restartFloorMs: 5_000,
  laterFloorMs: 10_000,
  openTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  refreshTimeoutMs: 10_000,
  stableMs: 30_000,
  pingMs: 15_000,
  pongMs: 5_000,
  recycleMs: 300_000,
  quietMs: 30_000,
  unflushedMs: 30_000,
  suspicionMs: 5_000,
  suspicionRestMs: 600_000,
  proofTimeoutMs: 10_000,
  proofGraceMs: 1_000,
  evidenceMs: 600_000,
  evidenceCount: 3,
  youngMs: 6_000,
  probeMs: 60_000,
  probeCapMs: 900_000,
  probeHoldMs: 600_000,
  promotionMs: 30_000,
  recheckMs: 600_000,
  portalRetryMs: 60_000,
  offlineLookMs: 300_000,
  immediateMs: 10_000,
  flapCount: 5,
  flapWindowMs: 600_000,
  flapDelayMs: 15_000,
  flapCapMs: 120_000,
  tickMs: 1_000,
  sleepMs: 10_000,
  clockJumpMs: 5_000,
  memoryMs: 3_600_000,
};
