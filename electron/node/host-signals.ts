import { networkInterfaces } from 'node:os';
import type { Clock, Timer } from '../engine/core/clock';
import { createListeners, type Report } from '../engine/core/listeners';
import type { HostSignal, HostSignals } from '../engine/core/network';
import { hasNetwork, networkName } from './network-name';

/** How often the interfaces are looked at, ms. */
const lookEveryMs = 2000;

export interface HostSignalDeps {
  readonly clock: Clock;
  /** The system's own opinion of being online; interfaces decide where there is none. */
  readonly online?: () => boolean;
  readonly interfaces?: typeof networkInterfaces;
  /** Where errors of listeners go. */
  readonly report?: Report;
}

/** Host signals that can be told more (sleep, wake) by whoever hears of it, and that end. */
export interface HostSignalSource extends HostSignals {
  tell(signal: HostSignal): void;
  /** Looks now instead of at the next turn. */
  look(): void;
  close(): void;
}

/** Watches this machine's interfaces and tells of changes. Without listeners nothing but one timer runs. */
export function createHostSignals(deps: HostSignalDeps): HostSignalSource {
  const interfaces = deps.interfaces ?? networkInterfaces;
  const listeners = createListeners<[HostSignal]>(deps.report);
  const isOnline = deps.online ?? (() => hasNetwork(interfaces()));
  let network = networkName(interfaces());
  let online = isOnline();
  let timer: Timer | null = null;
  let closed = false;

  const { tell } = listeners;

  const look = () => {
    const nowNetwork = networkName(interfaces());
    const nowOnline = isOnline();
    const networkChanged = nowNetwork !== network;
    const onlineChanged = nowOnline !== online;
    network = nowNetwork;
    online = nowOnline;
    if (onlineChanged) tell({ kind: online ? 'online' : 'offline' });
    if (networkChanged) tell({ kind: 'network-changed', network });
  };

  const turn = () => {
    look();
    if (!closed) timer = deps.clock.after(lookEveryMs, turn);
  };
  timer = deps.clock.after(lookEveryMs, turn);

  return {
    network: () => network,
    online: () => online,
    subscribe: listeners.subscribe,
    tell,
    look,
    close() {
      closed = true;
      timer?.cancel();
      listeners.clear();
    },
  };
}
