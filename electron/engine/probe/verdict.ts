import type { Confidence } from '../../../shared/probe';
import type { Recipe } from '../../../shared/recipe';
import type { ProtocolName, RungConfig } from '../../../shared/source';

/** What a look comes to: one way to read what answers. Its promise is the protocol's, and so is not in here. */
export interface Verdict {
  readonly title: string;
  readonly protocol: ProtocolName;
  readonly ladder: readonly RungConfig[];
  readonly confidence: Confidence;
  readonly why: readonly string[];
  readonly wants: readonly string[];
  /** Name of the shipped recipe that it begins with; null for none. */
  readonly base: string | null;
  /** What of a recipe the samples suggest. */
  readonly mapping: Partial<Pick<Recipe, 'read' | 'values' | 'labels' | 'ask'>>;
  /** Messages as they came, for the suggestion of a mapping and as samples: text, and the name and id beside it. */
  readonly frames: readonly SampleFrame[];
}

export interface SampleFrame {
  readonly data: string | Uint8Array;
  readonly event: string | null;
  readonly id: string | null;
  /** A line of an answer that goes on. */
  readonly line: boolean;
}
