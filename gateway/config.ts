import { z } from 'zod';
import type { Backplane } from './backplane/backplane';
import { defaultRetention, type Retention } from './backplane/memory';
import { defaultLimits, type Limits } from './limits';

/** One line about the gateway's own doings. Never holds tokens or event bodies. */
export interface GatewayLogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
}

/** How a gateway is made; everything has a default. */
export interface GatewayOptions {
  /** TCP port; 0 takes a free one. Default 0. */
  readonly port?: number | undefined;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Bearer token that every request must carry. Default: none. */
  readonly token?: string | null | undefined;
  /** Allows faults. Default false. */
  readonly demo?: boolean | undefined;
  /** `host` publishes this machine's metrics as the stream `host`. Default `host`. */
  readonly feed?: 'host' | 'none' | undefined;
  /** Folder where the feed's last minutes are kept across restarts. Default: none, memory only. */
  readonly stateDir?: string | null | undefined;
  /** Streams that exist from the start. */
  readonly streams?: readonly string[] | undefined;
  /** Promise of some bytes at least this often, ms. Default 10,000. */
  readonly heartbeatMs?: number | undefined;
  /** What `X-Poll-Interval` asks of plain pollers, ms. Default 2,000. */
  readonly pollIntervalMs?: number | undefined;
  readonly retention?: Partial<Retention> | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** How many clients may come back per second after a loss; sizes `spreadMs`. Default 300. */
  readonly reconnectsPerSecond?: number | undefined;
  /** Origins of web pages that may use it, besides its own. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Where events live. Default: this process's memory. */
  readonly backplane?: Backplane | undefined;
  readonly log?: ((line: GatewayLogLine) => void) | undefined;
}

export interface GatewayConfig {
  readonly port: number;
  readonly host: string;
  readonly token: string | null;
  readonly demo: boolean;
  readonly feed: 'host' | 'none';
  readonly stateDir: string | null;
  readonly streams: readonly string[];
  readonly heartbeatMs: number;
  readonly pollIntervalMs: number;
  readonly retention: Retention;
  readonly limits: Limits;
  readonly reconnectsPerSecond: number;
  readonly allowedOrigins: readonly string[];
}

/** The names a stream may have. One or two dots are a step on a path, and no client would ever ask for them. */
export const streamName = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,64}$/;

/** A whole origin (RFC 6454 §6.2). `null` is what every page in a sandbox says it is, and `*` is none. */
const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s*]+$/i;

const count = (min: number, max: number) => z.number().int().min(min).max(max);
const day = 24 * 3_600_000;

const schema = z.object({
  port: count(0, 65_535).default(0),
  host: z.string().min(1).max(255).default('127.0.0.1'),
  token: z.string().min(1).max(4096).regex(/^\S+$/, 'must not contain white space').nullable().default(null),
  demo: z.boolean().default(false),
  feed: z.enum(['host', 'none']).default('host'),
  stateDir: z.string().min(1).nullable().default(null),
  streams: z.array(z.string().regex(streamName, 'must match [A-Za-z0-9._-]{1,64}')).max(1000).default([]),
  heartbeatMs: count(20, 600_000).default(10_000),
  pollIntervalMs: count(10, 3_600_000).default(2_000),
  reconnectsPerSecond: z.number().positive().max(1e6).default(300),
  allowedOrigins: z
    .array(
      z
        .string()
        .max(300)
        .regex(origin, 'must be an origin, as in https://wall.example')
        // As browsers write it.
        .transform((text) => text.toLowerCase()),
    )
    .default([]),
  retention: z
    .object({
      events: count(1, 1e7),
      bytes: count(1024, 8 * 1024 ** 3),
      ageMs: count(1, 365 * day),
      snapshotBytes: count(1024, 1024 ** 3),
    })
    .partial()
    .default({}),
  limits: z
    .object({
      bodyBytes: count(64, 64 * 1024 ** 2),
      answerEvents: count(1, 100_000),
      answerBytes: count(1024, 1024 ** 3),
      clients: count(1, 1e7),
      streams: count(1, 1e6),
      totalBytes: count(1024, 1024 ** 4),
      publishPerSecond: z.number().positive().max(1e9),
      publishBurst: z.number().min(1).max(1e9),
      queueBytes: count(1024, 1024 ** 3),
      slowMs: count(10, 3_600_000),
      requestMs: count(10, 3_600_000),
      connections: count(1, 1e7),
      strangers: count(1, 1e7),
    })
    .partial()
    .default({}),
});

/** An option that cannot be; `field` says which. */
export class GatewayConfigError extends Error {
  readonly field: string;
  readonly problem: string;

  constructor(field: string, problem: string) {
    super(`${field}: ${problem}`);
    this.name = 'GatewayConfigError';
    this.field = field;
    this.problem = problem;
  }
}

/**
 * Checks options and fills in defaults.
 * @throws GatewayConfigError
 */
export function resolveConfig({ backplane: _, log: __, ...options }: GatewayOptions): GatewayConfig {
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new GatewayConfigError(issue?.path.join('.') ?? 'options', issue?.message ?? 'is not valid');
  }
  const { retention, limits, ...rest } = parsed.data;
  const kept = { ...defaultRetention, ...defined(retention) };
  // Who keeps more of one stream means to.
  const totalBytes = Math.max(defaultLimits.totalBytes, 2 * kept.bytes);
  return { ...rest, retention: kept, limits: { ...defaultLimits, totalBytes, ...defined(limits) } };
}

/** Without members that are undefined, so that they do not hide a default. */
function defined<T extends object>(partial: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(partial).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
