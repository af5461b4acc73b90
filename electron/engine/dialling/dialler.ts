import type { Socket } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { Clock } from '../core/clock';
import type { NetworkFailure } from '../core/network';
import { type Dial, DialFailure, type Dialled, type DialTarget, failureOf, type Via } from './dial';
import { direct, nameOfHop, type ProxyHop } from './hop';
import { type DialProfile, plainTls } from './profile';
import { talkTo } from './proxy-talk';
import { unreachableProxy } from './proxy-words';
import { openSocks4, openSocks5 } from './socks';
import { connectTcp, type TcpConnection } from './tcp';
import { secure, towardsProxy, towardsStrangers } from './tls';
import { createTrust, type Trust } from './trust';
import { basicOf, openTunnel } from './tunnel';

const straight: DialProfile = {
  route: async () => [direct],
  tls: () => plainTls,
  connectTo: null,
  http2: false,
};

/** A connection that carries bytes to the target, before TLS with it. */
interface Way {
  readonly tcp: TcpConnection;
  /** What is spoken on: the TCP connection, or TLS with the proxy. */
  readonly socket: Socket;
  readonly via: Via | null;
  readonly proxyMs: number | null;
}

export interface DiallerDeps {
  readonly clock: Clock;
  readonly profile?: DialProfile;
  /** To be shared by all sources; the bundled roots where there is none. */
  readonly trust?: Trust;
}

/** The one dialler of a source: whatever its profile says holds for all four transports alike. */
export function createDialler(deps: DiallerDeps): Dial {
  const { clock, profile: own = straight, trust = createTrust(() => rootCertificates) } = deps;
  return async (target, signal) => {
    const profile = target.elsewhere ? forStrangers(own) : own;
    const way = await firstWay(target, profile, trust, clock, signal);
    const { dnsMs, tcpMs } = way.tcp;
    const raw = way.tcp.socket;
    // Counted below TLS: a large record that drips in is life long before it can be deciphered.
    const bytesRead = growing(() => raw.bytesRead);
    const timings = { dnsMs, tcpMs, proxyMs: way.proxyMs, tlsMs: null, answerMs: null };
    const done = (dialled: Dialled): Dialled => {
      profile.onDialled?.({ proxy: way.via?.proxy ?? null, certificate: dialled.certificate });
      return dialled;
    };
    if (!target.secure) return done({ socket: way.socket, timings, via: way.via, certificate: null, bytesRead });
    const startedAt = clock.now();
    const protocols = offered(target.use, profile.http2);
    const { socket, certificate } = await withSocket(way.socket, async () =>
      secure(way.socket, { host: target.host, profile: profile.tls(), trust, protocols }, signal),
    );
    return done({
      socket,
      timings: { ...timings, tlsMs: clock.now() - startedAt },
      via: way.via,
      certificate,
      bytesRead,
    });
  };
}

/** Protocols of HTTP that a handshake offers, best first; none where another one is spoken: a broker may refuse what it does not know. */
function offered(use: DialTarget['use'], http2: boolean): readonly string[] {
  switch (use) {
    case 'http':
      return http2 ? ['h2', 'http/1.1'] : ['http/1.1'];
    case 'http1':
    case 'websocket':
      return ['http/1.1'];
    case 'stream':
      return [];
  }
}

/** What of a profile holds for an origin that only a redirect named: the way there, and whom everyone here trusts. */
function forStrangers(profile: DialProfile): DialProfile {
  return { ...profile, connectTo: null, tls: () => towardsStrangers(profile.tls()) };
}

/** The first way that exists. A proxy that cannot be reached gives way to the next; what a proxy says is final. */
async function firstWay(
  target: DialTarget,
  profile: DialProfile,
  trust: Trust,
  clock: Clock,
  signal: AbortSignal,
): Promise<Way> {
  const hops = await profile.route(target);
  signal.throwIfAborted();
  let problem: unknown = null;
  for (const hop of hops.length === 0 ? [direct] : hops) {
    try {
      if (hop.kind !== 'direct') return await throughProxy(hop, target, profile, trust, clock, signal);
      const { host, port } = profile.connectTo ?? target;
      const tcp = await connectTcp(host, port, clock, signal);
      return { tcp, socket: tcp.socket, via: null, proxyMs: null };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof DialFailure) || !isUnreachable(error.failure)) throw error;
      problem ??= error;
    }
  }
  throw problem;
}

/** Nobody was there to say anything. */
function isUnreachable({ phase, proxy, code }: NetworkFailure): boolean {
  return phase === 'dns' || phase === 'tcp' || (proxy !== null && proxy.status === null && !/^PROXY_/.test(code));
}

async function throughProxy(
  hop: ProxyHop,
  target: DialTarget,
  profile: DialProfile,
  trust: Trust,
  clock: Clock,
  signal: AbortSignal,
): Promise<Way> {
  const proxy = nameOfHop(hop);
  const tcp = await connectTcp(hop.host, hop.port, clock, signal).catch((error: unknown) => {
    signal.throwIfAborted();
    throw unreachableProxy(proxy, failureOf(error, 'tcp', 'ECONNREFUSED'));
  });
  const startedAt = clock.now();
  const socket = hop.kind === 'https' ? await secureProxy(tcp.socket, hop, profile, trust, signal) : tcp.socket;
  const readsRequests = hop.kind === 'http' || hop.kind === 'https';
  const asks = target.use === 'http' || target.use === 'http1';
  if (readsRequests && asks && !target.secure && !profile.connectTo) {
    const absolute = { authorization: hop.login ? basicOf(hop.login) : null };
    const proxyMs = hop.kind === 'https' ? clock.now() - startedAt : null;
    return { tcp, socket, via: { proxy, absolute }, proxyMs };
  }
  const { host, port } = profile.connectTo ?? target;
  await talkTo(socket, proxy, { clock, signal }, (talk) => {
    if (hop.kind === 'socks5') return openSocks5(talk, hop, { host, port });
    if (hop.kind === 'socks4') return openSocks4(talk, hop, { host, port });
    return openTunnel(talk, { host, port, proxy, login: hop.login });
  });
  return { tcp, socket, via: { proxy, absolute: null }, proxyMs: clock.now() - startedAt };
}

async function secureProxy(
  raw: Socket,
  hop: ProxyHop,
  profile: DialProfile,
  trust: Trust,
  signal: AbortSignal,
): Promise<Socket> {
  try {
    const wish = { host: hop.host, profile: towardsProxy(profile.tls()), trust, protocols: ['http/1.1'] };
    return (await withSocket(raw, async () => secure(raw, wish, signal))).socket;
  } catch (error) {
    signal.throwIfAborted();
    throw unreachableProxy(nameOfHop(hop), failureOf(error, 'tls', 'TLS_FAILED'));
  }
}

/** A socket does not outlive the failure of what was to be made of it. */
async function withSocket<Made>(socket: Socket, make: () => Promise<Made>): Promise<Made> {
  try {
    return await make();
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw error;
  }
}

/** A closed socket may forget what it has read; life never goes back. */
function growing(read: () => number): () => number {
  let most = 0;
  return () => {
    most = Math.max(most, read());
    return most;
  };
}
