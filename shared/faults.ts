/** Standing faults of the built-in gateway, and how many events are still to be tampered with. Demo mode only. */
export interface FaultSettings {
  readonly blockWebSocket: boolean;
  readonly bufferSse: boolean;
  readonly refuseSse: boolean;
  readonly cutLongPoll: boolean;
  readonly stall: boolean;
  /** Each event goes out twice. */
  readonly repeat: boolean;
  /** Neighbouring events change places. */
  readonly reorder: boolean;
  /** One event in ten is not sent (it stays in the log). */
  readonly lose: boolean;
}

/** One-shot faults. */
export const faultActions = ['drop-connections', 'restart-new-epoch', 'kill', 'start'] as const;

/** What to change: some settings, a one-shot fault, or both. */
export interface FaultChange {
  readonly settings?: { readonly [Name in keyof FaultSettings]?: boolean | undefined } | undefined;
  readonly action?: (typeof faultActions)[number] | undefined;
}

export interface FaultState {
  readonly settings: FaultSettings;
  /** Whether the gateway process runs. */
  readonly running: boolean;
}

export const noFaults: FaultSettings = {
  blockWebSocket: false,
  bufferSse: false,
  refuseSse: false,
  cutLongPoll: false,
  stall: false,
  repeat: false,
  reorder: false,
  lose: false,
};
