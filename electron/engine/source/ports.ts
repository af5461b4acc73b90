import { defaultReach, type ProxyConfig, type Reach, type TlsConfig } from '../../../shared/reach';
import type { SourceConfig } from '../../../shared/source';
import type { WayView } from '../../../shared/view';
import { type Clock, deadline } from '../core/clock';
import { type CredentialPort, concealed, type Dress, noDress } from '../core/credential';
import type { Report } from '../core/listeners';
import type { HttpPort, SocketPort, StreamPort } from '../core/network';
import type { Random } from '../core/random';
import type { SecretReader } from '../core/secrets';
import { createAccounts } from '../credentials/accounts';
import { conceal } from '../credentials/conceal';
import { createFeedConcealer } from '../credentials/conceal-feed';
import { createCredential } from '../credentials/credential';
import type { RunCommand } from '../credentials/providers';
import { createCookieJar } from '../dialling/cookie-jar';
import { type Dial, DialFailure, type DialTarget, failureOf, hostPort } from '../dialling/dial';
import { createDialler } from '../dialling/dialler';
import type { ResolveProxy } from '../dialling/environment';
import { direct, type Hop, hopOf, hopsOf, type ProxyLogin } from '../dialling/hop';
import { createHttpPort } from '../dialling/http-port';
import { type DialProfile, plainRequests, type RequestProfile, type TlsProfile } from '../dialling/profile';
import { proxyFailure } from '../dialling/proxy-words';
import { createSocketPort } from '../dialling/socket-port';
import { createStreamPort } from '../dialling/stream-port';
import { createTrust, unusableClient } from '../dialling/trust';

/** One source's own ports: its proxy, its TLS, its credential, the same for every transport. */
export interface SourcePorts {
  readonly http: HttpPort;
  readonly socket: SocketPort;
  readonly stream: StreamPort;
  readonly credential: CredentialPort | null;
  /** How the last connection came about; null before the first. */
  way(): WayView | null;
  /** Ends every connection, timer and listener of the source. */
  close(): void;
}

export interface SourcePortsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly secrets: SecretReader;
  /** What the system says; asked with an http(s) URL for every kind of address. */
  readonly resolveProxy: ResolveProxy;
  /** PEM of the roots that everyone trusts. */
  readonly roots: () => readonly string[];
  readonly run: RunCommand;
  /** Nothing is dialled before it resolves; without it nothing waits. */
  readonly begin?: Promise<void>;
  /** Where errors of listeners go. */
  readonly report?: Report;
}

/** Makes ports by a source's profile. What can be shared is: TLS contexts, and tokens of one account. */
export function createSourcePorts(deps: SourcePortsDeps): (config: SourceConfig) => SourcePorts {
  const { clock, random, secrets, run } = deps;
  const trust = createTrust(deps.roots);

  function dialler(reach: Reach, onDialled?: DialProfile['onDialled'], onRoute?: (hops: readonly Hop[]) => void) {
    const profile: DialProfile = {
      async route(target) {
        await deps.begin;
        const hops = await routeOf(reach.proxy, target, deps);
        onRoute?.(hops);
        return hops;
      },
      tls: () => tlsOf(reach.tls, secrets),
      connectTo: placeOf(reach.connectTo),
      http2: reach.http2,
      ...(onDialled ? { onDialled } : {}),
    };
    return createDialler({ clock, profile, trust });
  }

  const accounts = createAccounts({
    clock,
    random,
    secrets,
    run,
    // The account's server is another host than the feed's: what names the feed's does not hold for it.
    httpFor: (reach) => {
      const tls = { ...reach.tls, serverName: '', fingerprint: '' };
      return createHttpPort({ dial: dialler({ ...reach, tls, connectTo: '' }), clock, profile: plainRequests });
    },
  });

  return (config) => {
    const reach = config.reach ?? defaultReach;
    let way: WayView | null = null;
    /** A proxy of the system may have its login in its address: nobody else knows that one. */
    const proxyLogins = new Set<string>();
    const credential = createCredential(
      { ...config, reach },
      { secrets, accounts, proxyLogins: () => [...proxyLogins], ...(deps.report ? { report: deps.report } : {}) },
    );
    const dial = dialler(
      reach,
      (facts) => {
        way = facts;
      },
      (hops) => {
        for (const hop of hops) {
          if (hop.kind === 'direct' || hop.login === null || proxyLogins.size > mostProxyLogins) continue;
          proxyLogins.add(`${hop.login.user}:${hop.login.password}`).add(hop.login.password);
        }
      },
    );
    const profile: RequestProfile = {
      dress: credential.dresser,
      headers: reach.headers,
      subprotocols: reach.subprotocols,
      onSubprotocol(chosen) {
        if (way) way = { ...way, subprotocol: concealed(chosen, credential.port) };
      },
      compression: reach.compression,
      jar: reach.cookies ? createCookieJar(() => clock.wall()) : null,
    };
    const http = createHttpPort({ dial, clock, profile });
    return {
      http,
      socket: createSocketPort({ dial, clock, profile }),
      stream: createStreamPort({ dial, clock, profile }),
      credential: credential.port,
      way: () => way,
      close() {
        http.close();
        credential.close();
        profile.jar?.clear();
      },
    };
  };
}

/**
 * Ports to the gateway that this application started: the shortest way, with its token of this run. `listens`: whether
 * its process has said that it listens there, and is there still. Nothing else is dialled: whoever took the port that it
 * had before would be shown the token.
 */
export function createBuiltInPorts(
  clock: Clock,
  token: string,
  listens: (place: Pick<DialTarget, 'host' | 'port'>) => boolean,
): SourcePorts {
  const straight = createDialler({ clock });
  const dial: Dial = async (target, signal) => {
    if (listens(target)) return straight(target, signal);
    const why = `the built-in gateway does not listen on ${hostPort(target.host, target.port)}`;
    throw new DialFailure(failureOf(new Error(why), 'tcp', 'ECONNREFUSED'));
  };
  const dress: Dress = { ...noDress, headers: [['authorization', `Bearer ${token}`]] };
  const profile: RequestProfile = { ...plainRequests, dress: async () => dress };
  const http = createHttpPort({ dial, clock, profile });
  const feed = createFeedConcealer([token]);
  return {
    http,
    socket: createSocketPort({ dial, clock, profile }),
    stream: createStreamPort({ dial, clock, profile }),
    // Whoever took its port is shown the token: nothing of it comes back.
    credential: {
      conceal: (text) => conceal(text, [token]),
      concealFeed: () => feed,
      refresh: async () => ({ kind: 'nothing-to-refresh' }),
      onChange: () => () => {},
    },
    way: () => null,
    close: http.close,
  };
}

/** Logins of proxies that are remembered to be struck out: a system has one or two. */
const mostProxyLogins = 20;

async function routeOf(config: ProxyConfig, target: DialTarget, deps: SourcePortsDeps): Promise<readonly Hop[]> {
  switch (config.kind) {
    case 'direct':
      return [direct];
    case 'system': {
      // Of the address only what decides: scripts from elsewhere need not know the rest.
      const url = `http${target.secure ? 's' : ''}://${hostPort(target.host, target.port)}/`;
      const answer = await askSystem(url, deps);
      const plain = hopsOf(answer);
      // A password that is missing matters only where a proxy would be shown it.
      return plain.every(({ kind }) => kind === 'direct') ? plain : hopsOf(answer, loginOf(config, deps.secrets));
    }
    case 'manual': {
      const hop = hopOf(config.url, loginOf(config, deps.secrets));
      return hop ? [hop] : [direct];
    }
  }
}

/** How long the system (a PAC script, perhaps from elsewhere) may take to say which proxy to use, ms. */
const systemPatienceMs = 5000;

function askSystem(url: string, { clock, resolveProxy }: SourcePortsDeps): Promise<string> {
  return new Promise((fulfil, reject) => {
    const fail = (why: string) => reject(new DialFailure(proxyFailure('of the system', 'PROXY_UNKNOWN', why)));
    const timer = deadline(clock, systemPatienceMs, () => {
      fail(`the system did not say within ${systemPatienceMs / 1000} s which proxy to use`);
    });
    resolveProxy(url).then(
      (answer) => {
        timer.cancel();
        fulfil(answer);
      },
      () => {
        timer.cancel();
        fail('the system could not say which proxy to use');
      },
    );
  });
}

function loginOf(
  { user, password }: Pick<Extract<ProxyConfig, { readonly kind: 'manual' }>, 'user' | 'password'>,
  secrets: SecretReader,
): ProxyLogin | null {
  if (user === '') return null;
  const value = password === null ? '' : secrets.read(password);
  if (value !== null) return { user, password: value };
  throw new DialFailure(proxyFailure('of this source', 'PROXY_AUTH_REQUIRED', `its password ${notStored}`));
}

const notStored = 'is not stored on this machine: enter it again';

function tlsOf(config: TlsConfig, secrets: SecretReader): TlsProfile {
  const read = (name: string | null) => {
    const value = name === null ? '' : secrets.read(name);
    if (value === null) throw new DialFailure(unusableClient(`the client certificate's secret ${notStored}`));
    return value;
  };
  const archive = read(config.pkcs12);
  return {
    ca: config.ca,
    certificate: config.certificate,
    key: read(config.key),
    archive: archive === '' ? null : Buffer.from(archive, 'base64'),
    passphrase: read(config.passphrase),
    fingerprint: config.fingerprint,
    serverName: config.serverName,
    minVersion: config.minVersion,
  };
}

function placeOf(text: string): DialProfile['connectTo'] {
  const colon = text.lastIndexOf(':');
  if (colon < 0) return null;
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}
