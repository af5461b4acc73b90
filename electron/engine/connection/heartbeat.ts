import { earliest, later, type MonotonicMs, never } from '../core/clock';
import type { RungFacts } from '../core/rung';
import { type Failure, failureOf, tenths } from './failure';
import type { Timing } from './timing';

/** How one open session's life is watched. Life is bytes read from the socket; events are not asked for. */
export type Heart =
  /** WebSocket: a ping each interval; it measures the round trip too. */
  | {
      readonly kind: 'ping';
      readonly lastByteAt: MonotonicMs;
      readonly nextAt: MonotonicMs;
      readonly ping: Ping | null;
    }
  /** SSE and long-poll: bytes must come within a limit, where there is one. */
  | { readonly kind: 'listen'; readonly lastByteAt: MonotonicMs }
  /** Poll: answers must come. */
  | {
      readonly kind: 'answers';
      readonly lastByteAt: MonotonicMs;
      readonly lastAnswerAt: MonotonicMs;
      readonly intervalMs: number;
    }
  /** We hold the socket back: nothing can be said. `since`: when the clock was stopped. `pings`: how it stood then. */
  | {
      readonly kind: 'held';
      readonly lastByteAt: MonotonicMs;
      readonly since: MonotonicMs;
      readonly pings: { readonly nextAt: MonotonicMs; readonly ping: Ping } | null;
    };

interface Ping {
  readonly sentAt: MonotonicMs;
  /** Bytes read when it was sent: any more is an answer. */
  readonly bytes: number;
  readonly queued: number;
  /** Since when the send queue has not moved. */
  readonly stuckSince: MonotonicMs;
  readonly flushed: boolean;
  /** The answer is due; null until the ping has left, or the queue has stood still for one interval. */
  readonly deadline: MonotonicMs | null;
}

export interface HeartContext {
  readonly facts: RungFacts;
  readonly timing: Timing;
  /** Promised or learnt heartbeat, ms; null when unknown. */
  readonly cadenceMs: number | null;
  readonly pingMs: number;
}

/** What looking at a heart came to. */
export type HeartVerdict =
  | { readonly kind: 'fine'; readonly heart: Heart }
  | { readonly kind: 'ping'; readonly heart: Heart }
  | { readonly kind: 'dead'; readonly failure: Failure };

interface Reading {
  readonly at: MonotonicMs;
  readonly bytesRead: number;
  readonly bytesQueued: number;
  readonly lastByteAt: MonotonicMs;
}

/** The heart of a session that just opened. */
export function startHeart(at: MonotonicMs, context: HeartContext, lastByteAt = at): Heart {
  switch (context.facts.transport) {
    case 'websocket':
      return { kind: 'ping', lastByteAt, nextAt: later(at, context.pingMs), ping: null };
    case 'sse':
    case 'long-poll':
    case 'tcp':
      return { kind: 'listen', lastByteAt };
    case 'poll':
      return { kind: 'answers', lastByteAt, lastAnswerAt: at, intervalMs: context.facts.pollIntervalMs };
  }
}

/** The heart of a session whose socket we hold back from now on: its clock stands still. */
export function holdHeart(at: MonotonicMs, heart: Pick<Heart, 'lastByteAt'> | Heart): Heart {
  const pings = 'kind' in heart && heart.kind === 'ping' && heart.ping ? { ...heart, ping: heart.ping } : null;
  return { kind: 'held', lastByteAt: heart.lastByteAt, since: at, pings };
}

/** We let it go: the clock goes on where it stood. A ping that is not answered stays owed; else one is sent at once. */
export function letGo(heart: Heart, at: MonotonicMs, bytesRead: number, context: HeartContext): Heart {
  const stoodMs = heart.kind === 'held' ? at - heart.since : 0;
  const fresh = startHeart(at, context, later(heart.lastByteAt, stoodMs));
  const pings = heart.kind === 'held' ? heart.pings : null;
  if (fresh.kind !== 'ping' || pings === null || bytesRead > pings.ping.bytes) return pingSoon(fresh, at);
  const { stuckSince, deadline } = pings.ping;
  const ping: Ping = {
    ...pings.ping,
    stuckSince: later(stuckSince, stoodMs),
    deadline: deadline === null ? null : later(deadline, stoodMs),
  };
  return { ...fresh, nextAt: later(pings.nextAt, stoodMs), ping };
}

/** Silence on an SSE stream that is taken for death, given its heartbeat's cadence, ms. */
export function silenceLimit(cadenceMs: number, timing: Timing): number {
  return 2 * cadenceMs + timing.pongMs;
}

/** How long this heart may be silent, ms; null where silence proves nothing. */
function limitOf(heart: Heart, { facts, timing, cadenceMs }: HeartContext): number | null {
  switch (heart.kind) {
    case 'listen':
      // A held answer is due when the hold ends. Bytes within the hold are life but not counted on: a proxy that
      // buffers swallows them, and long-poll is what is left behind such a proxy.
      // A server that promises a sign of life holds until it is due, however long we ask it to.
      if (facts.transport === 'long-poll') return Math.max(facts.holdMs, cadenceMs ?? 0) + timing.requestTimeoutMs;
      return cadenceMs === null ? null : silenceLimit(cadenceMs, timing);
    case 'answers':
      return 2 * heart.intervalMs + timing.requestTimeoutMs;
    case 'ping':
    case 'held':
      return null;
  }
}

/** Monotonic ms of the next moment this heart must be looked at; Infinity when never. */
export function nextBeat(heart: Heart, context: HeartContext): MonotonicMs {
  const limit = limitOf(heart, context);
  switch (heart.kind) {
    case 'ping':
      return earliest(heart.nextAt, heart.ping?.deadline ?? never);
    case 'listen':
      return limit === null ? never : later(heart.lastByteAt, limit);
    case 'answers':
      return limit === null ? never : later(heart.lastAnswerAt, limit);
    case 'held':
      return never;
  }
}

/** Looks at a heart: is it alive, is a ping due, is it dead. */
export function beat(heart: Heart, now: Reading, context: HeartContext): HeartVerdict {
  switch (heart.kind) {
    case 'held':
      return { kind: 'fine', heart };
    case 'ping':
      return beatPing({ ...heart, lastByteAt: now.lastByteAt }, now, context);
    case 'listen': {
      const limit = limitOf(heart, context);
      const silent = now.at - now.lastByteAt;
      if (limit === null || silent < limit) return { kind: 'fine', heart: { ...heart, lastByteAt: now.lastByteAt } };
      return { kind: 'dead', failure: silence(silent, context) };
    }
    case 'answers': {
      const silent = now.at - heart.lastAnswerAt;
      const fresh = { ...heart, lastByteAt: now.lastByteAt };
      if (silent < (limitOf(heart, context) ?? Number.POSITIVE_INFINITY)) return { kind: 'fine', heart: fresh };
      const failure = failureOf('silence', 'poll-overdue', { seconds: tenths(silent) }, [
        { kind: 'timer', name: 'poll answer', afterMs: silent, lastByteAgoMs: now.at - now.lastByteAt },
      ]);
      return { kind: 'dead', failure };
    }
  }
}

function silence(silentMs: number, { facts, cadenceMs }: HeartContext): Failure {
  const held = facts.transport === 'long-poll';
  const values = { seconds: tenths(silentMs), cadence: tenths(cadenceMs ?? 0) };
  return failureOf('silence', held ? 'hold-overdue' : 'silence-too-long', values, [
    { kind: 'timer', name: held ? 'held answer' : 'heartbeat watchdog', afterMs: silentMs, lastByteAgoMs: silentMs },
  ]);
}

type PingHeart = Extract<Heart, { kind: 'ping' }>;

function beatPing(heart: PingHeart, now: Reading, context: HeartContext): HeartVerdict {
  let ping = heart.ping;
  if (ping && now.bytesRead > ping.bytes) {
    // Any inbound byte is an answer; what has not left yet stays watched from here.
    ping = ping.flushed ? null : { ...ping, bytes: now.bytesRead, deadline: null, stuckSince: now.at };
  }
  if (ping) {
    if (now.bytesQueued < ping.queued) ping = { ...ping, queued: now.bytesQueued, stuckSince: now.at };
    if (ping.deadline !== null && now.at >= ping.deadline) return dead(ping, now);
    if (!ping.flushed && ping.deadline === null && now.at - ping.stuckSince >= context.pingMs) {
      ping = { ...ping, deadline: later(now.at, context.timing.pongMs) };
    }
  }
  if (now.at < heart.nextAt) return { kind: 'fine', heart: { ...heart, ping } };
  const nextAt = later(now.at, context.pingMs);
  if (ping) return { kind: 'fine', heart: { ...heart, ping, nextAt } };
  return { kind: 'ping', heart: { ...heart, nextAt, ping: newPing(now) } };
}

function newPing(now: Reading): Ping {
  return {
    sentAt: now.at,
    bytes: now.bytesRead,
    queued: now.bytesQueued,
    stuckSince: now.at,
    flushed: false,
    deadline: null,
  };
}

function dead(ping: Ping, now: Reading): HeartVerdict {
  const silent = now.at - now.lastByteAt;
  const code = ping.flushed ? 'heartbeat-missed' : 'send-queue-stuck';
  const failure = failureOf('silence', code, { seconds: tenths(now.at - ping.sentAt) }, [
    { kind: 'timer', name: 'pong', afterMs: now.at - ping.sentAt, lastByteAgoMs: silent },
  ]);
  return { kind: 'dead', failure };
}

/** The ping has left: its answer is due within the deadline. */
export function flushed(heart: Heart, at: MonotonicMs, timing: Timing): Heart {
  if (heart.kind !== 'ping' || !heart.ping || heart.ping.flushed) return heart;
  return { ...heart, ping: { ...heart.ping, flushed: true, deadline: later(at, timing.pongMs) } };
}

/** Asks for a ping as soon as possible, to test whether the connection still lives. False where there is no ping. */
export function pingSoon(heart: Heart, at: MonotonicMs): Heart {
  return heart.kind === 'ping' && !heart.ping ? { ...heart, nextAt: at } : heart;
}

/** A poll was answered; a server may have asked for a longer interval. */
export function answered(heart: Heart, at: MonotonicMs): Heart {
  return heart.kind === 'answers' ? { ...heart, lastAnswerAt: at, lastByteAt: at } : heart;
}

/** So long we asked for nothing, ms: no answer is overdue for that. */
export function excused(heart: Heart, ms: number, at: MonotonicMs): Heart {
  if (heart.kind !== 'answers') return heart;
  return { ...heart, lastAnswerAt: earliest(at, later(heart.lastAnswerAt, ms)) };
}

/** The server asks for at least this interval between polls. */
export function slowed(heart: Heart, ms: number, facts: RungFacts): Heart {
  return heart.kind === 'answers' ? { ...heart, intervalMs: Math.max(facts.pollIntervalMs, ms) } : heart;
}
