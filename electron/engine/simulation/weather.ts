import type { NetworkFailure } from '../core/network';

/**
 * What a fake host's network is like right now. The simulation changes it while connections are open;
 * everything takes effect for the next byte, as it would on a wire.
 */
export interface Weather {
  /** One-way delay of each delivery, ms, uniform between the two. */
  latencyMs: readonly [number, number];
  /** New connections get ECONNREFUSED. */
  refuse: boolean;
  /** New connections fail so, below HTTP: a name, a route, TLS, a proxy. */
  failure: NetworkFailure | null;
  /** Nothing passes in either direction. TCP keeps it and delivers when the hole closes, unless someone gave up. */
  blackHole: boolean;
  /** Extra delay before the answer's head or the 101. */
  handshakeMs: number;
  /** What a middlebox does to WebSocket upgrades. `refuse` answers with this status; `mute` lets nothing through behind it. */
  upgrade:
    | { readonly kind: 'pass' }
    | { readonly kind: 'mute' }
    | { readonly kind: 'refuse'; readonly status: number }
    | { readonly kind: 'swallow' };
  /** A middlebox resets WebSockets this long after the 101, before any frame. */
  cutAfterOpenMs: number | null;
  /** What a middlebox does to SSE. `buffer`: holds bytes back until 4 KB or the end. */
  sse: 'pass' | 'refuse' | 'buffer';
  /** Held answers are cut by the proxy after this long, ms. */
  cutHoldMs: number | null;
  /** Bodies and messages arrive one byte at a time. */
  drip: boolean;
  /** A portal answers every request with an HTML page. */
  captive: boolean;
  /** Every request is answered with this status instead of by the server. */
  answer: {
    readonly status: number;
    readonly headers: readonly (readonly [string, string])[];
    readonly body?: string;
  } | null;
  /** What we send is never taken by the kernel: the queue grows, nothing is flushed. */
  jam: boolean;
}

/** A clear day. */
export function clearWeather(): Weather {
  return {
    latencyMs: [5, 20],
    refuse: false,
    failure: null,
    blackHole: false,
    handshakeMs: 0,
    upgrade: { kind: 'pass' },
    cutAfterOpenMs: null,
    sse: 'pass',
    cutHoldMs: null,
    drip: false,
    captive: false,
    answer: null,
    jam: false,
  };
}
