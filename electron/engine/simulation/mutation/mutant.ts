import type { Mutation } from '../pool';

export interface Mutant extends Mutation {
  readonly name: string;
  /** Unit tests that kill it, folders or files of the engine. They are asked before the simulation; without, it is first. */
  readonly tests?: readonly string[];
  /** Only a run with a journal and crashes can show it. */
  readonly journal?: true;
}
