import { z } from 'zod';
import { type FaultChange, type FaultSettings, faultActions } from './faults';

/** The schemas of `faults.ts`, kept apart from its values: the window uses those and has no need of a validator. */
export const faultSettingsSchema = z.strictObject({
  blockWebSocket: z.boolean(),
  bufferSse: z.boolean(),
  refuseSse: z.boolean(),
  cutLongPoll: z.boolean(),
  stall: z.boolean(),
  repeat: z.boolean(),
  reorder: z.boolean(),
  lose: z.boolean(),
}) satisfies z.ZodType<FaultSettings>;

export const faultChangeSchema = z.strictObject({
  settings: faultSettingsSchema.partial().optional(),
  action: z.enum(faultActions).optional(),
}) satisfies z.ZodType<FaultChange>;
