import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Appended, Backplane, Draft } from './backplane/backplane';
import { createMemoryBackplane } from './backplane/memory';
import { type GatewayOptions, resolveConfig, streamName } from './config';
import { createHubs, type Hub } from './delivery/hub';
import { plainOutlets } from './delivery/outlets';
import { createRoster } from './delivery/roster';
import { createDemo } from './demo/demo';
import { type GatewayFaults, noDemo } from './demo/faults';
import { badStreamName, closingNow, otherEpoch, RefusedError } from './errors';
import { createHostFeed } from './feeds/host';
import { createRateLimit } from './limits';
import { createListener } from './listener';
import { createEventFile } from './log/event-file';
import { lockFolder } from './log/folder-lock';
import { draftOf } from './publication';
import type { Counters, RouteContext } from './routes/context';

export type { GatewayOptions } from './config';
export type { GatewayFaults } from './demo/faults';

const hostStream = 'host';
/** About half an hour of This machine. */
const hostFileBytes = 4 * 1024 * 1024;

/** What is published by the process that runs the gateway. */
export interface Publication {
  readonly type: string;
  /** Any JSON value. */
  readonly data: unknown;
  readonly id?: string;
  readonly key?: string;
}

export interface GatewayStats extends Readonly<Counters> {
  readonly clients: { readonly websocket: number; readonly sse: number; readonly longPoll: number };
}

export interface Gateway {
  /**
   * Begins to listen; rejects when the port cannot be had (`EADDRINUSE`, `EACCES` …), or with a FolderTakenError when
   * another gateway uses the state folder.
   */
  listen(): Promise<{ readonly port: number; readonly url: string }>;
  /** Says goodbye to everyone, finishes what is in flight and closes. Resolves within 2 s. */
  close(): Promise<void>;
  /** @throws RefusedError when the event is malformed or the stream's name is; `stream-limit`, `full` */
  publish(stream: string, event: Publication): Promise<Appended>;
  readonly faults: GatewayFaults;
  /** Whether somebody looks at This machine: only then its processes are listed (they cost most). */
  setWatched(watched: boolean): void;
  stats(): GatewayStats;
}

/**
 * Makes a gateway: one event log over WebSocket, SSE, long-poll and poll (docs/protocol.md).
 * @throws GatewayConfigError
 */
export function createGateway(options: GatewayOptions = {}): Gateway {
  const config = resolveConfig(options);
  const log = options.log ?? (() => undefined);
  const now = () => performance.now();
  const trouble = (message: string) => log({ level: 'warn', message });
  const backplane: Backplane =
    options.backplane ??
    createMemoryBackplane({
      retention: config.retention,
      report: (error) => report(error),
      storeOf: (stream) =>
        stream === hostStream && config.feed === 'host' && config.stateDir !== null
          ? createEventFile({
              path: join(config.stateDir, 'host.jsonl'),
              stream,
              maxBytes: hostFileBytes,
              onTrouble: trouble,
            })
          : null,
    });
  const report = (error: unknown) =>
    log({ level: 'error', message: `Something failed here: ${error instanceof Error ? error.stack : String(error)}` });
  let closing = false;
  const demo = config.demo
    ? createDemo({
        bodyBytes: config.limits.bodyBytes,
        log,
        report,
        isClosing: () => closing,
        restart: () => backplane.restart(),
        listen: () => listener.listen(),
        stopListening: () => listener.stopListening(),
      })
    : null;
  const ownRoster = createRoster({
    heartbeatMs: config.heartbeatMs,
    reconnectsPerSecond: config.reconnectsPerSecond,
    now,
    report,
  });
  const roster = demo?.roster(ownRoster) ?? ownRoster;
  const rate = createRateLimit(config.limits.publishPerSecond, config.limits.publishBurst, now);
  const counters: Counters = { published: 0, cut: 0, refused: 0 };
  const readOnly = new Set<string>(config.feed === 'host' ? [hostStream] : []);
  const hubs = createHubs(demo?.followed(backplane) ?? backplane, report);

  async function requireRoom(): Promise<void> {
    if ((await backplane.count()) < config.limits.streams) return;
    throw new RefusedError({
      kind: 'stream-limit',
      field: 'stream',
      message: `This gateway holds ${config.limits.streams} streams and no more.`,
      fix: 'Use an existing stream.',
    });
  }

  async function requireSpace(draft: Draft): Promise<void> {
    const { totalBytes } = config.limits;
    if ((await backplane.heldBytes()) + Buffer.byteLength(draft.data) <= totalBytes) return;
    throw new RefusedError({
      kind: 'full',
      message: `All streams together hold ${totalBytes} bytes and no more.`,
      fix: 'Publish later, when old events have been let go, or have the gateway keep fewer of them or hold more.',
      retryAfter: 60,
    });
  }

  async function hubOf(stream: string, returning: boolean): Promise<Hub> {
    if ((await backplane.info(stream)) !== null) return hubs.open(stream);
    throw new RefusedError({
      kind: returning ? 'not-yet' : 'no-stream',
      field: 'stream',
      message: `There is no stream called "${stream}"${returning ? ' yet' : ''}.`,
      fix: 'Check the name, publish to it first, or start the gateway with it.',
      // It was there before the gateway forgot it: whoever publishes makes it anew.
      ...(returning ? { retryAfter: 5 } : {}),
    });
  }

  const context: RouteContext = {
    config,
    backplane,
    roster,
    outlets: demo?.outlets ?? plainOutlets,
    instance: `g-${randomBytes(4).toString('hex')}`,
    now,
    log,
    report,
    counters,
    isClosing: () => closing,
    hub: hubOf,
    async publish(stream, draft) {
      if (closing) throw closingNow();
      if (readOnly.has(stream)) {
        throw new RefusedError({
          kind: 'read-only',
          field: 'stream',
          message: `"${stream}" belongs to a feed.`,
          fix: 'Publish to another stream.',
        });
      }
      const wait = rate.take();
      if (wait > 0) {
        throw new RefusedError({
          kind: 'rate',
          message: 'Too many events are being published.',
          fix: 'Publish more slowly.',
          retryAfter: wait,
        });
      }
      return append(stream, draft);
    },
  };

  async function append(stream: string, draft: Draft): Promise<Appended> {
    // Before the stream is made: what is refused makes none.
    if (!streamName.test(stream)) throw badStreamName();
    await requireSpace(draft);
    if (draft.onlyIn !== undefined && (await backplane.info(stream)) === null) throw otherEpoch();
    if ((await backplane.info(stream)) === null) await requireRoom();
    await hubs.open(stream);
    const [appended] = await backplane.append(stream, [draft]);
    if (appended === undefined) throw new Error('The backplane did not answer for the event.');
    if (!appended.repeated) counters.published += 1;
    return appended;
  }

  const listener = createListener(context, demo?.door ?? null);
  const feed =
    config.feed === 'host'
      ? createHostFeed({ append: (drafts) => backplane.append(hostStream, drafts), onTrouble: trouble })
      : null;

  let unlock: (() => void) | null = null;
  const keeps = config.feed === 'host' && config.stateDir !== null && options.backplane === undefined;

  return {
    async listen() {
      if (keeps && config.stateDir !== null) unlock ??= await lockFolder(config.stateDir);
      for (const stream of [...readOnly, ...config.streams]) await hubs.open(stream);
      const { port } = await listener.listen();
      feed?.start();
      const host = config.host.includes(':') ? `[${config.host}]` : config.host;
      return { port, url: `http://${host}:${port}` };
    },
    async close() {
      if (closing) return listener.closed();
      closing = true;
      demo?.close();
      const stopped = feed?.stop();
      roster.each((client) => client.goodbye('shutdown'));
      await listener.close();
      await stopped;
      hubs.close();
      await backplane.close();
      unlock?.();
      unlock = null;
    },
    async publish(stream, event) {
      return append(stream, draftOf(event, null));
    },
    faults: demo?.faults ?? noDemo,
    setWatched: (watched) => feed?.setWatched(watched),
    stats: () => ({
      ...counters,
      clients: { websocket: roster.count('websocket'), sse: roster.count('sse'), longPoll: roster.count('long-poll') },
    }),
  };
}
