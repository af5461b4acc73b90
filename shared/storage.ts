import { z } from 'zod';

/** How much of a source's events is kept: whichever limit is reached first. `megabytes` are of 1,024² bytes. */
export const keepSchema = z.strictObject({
  days: z
    .number()
    .min(1 / 24, 'At least an hour: 0.05 days.')
    .max(3650, 'At most ten years.'),
  megabytes: z.number().min(1, 'At least 1 MiB.').max(1_000_000, 'At most a million MiB.'),
});

export type Keep = z.output<typeof keepSchema>;

/** As shipped. */
export const shippedKeep: Keep = { days: 30, megabytes: 1024 };

/** What is stored of a source, and what no longer is. */
export interface StoredOf {
  readonly source: string;
  readonly events: number;
  /** What they take in the file. */
  readonly bytes: number;
  readonly evictedEvents: number;
  readonly evictedBytes: number;
  /** Wall clock, epoch ms, of the oldest stored event; null when there is none. */
  readonly oldestAt: number | null;
  /** Its own limits; null where those for all hold. */
  readonly keep: Keep | null;
}

export interface StorageView {
  /** For every source without limits of its own. */
  readonly keep: Keep;
  readonly sources: readonly StoredOf[];
}
