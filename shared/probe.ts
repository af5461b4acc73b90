import type { ProtocolName } from './protocols';
import type { Recipe } from './recipe';
import type { RungConfig } from './source';
import type { SourceDraft } from './source-draft';

/** What was pasted, read: an address, or a `curl` command taken apart. */
export interface Understood {
  readonly from: 'address' | 'curl';
  readonly draft: SourceDraft;
  /** Secrets that stood in it, under the names by which the draft speaks of them; never stored by being understood. */
  readonly secrets: readonly { readonly name: string; readonly value: string }[];
  /** What of a command was left out, and why, in sentences. */
  readonly notes: readonly string[];
}

/** `certain`: the feed said so itself; `likely`: several signs agree; `guess`: the address or one sign. */
export const confidences = ['certain', 'likely', 'guess'] as const;

export type Confidence = (typeof confidences)[number];

/** One way to read what answers there. */
export interface FoundReading {
  /** As people call it: *Prometheus*, *Kubernetes watch*, *JSON WebSocket that waits for a subscribe message*. */
  readonly title: string;
  readonly protocol: ProtocolName;
  /** With its values and labels suggested; null where the protocol needs none. */
  readonly recipe: Recipe | null;
  readonly ladder: readonly RungConfig[];
  readonly confidence: Confidence;
  /** What speaks for it, in sentences. */
  readonly why: readonly string[];
  /** What is promised for it. */
  readonly promise: string;
  /** What its protocol sends of its own accord once connected, in sentences, in order; none of a feed that is only asked. */
  readonly says: readonly string[];
  /** What the person has to do before it is useful, in sentences: a subscribe message, a credential. Usually none. */
  readonly wants: readonly string[];
}

/** A message as it came, and as the first reading decodes it. */
export interface ProbeSample {
  /** At most 16 KiB of it. */
  readonly text: string;
  /** Length of the whole, bytes. */
  readonly bytes: number;
  readonly type: string | null;
  readonly stream: string | null;
  /** Sender's time, epoch ms. */
  readonly sentAt: number | null;
}

export interface ProbeAnswer {
  /** Best first; never empty where something answered. */
  readonly found: readonly FoundReading[];
  readonly samples: readonly ProbeSample[];
  /** What was asked and what came, step by step, in sentences. */
  readonly seen: readonly string[];
  /** Why nothing was found; null where something was. */
  readonly problem: string | null;
  /** The server asks to be left alone for so long; absent where it does not. */
  readonly retryAfterSeconds?: number;
}
