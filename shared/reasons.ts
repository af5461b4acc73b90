import type { Evidence } from './evidence';

/**
 * Every reason a connection can give, with the sentence a person reads and what they can do.
 * The one table: `docs/reasons.md` is made from it.
 */
export interface ReasonEntry {
  /** Sentence without a final value; `{name}` marks what the evidence fills in. */
  readonly sentence: string;
  /** What the person can do; empty where nothing is needed. */
  readonly advice: string;
}

export const reasons = {
  'source-added': { sentence: 'The source was added.', advice: '' },
  'user-paused': { sentence: 'Paused by you.', advice: 'Resume it when you want it watched again.' },
  'user-resumed': { sentence: 'Resumed by you.', advice: '' },
  'user-retry': { sentence: 'Retry asked for by you.', advice: '' },
  'user-pinned': { sentence: 'Rung pinned by you.', advice: '' },
  'source-removed': { sentence: 'The source was removed.', advice: '' },
} as const satisfies Record<string, ReasonEntry>;

export type ReasonCode = keyof typeof reasons;

/** Fills a reason's sentence from evidence. Unknown placeholders are an error of ours, not shown: they fall away. */
export function reasonText(code: ReasonCode, values: Readonly<Record<string, string | number>> = {}): string {
  return reasons[code].sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** A reason with its evidence, before it becomes part of a transition. */
export interface ReasonedEvidence {
  readonly code: ReasonCode;
  readonly text: string;
  readonly evidence: readonly Evidence[];
}
