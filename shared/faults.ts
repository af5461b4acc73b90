import { z } from 'zod';

/** Standing faults of the built-in gateway, and how many events are still to be tampered with. Demo mode only. */
export const faultSettingsSchema = z.strictObject({
  blockWebSocket: z.boolean(),
  bufferSse: z.boolean(),
  refuseSse: z.boolean(),
  cutLongPoll: z.boolean(),
  stall: z.boolean(),
  /** Each event goes out twice. */
  repeat: z.boolean(),
  /** Neighbouring events change places. */
  reorder: z.boolean(),
  /** One event in ten is not sent (it stays in the log). */
  lose: z.boolean(),
});

export type FaultSettings = z.output<typeof faultSettingsSchema>;

/** One-shot faults. */
export const faultActions = ['drop-connections', 'restart-new-epoch', 'kill', 'start'] as const;

export const faultChangeSchema = z.strictObject({
  settings: faultSettingsSchema.partial().optional(),
  action: z.enum(faultActions).optional(),
});

export type FaultChange = z.output<typeof faultChangeSchema>;

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
