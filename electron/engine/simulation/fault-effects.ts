import type { Fault, FaultKind } from './scenario';
import { clearWeather, type Weather } from './weather';

/** What a fault that lasts does to the weather. Faults that happen at once, or hit something else, are not here. */
const effects: Partial<Record<FaultKind, (weather: Weather, size: number) => void>> = {
  refuse: (weather) => {
    weather.refuse = true;
  },
  'black-hole': (weather) => {
    weather.blackHole = true;
  },
  'slow-handshake': (weather, size) => {
    weather.handshakeMs = size * 120;
  },
  'close-after-101': (weather, size) => {
    weather.cutAfterOpenMs = 100 + size * 4;
  },
  drip: (weather) => {
    weather.drip = true;
  },
  jam: (weather) => {
    weather.jam = true;
  },
  'answer-401': (weather) => {
    weather.answer = { status: 401, headers: [] };
  },
  'answer-403': (weather) => {
    weather.answer = { status: 403, headers: [] };
  },
  'answer-404': (weather) => {
    weather.answer = { status: 404, headers: [] };
  },
  'answer-429': (weather, size) => {
    weather.answer = { status: 429, headers: [['retry-after', String(size % 40)]] };
  },
  'answer-503': (weather, size) => {
    weather.answer = { status: 503, headers: size % 2 ? [['retry-after', String(size % 30)]] : [] };
  },
  'answer-204': (weather) => {
    weather.upgrade = { kind: 'refuse', status: 403 };
    weather.answer = { status: 204, headers: [] };
  },
  'upgrade-refused': (weather, size) => {
    weather.upgrade = size % 3 === 0 ? { kind: 'swallow' } : { kind: 'refuse', status: size % 2 ? 403 : 502 };
  },
  'upgrade-refused-host-down': (weather) => {
    weather.upgrade = { kind: 'refuse', status: 502 };
    weather.answer = { status: 502, headers: [] };
  },
  'proxy-blocks-sse': (weather) => {
    weather.upgrade = { kind: 'refuse', status: 403 };
    weather.sse = 'refuse';
  },
  'proxy-buffers': (weather) => {
    weather.upgrade = { kind: 'refuse', status: 403 };
    weather.sse = 'buffer';
  },
  'proxy-cuts-holds': (weather, size) => {
    weather.upgrade = { kind: 'refuse', status: 403 };
    weather.sse = 'refuse';
    weather.cutHoldMs = 1000 + size * 50;
  },
  'captive-portal': (weather) => {
    weather.captive = true;
  },
  offline: (weather) => {
    weather.refuse = true;
  },
};

/** Kinds that begin with open connections being cut, as the real thing would; otherwise nobody notices. */
const cutting: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'refuse',
  'slow-handshake',
  'close-after-101',
  'answer-401',
  'answer-403',
  'answer-404',
  'answer-429',
  'answer-503',
  'answer-204',
  'upgrade-refused',
  'upgrade-refused-host-down',
  'proxy-blocks-sse',
  'proxy-buffers',
  'proxy-cuts-holds',
  'captive-portal',
  'offline',
]);

/** Kinds that hit every host: they are about this machine or its network. */
const everywhere: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'captive-portal',
  'offline',
  'sleep',
  'clock-back',
  'clock-forward',
  'late-timers',
  'network-change',
]);

export function cutsConnections(kind: FaultKind): boolean {
  return cutting.has(kind);
}

/** Which of the two hosts a fault hits. */
export function targetsOf(fault: Fault): readonly (0 | 1)[] {
  return fault.target === 'both' || everywhere.has(fault.kind) ? [0, 1] : [fault.target];
}

/** Sets the weather of a host to what the faults now in force make of it. */
export function applyWeather(weather: Weather, active: Iterable<Fault>): void {
  Object.assign(weather, clearWeather());
  for (const fault of active) effects[fault.kind]?.(weather, fault.size);
}
