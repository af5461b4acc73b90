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

/** A product that is likely is told before a form that is certain, and one that is guessed behind it. */
const ranks = { certain: 0, likely: 1, guess: 4 } as const;
const generalRanks = { certain: 2, likely: 3, guess: 5 } as const;

function rankOf({ confidence, general }: Verdict): number {
  return general ? generalRanks[confidence] : ranks[confidence];
}

/** Judges what was seen, first look first. No I/O: the same facts give the same verdicts. */
export function classify(seen: readonly Seen[]): Classified {
  const found = seen.flatMap(signsOf);
  const ranked = [...found].sort((a, b) => rankOf(a) - rankOf(b));
  const verdicts = ranked.filter(({ title }, at) => ranked.findIndex((one) => one.title === title) === at);
  const sampled = verdicts.map((one) => withFrames(one, ranked));
  return { verdicts: sampled, problem: verdicts.length > 0 ? null : problemOf(seen) };
}

/** What confirms a reading may have heard nothing itself: then what was heard before is its sample. */
function withFrames(one: Verdict, all: readonly Verdict[]): Verdict {
  const other = all.find(({ title, frames }) => title === one.title && frames.length > 0);
  if (one.frames.length > 0 || !other) return one;
  return { ...one, frames: other.frames, sampled: other.ladder[0] ?? null };
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
