import { z } from 'zod';
import { timeSchema } from './time-schema';

/** What a person can ask of a recording that plays as a source, besides pause and resume. */
export const playbackSchema = z.discriminatedUnion('kind', [
  /** Plays one event and stays paused. */
  z.strictObject({ kind: z.literal('step') }),
  /** Goes to a recorded time, epoch ms. */
  z.strictObject({ kind: z.literal('seek'), at: timeSchema }),
  /** Times the recorded pace. */
  z.strictObject({ kind: z.literal('speed'), speed: z.number().min(0.1).max(100) }),
]);

export type Playback = z.output<typeof playbackSchema>;

/** A recording as it plays. Recorded times, epoch ms. */
export interface RecordingView {
  /** `opening` until the file's header was read; `unreadable`: the view's reason says why. */
  readonly status: 'opening' | 'playing' | 'paused' | 'ended' | 'unreadable';
  readonly speed: number;
  /** When the recording begins; null while that is not known. */
  readonly from: number | null;
  /** Its last time, as far as it is known; null until it was played to its end. */
  readonly to: number | null;
  readonly position: number | null;
  /** False once it turned out that the file was cut off. */
  readonly whole: boolean;
  /** What the recorded connection said last, in a sentence. */
  readonly said: string | null;
}
