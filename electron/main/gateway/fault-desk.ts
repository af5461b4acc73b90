import { type FaultChange, type FaultState, noFaults } from '../../../shared/faults';
import { createListeners } from '../../engine/core/listeners';
import type { FaultFeed } from '../../engine/relay/relay';
import type { GatewaySupervisor } from './supervisor';

/** The demo panel's other end: what is broken on purpose just now, and breaking more. */
export interface FaultDesk extends FaultFeed {
  /** Resolves when the change is in force (a killed gateway is gone, a started one listens). */
  change(change: FaultChange): Promise<FaultState>;
}

/** See `FaultDesk`. Settings outlive the gateway's process. */
export function createFaultDesk(gateway: GatewaySupervisor): FaultDesk {
  const listeners = createListeners<[]>();
  let settings = noFaults;

  const { tell } = listeners;
  const state = (): FaultState => ({ settings, running: gateway.running() });

  gateway.onChange(tell);

  const act = async (action: NonNullable<FaultChange['action']>): Promise<void> => {
    switch (action) {
      case 'drop-connections':
        gateway.dropConnections();
        return;
      case 'restart-new-epoch':
        gateway.restartWithNewEpoch();
        return;
      case 'kill':
        await gateway.hold();
        return;
      case 'start':
        await gateway.release();
        return;
    }
  };

  return {
    state,
    onChange: listeners.subscribe,
    async change(change) {
      if (change.settings) {
        settings = { ...settings, ...definedOnly(change.settings) };
        gateway.setFaults(settings);
      }
      if (change.action) await act(change.action);
      tell();
      return state();
    },
  };
}

/** Partial settings without the members that are present and undefined. */
function definedOnly(partial: NonNullable<FaultChange['settings']>): Partial<FaultState['settings']> {
  return Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined));
}
