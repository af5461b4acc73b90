import { createContext, useContext, useEffect, useSyncExternalStore } from 'react';
import { createStore, type StoreApi, useStore } from 'zustand';
import type { CommandError } from '../../shared/errors';
import type { EventRow } from '../../shared/event';
import type { Bridge, CommandAnswer, CommandArgs, CommandName, Interest, Update } from '../../shared/ipc';
import type { SourceView } from '../../shared/view';
import { startSession } from '../bridge/session';
import { createWindowClock, type WindowClock } from './clock';
import { LivePoints } from './points';
import { parseRoute, type Route } from './route';
import { applyUpdates, initialState, type WindowState } from './state';
import type { Tail } from './tail';

/** Something a person should read once: why a command was not carried out. */
export interface Notice {
  readonly id: number;
  readonly text: string;
}

/** Newest rows kept for a list that opens: the journal may not have them yet. */
const recentRows = 500;

/** The event list on screen, which live rows go to, and the last rows heard. */
export interface OpenTail {
  current: { readonly source: string; readonly tail: Tail } | null;
  recent: { readonly source: string; readonly rows: readonly EventRow[] };
}

/** Everything a view may use. One per window, made before React starts. */
export interface Services {
  readonly bridge: Bridge;
  readonly clock: WindowClock;
  readonly store: StoreApi<WindowState>;
  readonly notices: StoreApi<{ readonly notices: readonly Notice[] }>;
  readonly points: LivePoints;
  readonly tail: OpenTail;
  /** Sends a command; a refusal becomes a notice and null. */
  call<Name extends CommandName>(name: Name, args: CommandArgs<Name>): Promise<CommandAnswer<Name> | null>;
  notify(text: string): void;
  dismiss(id: number): void;
}

/** Starts the window's session with main. */
export function createServices(bridge: Bridge): Services {
  const clock = createWindowClock();
  const store = createStore<WindowState>(() => initialState);
  const notices = createStore<{ readonly notices: readonly Notice[] }>(() => ({ notices: [] }));
  const points = new LivePoints();
  const tail: OpenTail = { current: null, recent: { source: '', rows: [] } };
  let nextNotice = 1;

  const toLists = (update: Update): void => {
    if (update.kind === 'points') points.add(update);
    if (update.kind === 'events') {
      const known = tail.recent.source === update.source ? tail.recent.rows : [];
      tail.recent = { source: update.source, rows: [...known, ...update.rows].slice(-recentRows) };
      if (tail.current?.source === update.source) tail.current.tail.add(update.rows, update.upTo);
    }
    if (update.kind === 'gaps' && tail.current?.source === update.source) tail.current.tail.gaps(update.gaps);
  };
  const notify = (text: string): void => {
    const known = notices.getState().notices.filter((notice) => notice.text !== text);
    notices.setState({ notices: [...known, { id: nextNotice++, text }].slice(-4) });
  };

  startSession({
    bridge,
    now: Date.now,
    sink: {
      attached: (generation, app) => {
        store.setState({ phase: { kind: 'attached', generation, app } });
        for (const notice of app.notices) notify(notice);
      },
      failed: (message) => store.setState({ phase: { kind: 'failed', message } }),
      clock: clock.setOffset,
      updates: (updates) => {
        for (const update of updates) toLists(update);
        store.setState((state) => applyUpdates(state, updates));
      },
    },
  });

  return {
    bridge,
    clock,
    store,
    notices,
    points,
    tail,
    notify,
    dismiss: (id) => notices.setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) })),
    call: async (name, args) => {
      try {
        const result = await bridge.call(name, args);
        if (result.ok) return result.value;
        notify(errorText(result.error));
      } catch (error) {
        notify(error instanceof Error ? error.message : String(error));
      }
      return null;
    },
  };
}

/** A refusal in one line. */
export function errorText(error: CommandError): string {
  if (error.kind !== 'invalid') return error.message;
  return error.errors.map(({ message, fix }) => `${message} ${fix}`.trim()).join(' ');
}

/** Carries the services to the views. */
export const ServicesContext = createContext<Services | null>(null);

/** The services; views live below their provider. */
export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error('No ServicesContext above this component.');
  return services;
}

/** Selects from what main has told this window. */
export function useWindow<Value>(select: (state: WindowState) => Value): Value {
  return useStore(useServices().store, select);
}

/** One source, or undefined once it is gone. */
export function useSource(id: string): SourceView | undefined {
  return useWindow((state) => state.sources.get(id));
}

/** Main's time, epoch ms, renewed twice a second while the window is seen. */
export function useNow(): number {
  const { clock } = useServices();
  return useSyncExternalStore(clock.subscribe, clock.tick, clock.tick);
}

/**
 * What main's time reads as, such as an age in words. The view renders when that reads differently and not at every tick:
 * with many sources on screen most ticks change nothing that anybody sees.
 */
export function useReading(read: (now: number) => string): string {
  const { clock } = useServices();
  const reading = (): string => read(clock.tick());
  return useSyncExternalStore(clock.subscribe, reading, reading);
}

const subscribeRoute = (listener: () => void): (() => void) => {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
};

/** What the window shows; changes with the address's fragment. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribeRoute, () => window.location.hash));
}

/** Tells main what this window looks at, once per change and per generation. */
export function useInterest({ source, tail, series }: Omit<Interest, 'generation'>): void {
  const { call } = useServices();
  const generation = useWindow(({ phase }) => (phase.kind === 'attached' ? phase.generation : null));
  const names = series.join('\n');
  useEffect(() => {
    if (generation === null) return;
    void call('window.interest', { generation, source, tail, series: names === '' ? [] : names.split('\n') });
  }, [call, generation, source, tail, names]);
}
