import type { Clock } from '../../engine/core/clock';
import { type GatewaySupervisor, gatewayHost } from '../gateway/supervisor';
import type { Log } from '../log';
import type { SettingsStore } from '../settings/settings';
import type { SourceDesk } from './source-desk';

export interface ThisMachineDeps {
  readonly clock: Clock;
  readonly gateway: GatewaySupervisor;
  readonly settings: SettingsStore;
  readonly sources: SourceDesk;
  readonly log: Log;
}

/** The source is shown after this long even when its gateway does not come up, ms; until it does, nothing is dialled. */
const patienceMs = 3000;

/**
 * Starts the built-in gateway and keeps the source *This machine* pointed at it: added when it listens, moved when it
 * had to take another port. Returns what ends that.
 */
export function keepThisMachine({ clock, gateway, settings, sources, log }: ThisMachineDeps): () => void {
  let inForce: number | null = null;
  let queue = Promise.resolve();
  let ended = false;

  const point = () => {
    queue = queue.then(async () => {
      const port = gateway.port();
      if (ended || port === null || port === inForce) return;
      inForce = port;
      await sources.setThisMachine(`http://${gatewayHost}:${port}/v1/host`);
      if (settings.current().gatewayPort !== port) {
        await settings.change((before) => ({ ...before, gatewayPort: port }));
      }
    });
    queue = queue.catch((error: unknown) => log.warn(`This machine could not be set up: ${String(error)}`));
  };

  const unsubscribe = gateway.onChange(() => {
    if (gateway.running()) point();
  });
  const impatience = clock.after(patienceMs, point);
  // Rejects only when the application closes before the gateway listened.
  gateway.start().catch(() => {});

  return () => {
    ended = true;
    unsubscribe();
    impatience.cancel();
  };
}
