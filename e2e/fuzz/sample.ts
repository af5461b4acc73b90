import type { z } from 'zod';
import type { ProtocolName } from '../../shared/protocols';
import type { recipeSchema } from '../../shared/recipe';
import type { TransportKind } from '../../shared/transport';

/** One message of a sample. */
export interface SampleFrame {
  readonly data: string | Uint8Array;
  readonly event?: string;
  readonly id?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly line?: true;
}

/** What a good server says in one session. */
export interface Sample {
  readonly transport: TransportKind;
  readonly url?: string;
  /** The session goes on behind this. */
  readonly token?: string;
  readonly recipe?: z.input<typeof recipeSchema>;
  readonly frames: readonly (string | Uint8Array | SampleFrame)[];
}

/** What one protocol is tried with. */
export interface Corpus {
  readonly protocol: ProtocolName;
  readonly samples: readonly Sample[];
  /** Messages that are none, in a session of the first sample: each is counted as a decode error that says why. */
  readonly broken: readonly (string | Uint8Array | SampleFrame)[];
}
