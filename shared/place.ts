import { z } from 'zod';
import { timeSchema } from './time-schema';

/** Where in the stored events to go: a time of receipt, epoch ms, or a number of one numbering of a stream. */
export const eventPlaceSchema = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('time'), time: timeSchema }),
  z.strictObject({
    by: z.literal('seq'),
    stream: z.string().max(1000),
    epoch: z.string().max(1000),
    seq: z.number().int().min(0),
  }),
]);

export type EventPlace = z.output<typeof eventPlaceSchema>;
