import { httpSigns } from './http-signs';
import { problemOf } from './problems';
import type { Seen } from './seen';
import { socketSigns } from './socket-signs';
import type { Verdict } from './verdict';

export interface Classified {
  /** Best first. */
  readonly verdicts: readonly Verdict[];
  /** Why there is none; null where there is. */
  readonly problem: string | null;
}

const ranks = { certain: 0, likely: 1, guess: 2 } as const;

/** Judges what was seen, first look first. No I/O: the same facts give the same verdicts. */
export function classify(seen: readonly Seen[]): Classified {
  const found = seen.flatMap(signsOf);
  const verdicts = [...found].sort((a, b) => ranks[a.confidence] - ranks[b.confidence]);
  return { verdicts, problem: verdicts.length > 0 ? null : problemOf(seen) };
}

function signsOf(seen: Seen): readonly Verdict[] {
  switch (seen.kind) {
    case 'http':
      return httpSigns(seen);
    case 'socket':
      return socketSigns(seen);
    case 'failed':
    case 'silent':
      return [];
  }
}
