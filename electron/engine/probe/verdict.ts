import type { Confidence } from '../../../shared/probe';
import type { ProtocolName } from '../../../shared/protocols';
import type { RungConfig } from '../../../shared/source';
import type { HttpHead } from '../core/network';

/** What a look comes to: one way to read what answers. Promise and mapping follow from it, and so are not in here. */
export interface Verdict {
  readonly title: string;
  readonly protocol: ProtocolName;
  readonly ladder: readonly RungConfig[];
  readonly confidence: Confidence;
  /** It names a form that any feed may have, not a product or a protocol: those are better where they are likely. */
  readonly general: boolean;
  readonly why: readonly string[];
  readonly wants: readonly string[];
  /** Name of the shipped recipe that it begins with; null for none. */
  readonly base: string | null;
  /** It waits for what that recipe says first; otherwise nothing is sent to what speaks already. */
  readonly waits: boolean;
  /** Of a list: the member that tells one thing from another. */
  readonly identity: string | null;
  /** What a poll has to ask for in `Accept`; null where it needs nothing of its own. */
  readonly accept: string | null;
  /** The rung on which the frames came, where that is not the first of the ladder. */
  readonly sampled: RungConfig | null;
  /** Messages as they came, for samples and for what a mapping suggests. */
  readonly frames: readonly SampleFrame[];
}

export interface SampleFrame {
  readonly data: string | Uint8Array;
  readonly event: string | null;
  readonly id: string | null;
  /** A line of an answer that goes on. */
  readonly line: boolean;
  /** Of the answer, where they say how it is to be read. */
  readonly headers?: HttpHead['headers'];
}
