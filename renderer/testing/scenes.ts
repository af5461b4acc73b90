import type { Badge, ConnectionState } from '../../shared/connection';
import type { Evidence } from '../../shared/evidence';
import type { RungConfig } from '../../shared/source';
import { httpTransports, type TransportKind } from '../../shared/transport';
import type { RungView, SourceView } from '../../shared/view';

/** The scenes the gallery can show. */
export const sceneNames = ['states', 'many', 'empty', 'broken', 'journal'] as const;

export type SceneName = (typeof sceneNames)[number];

const minute = 60_000;
const hour = 60 * minute;

interface Sketch {
  readonly id: string;
  readonly name: string;
  readonly badge: Badge;
  readonly state: ConnectionState;
  readonly rate: number;
  readonly roundTripMs: number | null;
  readonly eventAgoMs: number | null;
  readonly text: string;
  readonly advice?: string;
  readonly evidence?: readonly Evidence[];
  readonly blocked?: readonly (readonly [TransportKind, string, number])[];
  readonly only?: TransportKind;
}

const live = (rung: number, ago: number, now: number): ConnectionState => ({
  kind: 'live',
  rung,
  since: now - ago,
  resync: 'current',
  candidate: null,
});

function sketches(now: number): readonly Sketch[] {
  const common = { rate: 0, roundTripMs: null, eventAgoMs: null, text: 'Connected.' };
  return [
    {
      ...common,
      id: 'machine',
      name: 'This machine',
      badge: 'live',
      state: live(0, 14 * 24 * hour + 3 * hour, now),
      rate: 6,
      roundTripMs: 0.4,
      eventAgoMs: 300,
    },
    {
      ...common,
      id: 'orders',
      name: 'Orders · eu-west',
      badge: 'live',
      state: live(0, 6 * 24 * hour + 11 * hour, now),
      rate: 412,
      roundTripMs: 18,
      eventAgoMs: 100,
    },
    {
      ...common,
      id: 'build',
      name: 'Build status',
      badge: 'live',
      state: live(0, 48 * hour, now),
      rate: 0.3,
      eventAgoMs: 4_200,
      only: 'sse',
    },
    {
      ...common,
      id: 'payments',
      name: 'Payments · eu',
      badge: 'degraded',
      state: live(2, 41 * minute, now),
      rate: 38,
      roundTripMs: 121,
      eventAgoMs: 400,
      text: 'Connected by long-poll.',
      evidence: [
        {
          kind: 'http',
          status: 403,
          headers: [
            ['server', 'squid/5.7'],
            ['content-type', 'text/html'],
          ],
          bodyStart: '<html><body>Access denied</body></html>',
        },
        { kind: 'control', transport: 'sse', outcome: 'opened', detail: 'the next rung answered 200' },
        { kind: 'timings', phases: { dnsMs: 2, tcpMs: 11, proxyMs: 14, tlsMs: 24, answerMs: 31 } },
      ],
      blocked: [
        ['websocket', 'The proxy answered 403 to the upgrade.', 192_000],
        ['sse', 'Buffered: arrives in bursts of 4 KB.', 520_000],
      ],
    },
    {
      ...common,
      id: 'fleet',
      name: 'Fleet telemetry',
      badge: 'catching-up',
      rate: 9_840,
      roundTripMs: 44,
      state: { kind: 'live', rung: 0, since: now - 3_000, resync: 'catching-up', candidate: null },
      text: 'Back after 4 min 7 s.',
    },
    {
      ...common,
      id: 'chat',
      name: 'Chat presence',
      badge: 'waiting',
      eventAgoMs: 68_000,
      state: { kind: 'waiting', until: now + 7_200, attempt: 3, cause: 'source-added' },
      text: 'The server is restarting: close 1012, asked for 7 s.',
      evidence: [{ kind: 'close', code: 1012, reason: 'service restart', by: 'server' }],
    },
    {
      ...common,
      id: 'ledger',
      name: 'Ledger feed',
      badge: 'stopped',
      eventAgoMs: 26 * minute,
      state: { kind: 'stopped', cause: 'source-added', recheckAt: now + 9 * minute, rechecking: false },
      text: 'The certificate of ledger.test expired 3 days ago.',
      advice: 'Renew it, or trust this one certificate.',
      evidence: [
        {
          kind: 'tls',
          code: 'CERT_HAS_EXPIRED',
          message: 'certificate has expired',
          subject: 'CN=*.ledger.test',
          issuer: "CN=R11, O=Let's Encrypt",
          validTo: now - 72 * hour,
          fingerprint: 'A1:B2:C3',
        },
      ],
    },
    {
      ...common,
      id: 'warehouse',
      name: 'Warehouse 7',
      badge: 'offline',
      state: { kind: 'offline', cause: 'no-network' },
      eventAgoMs: 2 * hour + 4 * minute,
      text: 'No network.',
    },
    {
      ...common,
      id: 'unread',
      name: 'Unread counter',
      badge: 'live',
      state: live(0, 9 * 24 * hour + 2 * hour, now),
      rate: 0.03,
      roundTripMs: 62,
      eventAgoMs: 11_000,
      only: 'poll',
    },
    {
      ...common,
      id: 'audit',
      name: 'Audit trail \u202e live',
      badge: 'paused',
      state: { kind: 'idle', cause: 'paused' },
      eventAgoMs: 3 * hour,
      text: 'Paused by you.',
    },
    {
      ...common,
      id: 'weather',
      name: 'Weather stations',
      badge: 'connecting',
      state: { kind: 'connecting', rung: 0, attempt: 1 },
      text: 'Opening the WebSocket.',
    },
    {
      ...common,
      id: 'ticks',
      name: 'Market ticks',
      badge: 'throttled',
      state: live(0, 3 * hour, now),
      rate: 18_200,
      roundTripMs: 9,
      eventAgoMs: 20,
    },
    {
      ...common,
      id: 'sensors',
      name: 'Cold store sensors',
      badge: 'stale',
      state: live(0, 5 * hour, now),
      rate: 0,
      roundTripMs: 31,
      eventAgoMs: 94_000,
    },
    {
      ...common,
      id: 'alarm',
      name: 'Door alarm',
      badge: 'quiet',
      state: live(0, 30 * hour, now),
      rate: 0,
      eventAgoMs: 7 * hour,
      only: 'sse',
    },
  ];
}

function viewOf(sketch: Sketch, now: number): SourceView {
  const host = `https://${sketch.id}.test/v1/events`;
  const kinds = sketch.only === undefined ? httpTransports : [sketch.only];
  const ladder = kinds.map(
    (transport): RungConfig => ({
      transport,
      url: transport === 'websocket' ? host.replace('http', 'ws') : host,
      intervalSeconds: 30,
    }),
  );
  const current = sketch.state.kind === 'live' ? sketch.state.rung : -1;
  const rungs = ladder.map(({ transport, url }, index): RungView => {
    const block = sketch.blocked?.find(([kind]) => kind === transport);
    return {
      transport,
      url,
      status: index === current ? 'current' : block === undefined ? 'ready' : 'blocked',
      reason: block === undefined ? null : { code: 'source-added', text: block[1] },
      evidence: [],
      since: index === current ? now - 41 * minute : null,
      nextProbeAt: block === undefined ? null : now + block[2],
    };
  });
  return {
    id: sketch.id,
    config: {
      id: sketch.id,
      name: sketch.name,
      url: host,
      protocol: 'gateway',
      ladder,
      pinnedRung: null,
      paused: sketch.badge === 'paused',
      builtIn: sketch.id === 'machine',
    },
    state: sketch.state,
    badge: sketch.badge,
    since: now - 9 * minute,
    downSince: sketch.badge === 'waiting' || sketch.badge === 'stopped' ? now - (sketch.eventAgoMs ?? 0) : null,
    reason: { code: 'source-added', text: sketch.text },
    advice: sketch.advice ?? '',
    evidence: sketch.evidence ?? [],
    ladder: rungs,
    remembered: sketch.blocked !== undefined,
    numbering: 'contiguous',
    promise: 'Every event once, in order.',
    lastByteAt: sketch.eventAgoMs === null ? null : now - sketch.eventAgoMs,
    lastHeartbeatAt: sketch.eventAgoMs === null ? null : now - Math.min(8_000, sketch.eventAgoMs),
    lastEventAt: sketch.eventAgoMs === null ? null : now - sketch.eventAgoMs,
    roundTripMs: sketch.roundTripMs,
    eventsPerSecond: sketch.rate,
    spark: spark(sketch),
    counters: {
      delivered: 88_410 + sketch.rate * 1000,
      repeated: 0,
      late: 0,
      lost: 0,
      gapsOpen: 0,
      undecodable: 0,
      reconnects: 2,
      bytes: 1e7,
    },
    catchingUp: sketch.badge === 'catching-up' ? { fetched: 61_204, total: 98_310 } : null,
    notYetStored: 0,
  };
}

/** A repeatable wave, so that two screenshots of one scene are alike. */
export function wave(seed: number, index: number): number {
  const a = Math.sin(index * 0.31 + seed) + Math.sin(index * 0.87 + seed * 2.1) * 0.5;
  return Math.max(0, 0.5 + a * 0.22 + ((index * 7 + Math.floor(seed * 13)) % 17 === 0 ? 0.5 : 0));
}

function spark({ id, rate, badge }: Sketch): readonly (number | null)[] {
  const seed = id.length + id.charCodeAt(0) / 7;
  const down = ['waiting', 'stopped', 'offline', 'paused'].includes(badge) ? 18 : badge === 'connecting' ? 60 : 0;
  const size = rate === 0 ? (badge === 'stale' ? 0 : 20) : rate;
  return Array.from({ length: 60 }, (_, index) => (index >= 60 - down ? null : wave(seed, index) * size));
}

/** The sources of a scene, as main would describe them at that time. */
export function sceneSources(scene: SceneName, now: number): readonly SourceView[] {
  const all = sketches(now);
  switch (scene) {
    case 'states':
    case 'journal':
      return all.map((sketch) => viewOf(sketch, now));
    case 'empty':
    case 'broken':
      return [];
    case 'many':
      return Array.from({ length: 200 }, (_, index) => {
        const base = all[index < 14 ? index : index % 3] ?? all[0];
        if (base === undefined) throw new Error('No sketches.');
        return viewOf({ ...base, id: `${base.id}-${index}`, name: `${base.name} ${index + 1}` }, now);
      });
  }
}
