import type { SeededRandom } from '../../electron/engine/simulation/seeded-random';

/** Something that reads what strangers send. */
export interface Target {
  readonly name: string;
  /** Draws one case; the case is run by what is returned, the same each time, and throws where a promise is broken. */
  prepare(random: SeededRandom): () => void;
  /** A session that lasts: each call says something more in it. */
  long(random: SeededRandom): () => void;
  /** Samples that no reader may take for good and that were not counted, as sentences; usually none. */
  broken(): readonly string[];
}
