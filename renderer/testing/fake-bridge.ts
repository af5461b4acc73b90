import type { Transition } from '../../shared/connection';
import type { CommandResult } from '../../shared/errors';
import type { EventRow } from '../../shared/event';
import { type FaultState, noFaults } from '../../shared/faults';
import type { Gap } from '../../shared/gap';
import type { Bridge, CommandAnswer, CommandArgs, CommandName, Interest, Update, UpdateBatch } from '../../shared/ipc';
import type { Bucket, SeriesName, StateSpan } from '../../shared/meters';
import { createFakeAlerts } from './fake-alerts';
import { type SceneName, sceneSources, wave } from './scenes';

const machineSeries: readonly SeriesName[] = [
  'value:cpu.percent',
  'value:cpu.userPercent',
  'value:cpu.systemPercent',
  'value:cpu.cores.0',
  'value:cpu.cores.1',
  'value:cpu.load1',
  'value:cpu.load5',
  'value:cpu.load15',
  'value:memory.usedBytes',
  'value:memory.swapUsedBytes',
  'value:memory.totalBytes',
  'value:network.rxBytesPerSecond',
  'value:network.txBytesPerSecond',
  'value:disk.readBytesPerSecond',
  'value:disk.writeBytesPerSecond',
  'value:processes.count',
];

const sizes: readonly (readonly [RegExp, number])[] = [
  [/percent|cores/i, 60],
  [/usedBytes/, 9e9],
  [/totalBytes/, 1.6e10],
  [/PerSecond/, 4e6],
  [/load/, 2],
  [/^value:processes/, 240],
  [/roundTripMs/, 140],
  [/lagMs/, 320],
  [/^events$/, 40],
];

/** The bucket of a series in one second; a number repeated for any given time. */
function bucketAt(series: SeriesName, start: number, seconds: number): Bucket | null {
  const second = Math.floor(start / 1000);
  if (series === 'roundTripMs' && seconds === 1 && second % 15 !== 0) return null;
  if (series === 'reconnects' || series === 'lost' || series === 'repeated') {
    const sum = second % (series === 'reconnects' ? 190 : 610) < seconds ? 1 : 0;
    return sum === 0 ? null : { start, count: 1, sum, min: 1, max: 1, last: 1 };
  }
  const size = sizes.find(([pattern]) => pattern.test(series))?.[1] ?? 100;
  const value = wave(series.length, second / Math.max(1, seconds)) * size;
  const count = series === 'events' ? Math.round(value) * seconds : seconds;
  const sum = series === 'events' ? Math.round(value) * seconds : value * count;
  return { start, count, sum, min: value * 0.8, max: value * 1.25, last: value };
}

const outage = { from: 150_000, to: 118_000 };
const away = { from: 90_000, to: 70_000 };

function spansAt(now: number): readonly StateSpan[] {
  const span = (from: number, to: number | null, state: StateSpan['state'], text: string): StateSpan => ({
    start: now - from,
    end: to === null ? null : now - to,
    state,
    rung: 0,
    text,
    since: now - (state === 'waiting' ? outage.from : from),
  });
  return [
    span(90_000_000, outage.from, 'live', 'Connected.'),
    span(outage.from, outage.from - 3_000, 'connecting', 'Connecting again.'),
    span(outage.from - 3_000, outage.to, 'waiting', 'The proxy answered 403.'),
    span(outage.to, away.from, 'degraded', 'Connected by SSE.'),
    span(away.from, away.to, 'offline', 'No network.'),
    span(away.to, null, 'degraded', 'Connected by long-poll.'),
  ];
}

function isHole(started: number, at: number): boolean {
  const ago = started - at;
  return (ago < outage.from && ago > outage.to) || (ago < away.from && ago > away.to);
}

const kinds = ['payment.settled', 'payment.created', 'payment.failed', 'refund.created'] as const;

function eventAt(ordinal: number, at: number): EventRow {
  const type = kinds[ordinal % kinds.length] ?? 'payment.settled';
  const bodies = [
    `{"id":"pay_7Qk${ordinal}","amount":127.0,"currency":"EUR","ref":1688888483063664642,"lines":[{"sku":"A-1","qty":2},{"sku":"B-9","qty":1,"note":"thin\\u2009space"}],"paid":true,"coupon":null}`,
    `{"id":"pay_7Qk${ordinal}","amount":18.40,"currency":"EUR"}`,
    'hello \u0000 \u001b[31mred\u001b[0m \u202eevil',
    `{"id":"pay_7Qj${ordinal}","code":"card_declined","__proto__":{"x":1}}`,
  ];
  const body = bodies[ordinal % bodies.length] ?? '';
  return {
    ordinal,
    stream: 'eu',
    epoch: 'k3',
    seq: 88_000 + ordinal,
    id: null,
    type,
    sentAt: at - 90 - (ordinal % 30),
    receivedAt: at,
    body,
    encoding: 'text',
    bytes: ordinal % 50 === 9 ? 3_000_000 : new TextEncoder().encode(body).length,
    late: false,
  };
}

/** The event a page of history ends with; live ones follow. */
const head = 5_000;

function gapsAt(now: number): readonly Gap[] {
  const gap = (id: string, from: number, to: number, status: Gap['status'], cause: Gap['cause']): Gap => ({
    id,
    stream: 'eu',
    epoch: 'k3',
    from: 88_000 + from,
    to: 88_000 + to,
    status,
    cause,
    openedAt: now - 60_000,
    closedAt: status === 'open' ? null : now - 58_000,
  });
  return [
    gap('a', head - 12, head - 9, 'filled', 'missed'),
    gap('b', head - 40, head - 33, 'lost', 'retention'),
    gap('c', head - 5, head - 5, 'open', 'missed'),
  ];
}

function isInGap(ordinal: number): boolean {
  return (ordinal >= head - 40 && ordinal <= head - 33) || ordinal === head - 5;
}

function transitionsAt(now: number): readonly Transition[] {
  const connecting = { kind: 'connecting', rung: 0, attempt: 1 } as const;
  const waiting = { kind: 'waiting', until: now, attempt: 2, cause: 'source-added' } as const;
  const live = { kind: 'live', rung: 2, since: now - 70_000, resync: 'current', candidate: null } as const;
  const step = (from: Transition['from'], to: Transition['to'], ago: number, text: string): Transition => ({
    from,
    to,
    at: now - ago,
    code: 'source-added',
    text,
    transport: 'websocket',
    evidence: [
      { kind: 'http', status: 403, headers: [['server', 'squid/5.7']], bodyStart: 'Access denied' },
      { kind: 'timer', name: 'heartbeat deadline', afterMs: 5_000, lastByteAgoMs: 20_120 },
    ],
  });
  return [
    step({ kind: 'idle', cause: 'new' }, connecting, 9_000_000, 'The source was added.'),
    step(connecting, waiting, 150_000, 'The proxy answered 403 to the upgrade.'),
    step(waiting, connecting, 120_000, 'The wait is over.'),
    step(connecting, live, 118_000, 'Connected by long-poll.'),
  ];
}

/** A bridge with a made-up main behind it. `broken` refuses to attach. */
export function createFakeBridge(scene: SceneName): Bridge {
  const started = Date.now();
  const listeners = new Set<(batch: UpdateBatch) => void>();
  let interest: Interest | null = null;
  let batch = 0;
  let ordinal = head;
  let faults: FaultState = { settings: noFaults, running: true };

  const send = (updates: readonly Update[]): void => {
    batch += 1;
    for (const listener of listeners) listener({ generation: 1, batch, revision: batch, now: Date.now(), updates });
  };
  const alerts = createFakeAlerts(started, scene === 'empty' ? null : scene === 'many' ? 250 : 8, (update) =>
    send([update]),
  );
  const sources = (full: boolean): Update => {
    const views = sceneSources(scene, started).map((view) => {
      const passed = Date.now() - started;
      const fresh = view.badge === 'live' || view.badge === 'degraded' || view.badge === 'catching-up';
      const waiting = view.state.kind === 'waiting' && view.state.until < Date.now();
      const state =
        waiting && view.state.kind === 'waiting' ? { ...view.state, until: Date.now() + 7_000 } : view.state;
      const move = (at: number | null): number | null => (at === null || !fresh ? at : at + passed);
      return {
        ...view,
        state,
        lastByteAt: move(view.lastByteAt),
        lastEventAt: move(view.lastEventAt),
        lastHeartbeatAt: move(view.lastHeartbeatAt),
      };
    });
    return { kind: 'sources', full, sources: views, removed: [] };
  };
  const tick = (): void => {
    const now = Date.now();
    const updates: Update[] = [sources(false)];
    const source = interest?.source ?? null;
    if (source !== null && interest !== null) {
      const start = Math.floor(now / 1000) * 1000 - 1000;
      const points = (interest.series as SeriesName[]).flatMap((series) => {
        const bucket = bucketAt(series, start, 1);
        return bucket === null ? [] : [{ series, seconds: 1 as const, bucket }];
      });
      updates.push({ kind: 'points', source, points });
      if (interest.tail) {
        const rows = Array.from({ length: 3 }, (_, index) => eventAt(++ordinal, now - (2 - index) * 40));
        if (ordinal % 60 < 3) ordinal += 40;
        updates.push({ kind: 'events', source, rows, skipped: 0, upTo: ordinal });
      }
    }
    send(updates);
  };
  window.setInterval(tick, 1000);

  const answers: { [Name in CommandName]?: (args: never) => unknown } = {
    'window.interest': (args: Interest) => {
      interest = args;
      return null;
    },
    'events.page': ({ from, direction, limit, text }: CommandArgs<'events.page'>) => {
      const numbers = Array.from({ length: limit }, (_, index) =>
        direction === 'before' ? (from ?? ordinal + 1) - limit + index : (from ?? 0) + 1 + index,
      ).filter((number) => number > 0 && number <= ordinal && !isInGap(number));
      const rows = numbers.map((number) => eventAt(number, started - (head - number) * 330));
      const found = rows.filter(({ body, type }) => `${body}${type}`.includes(text ?? ''));
      return { rows: found, gaps: from === null ? gapsAt(started) : [], more: (numbers[0] ?? 0) > 1 };
    },
    'events.body': ({ offset }: CommandArgs<'events.body'>) => ({
      text: offset === 0 ? `{"long":"${'x'.repeat(20_000)}"}` : '',
      total: 20_011,
    }),
    'history.series': ({ series, from, to, points }: CommandArgs<'history.series'>) => {
      const seconds = [1, 3, 10, 60, 300].find((width) => (to - from) / 1000 / width <= points) ?? 300;
      return series.map((name) => {
        const buckets: Bucket[] = [];
        for (let at = Math.ceil(from / seconds / 1000) * seconds * 1000; at < to; at += seconds * 1000) {
          const bucket = isHole(started, at) ? null : bucketAt(name as SeriesName, at, seconds);
          if (bucket !== null) buckets.push(bucket);
        }
        return { series: name, seconds, buckets };
      });
    },
    'history.states': () => spansAt(started),
    'history.transitions': () => transitionsAt(started),
    'history.names': () => ['events', 'lagMs', ...machineSeries],
    'state.refresh': () => ({ ok: true, text: 'The snapshot of eu gave 4 of 4 types their state.' }),
    'state.read': () => ({
      rows: [1, 2, 3, 4].map((number) => ({
        ...eventAt(number, Date.now() - number * 1700),
        ordinal: number === 2 ? null : number,
      })),
      refused: 0,
      offered: true,
    }),
    'frames.recent': () => ({
      rows: Array.from({ length: 200 }, (_, index) => {
        const { body, bytes, receivedAt } = eventAt(index + 1, Date.now() - (200 - index) * 40);
        return { number: index + 1, receivedAt, bytes, encoding: 'text', data: body, event: null, id: null };
      }),
      evicted: 12_345,
    }),
    ...alerts.answers,
    'recipes.list': () => [],
    'recipes.messages': () => [],
    'secrets.state': () => ({ storage: 'none', stored: [], run: [] }),
    'sources.test': ({ part }: CommandArgs<'sources.test'>) => ({
      ok: part !== 'tls',
      text: part === 'tls' ? 'The certificate of the host cannot be trusted.' : 'The host answers without a proxy.',
      certificate: null,
    }),
    'faults.read': () => faults,
    'faults.change': ({ settings, action }: CommandArgs<'faults.change'>) => {
      faults = {
        settings: {
          ...faults.settings,
          ...(JSON.parse(JSON.stringify(settings ?? {})) as Partial<FaultState['settings']>),
        },
        running: action === 'kill' ? false : action === 'start' ? true : faults.running,
      };
      return faults;
    },
  };

  const attach = (): CommandResult<unknown> => {
    if (scene === 'broken')
      return { ok: false, error: { kind: 'failed', message: 'Main did not answer: channel closed.' } };
    queueMicrotask(() => {
      send([sources(true), alerts.full()]);
      if (scene === 'journal')
        send([
          {
            kind: 'journal',
            journal: {
              kind: 'paused',
              since: started - 240_000,
              text: 'The disk is full (0 B left of 40 GiB). Events are shown but not kept; they are fetched again once there is room.',
            },
          },
        ]);
    });
    const app = {
      version: '0.1.0',
      electron: '25.1.1',
      node: '18.15.0',
      chrome: '114.0.5735.16',
      platform: 'linux x64',
      demo: true,
      notices: [],
    };
    return { ok: true, value: { generation: 1, app } };
  };

  return {
    call: async <Name extends CommandName>(name: Name, args: CommandArgs<Name>) => {
      const refused = name === 'sources.add' && !URL.canParse((args as CommandArgs<'sources.add'>).url);
      const result: CommandResult<unknown> =
        name === 'window.attach'
          ? attach()
          : refused
            ? {
                ok: false,
                error: {
                  kind: 'invalid',
                  errors: [
                    {
                      field: 'url',
                      message: 'This is not an address.',
                      fix: 'Write it whole, as in https://host/path.',
                    },
                  ],
                },
              }
            : { ok: true, value: answers[name]?.(args as never) ?? null };
      return structuredClone(result) as CommandResult<CommandAnswer<Name>>;
    },
    onUpdates: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
