import type { RecordedLine, RecordingHeader, RecordingProblem } from '../engine/recording/format';

/** What passes between the application and the thread that reads recordings. `id` names a request, or an open recording. */

export type ToReader =
  | { readonly kind: 'header' | 'open'; readonly id: number; readonly path: string }
  | { readonly kind: 'next' | 'close'; readonly id: number };

/** One for each `header` and each `next`. */
export type FromReader =
  | { readonly kind: 'header'; readonly id: number; readonly header: RecordingHeader }
  /** Null: the end. */
  | { readonly kind: 'lines'; readonly id: number; readonly lines: readonly RecordedLine[] | null }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: ReadingFailure };

/** An error as it travels: its own kind is lost on the way. */
export type ReadingFailure =
  | { readonly kind: 'recording'; readonly problem: RecordingProblem }
  /** `code`: the system's, where it has one. */
  | { readonly kind: 'other'; readonly message: string; readonly code: string | null };
