import type { NetworkFailure } from '../core/network';
import { type FaultKind, factsOf } from './fault-kinds';
import type { Fault } from './scenario';
import { clearWeather, type Weather } from './weather';

/** A failure below HTTP, as an operating system, a TLS library or a proxy would put it. */
function failing(phase: NetworkFailure['phase'], code: string, status?: number): (weather: Weather) => void {
  const message = `${code} (simulated)`;
  const proxy = status === undefined ? null : { address: 'http://proxy.example.test:3128', status, message };
  return (weather) => {
    weather.failure = { phase, code, message, certificate: null, proxy };
  };
}

function answering(status: number, body = '', ...headers: readonly (readonly [string, string])[]) {
  return (weather: Weather): void => {
    const type = body === '' ? [] : [['content-type', 'text/html'] as const];
    weather.answer = { status, headers: [...type, ...headers], body };
  };
}

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
  'dns-failed': failing('dns', 'ENOTFOUND'),
  'no-route': failing('tcp', 'EHOSTUNREACH'),
  'connect-timeout': failing('tcp', 'ETIMEDOUT'),
  'network-failed': failing('tcp', 'EADDRNOTAVAIL'),
  'tls-failed': failing('tls', 'ERR_SSL_WRONG_VERSION_NUMBER'),
  'certificate-invalid': failing('tls', 'CERT_HAS_EXPIRED'),
  'client-certificate': failing('tls', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
  'proxy-failed': failing('proxy', 'PROXY_REFUSED', 502),
  'proxy-auth': failing('proxy', 'PROXY_AUTH_REQUIRED', 407),
  'proxy-login': failing('proxy', 'PROXY_AUTH_UNSUPPORTED', 407),
  'answer-302': answering(302),
  'answer-400': answering(400),
  'answer-410': answering(410),
  'limit-used-up': (weather, size) =>
    answering(403, '', ['x-ratelimit-remaining', '0'], ['x-ratelimit-reset', String(size % 40)])(weather),
  'bot-check': answering(403, '<!doctype html><p>Are you human?</p>', ['cf-mitigated', 'challenge']),
  'answer-page': answering(200, '<!doctype html><html><body>Not here.</body></html>'),
  drip: (weather) => {
    weather.drip = true;
  },
  jam: (weather) => {
    weather.jam = true;
  },
  'answer-401': answering(401),
  'answer-403': answering(403),
  'answer-404': answering(404),
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
  'upgrade-mute': (weather) => {
    weather.upgrade = { kind: 'mute' };
  },
  'streams-refused': (weather) => {
    weather.sse = 'refuse';
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

/** Kinds of the way that leave open connections alone, or cut them in ways of their own. */
const notCutting: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'black-hole',
  'reset',
  'half-open',
  'truncate',
  'drip',
  'jam',
  'reserved-close',
  'broken-frame',
]);

/** Whether a fault begins with open connections being cut, as the real thing would; otherwise nobody notices. */
export function cutsConnections(kind: FaultKind): boolean {
  if (kind === 'captive-portal' || kind === 'offline') return true;
  return factsOf(kind).side === 'way' && !notCutting.has(kind);
}

/** Which of the two hosts a fault hits. */
export function targetsOf(fault: Fault): readonly (0 | 1)[] {
  const { side } = factsOf(fault.kind);
  return fault.target === 'both' || side === 'machine' || side === 'disk' ? [0, 1] : [fault.target];
}

/** Sets the weather of a host to what the faults now in force make of it. */
export function applyWeather(weather: Weather, active: Iterable<Fault>): void {
  Object.assign(weather, clearWeather());
  for (const fault of active) effects[fault.kind]?.(weather, fault.size);
}
