import type { Recipe } from '../../../shared/recipe';
import type { Clock } from '../core/clock';
import type { CredentialPort } from '../core/credential';
import type { HostSignals } from '../core/network';
import type { Random } from '../core/random';
import type { Rounds } from '../core/rounds';
import type { RungFacts, RungOpener } from '../core/rung';
import type { Governor } from './governor';
import type { Step } from './machine';
import type { RungMemory } from './memory';
import type { MachineEvent } from './model';
import type { PortalWatch } from './portals';
import type { Timing } from './timing';

/** How one source's connection behaves. */
export interface ConnectionOptions {
  readonly pinned: number | null;
  readonly paused: boolean;
  /**
   * Whether two sessions may deliver side by side during a promotion: the feed has sequence numbers or unique ids.
   * Without, a better rung is reached by breaking first.
   */
  readonly overlap: boolean;
  /** Heartbeat the protocol promises, ms; null when none is. */
  readonly heartbeatMs: number | null;
  /** Close codes 4000–4999 after which this feed is not asked again by itself. */
  readonly stopCodes?: readonly number[];
  /** What the feed's close codes mean, as its recipe says. */
  readonly closes?: Recipe['closes'];
  /** The feed ends a connection on purpose at about this age, ms; null: at none. */
  readonly plannedEndMs?: number | null;
  /** The ladder is a guess: several ways of asking one address, of which not all need to exist. */
  readonly guessed?: boolean;
  readonly timing?: Partial<Timing>;
}

/** What a connection stands on. Governor, memory, portal watch and ticks are shared by all sources of the application. */
export interface ConnectionDeps {
  /** Source id: takes turns with the others in the governor. */
  readonly id: string;
  /** The ladder, best first; at least one. */
  readonly rungs: readonly RungFacts[];
  readonly clock: Clock;
  readonly random: Random;
  readonly opener: RungOpener;
  readonly governor: Governor;
  readonly memory: RungMemory;
  readonly portals: PortalWatch;
  /** Rounds of `tickMs`. */
  readonly ticks: Rounds;
  readonly host: HostSignals;
  readonly credential: CredentialPort | null;
  readonly options: ConnectionOptions;
  /** Everything the machine is told, as plain data, in order, and what it made of it: a log of it can be played again. */
  readonly onStep?: (event: MachineEvent, step: Step) => void;
}
