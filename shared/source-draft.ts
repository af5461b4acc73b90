import { z } from 'zod';
import { protocolNames } from './protocols';
import { reachSchema } from './reach';
import { recipeSchema } from './recipe';
import { rungSchema } from './source';

/** What the source form hands over; main derives the ladder when none is given. */
export const sourceDraftSchema = z.strictObject({
  name: z.string().max(80),
  url: z.string().max(4096),
  /** `auto`: derived from the address. */
  protocol: z.enum([...protocolNames, 'auto']),
  ladder: z.array(rungSchema).max(4).optional(),
  /** Absent: as it was, or as `defaultReach` says. */
  reach: reachSchema.optional(),
  /** Absent: as it was; null: none. */
  recipe: recipeSchema.nullable().optional(),
});

export type SourceDraft = z.output<typeof sourceDraftSchema>;
