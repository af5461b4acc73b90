import type { Clock } from '../core/clock';
import type { CredentialPort, RefreshResult } from '../core/credential';
import type { HostSignal, HostSignals, HttpRequest } from '../core/network';
import type { FakeNetwork } from './fake-network';

/** Signals of a machine that is told what happens to it. */
export interface FakeHostSignals extends HostSignals {
  emit(signal: HostSignal): void;
  listeners(): number;
  /** The process that listened is gone. */
  forget(): void;
}

export function createFakeHostSignals(): FakeHostSignals {
  const listeners = new Set<(signal: HostSignal) => void>();
  let network = 'net-0';
  let online = true;
  return {
    network: () => network,
    online: () => online,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit(signal) {
      if (signal.kind === 'network-changed') network = signal.network;
      if (signal.kind === 'offline') online = false;
      if (signal.kind === 'online') online = true;
      for (const listener of [...listeners]) listener(signal);
    },
    listeners: () => listeners.size,
    forget: () => listeners.clear(),
  };
}

/** A bearer token that its owner can renew. */
export interface FakeCredential extends CredentialPort {
  /** The same network, for whoever has the token. */
  dress(network: Pick<FakeNetwork, 'http' | 'socket'>): Pick<FakeNetwork, 'http' | 'socket'>;
  /** A person enters a fresh one. */
  renew(): void;
  /** The process that listened is gone. */
  forget(): void;
}

/** Refreshing takes 50 ms and fetches whatever token the server wants at that moment. */
export function createFakeCredential(clock: Clock, wanted: () => string | null): FakeCredential {
  const listeners = new Set<() => void>();
  let token = wanted();
  const dressed = <Request extends { readonly headers: HttpRequest['headers'] }>(request: Request): Request =>
    token === null ? request : { ...request, headers: [...request.headers, ['authorization', `Bearer ${token}`]] };
  return {
    dress: ({ http, socket }) => ({
      http: { request: (request, sink) => http.request(dressed(request), sink) },
      socket: { open: (request, sink) => socket.open(dressed(request), sink) },
    }),
    refresh: () =>
      new Promise<RefreshResult>((resolve) => {
        clock.after(50, () => {
          token = wanted();
          resolve({ kind: 'refreshed' });
        });
      }),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    renew() {
      token = wanted();
      for (const listener of [...listeners]) listener();
    },
    forget: () => listeners.clear(),
  };
}
