import { X509Certificate } from 'node:crypto';
import { proxyFromEnvironment } from '../../electron/engine/dialling/environment';
import type { HttpProxy } from '../../electron/engine/dialling/testing/http-proxy';
import type { SocksProxy } from '../../electron/engine/dialling/testing/socks-proxy';
import { feedName, type Login, type Squid, type Tinyproxy } from './proxies';
import { fails, live, type Situation } from './situation';
import type { Door, TlsFront } from './tls-front';

export interface World {
  /** Port of the gateway, and of a place where nobody listens. */
  readonly gateway: number;
  readonly nobody: number;
  readonly token: string;
  readonly login: Login;
  readonly front: TlsFront;
  readonly squid: Squid;
  readonly tinyproxy: { readonly open: Tinyproxy; readonly login: Tinyproxy; readonly closed: Tinyproxy };
  readonly socks: { readonly open: SocksProxy; readonly login: SocksProxy; readonly refusing: SocksProxy };
  /** Proxies of our own: TLS to it; one that takes 2 s to answer; one that never does; one for Windows logins. */
  readonly own: {
    readonly tls: HttpProxy;
    readonly late: HttpProxy;
    readonly mute: HttpProxy;
    readonly windows: HttpProxy;
  };
  /** Asks a PAC script the way the application does, in Chromium; null where there is no Electron. */
  readonly pac: ((script: string, url: string) => Promise<string>) | null;
}

const stream = '/v1/reach';

/** Everything that stands between: each of these must look the same over all four transports. */
export function situationsOf(world: World): readonly Situation[] {
  return [...proxySituations(world), ...tlsSituations(world)];
}

/** Those in which the TLS library has a say: they are run in Electron too, whose library is another. */
export function electronSituationsOf(world: World): readonly Situation[] {
  return tlsSituations(world).filter(({ steps }) => steps.every(({ after }) => after === undefined));
}

function proxySituations(world: World): Situation[] {
  const { squid, tinyproxy, socks, own, front, login } = world;
  const credential = { kind: 'bearer', token: 'feed.token' };
  const tls = { ca: front.authority.certificate };
  const plain = `http://${feedName}:${world.gateway}${stream}`;
  const here = `http://127.0.0.1:${world.gateway}${stream}`;
  const secure = `https://${feedName}:${front.ports.good}${stream}`;
  const secrets = { 'feed.token': world.token, right: login.password, wrong: `not-${login.password}` };
  const through = (address: string, password?: string) => ({
    credential,
    tls,
    proxy: { kind: 'manual', url: address, ...(password ? { user: login.user, password } : {}) },
  });
  const http = (port: number) => `http://127.0.0.1:${port}`;
  const one = (name: string, url: string, reach: unknown, expect = live): Situation => ({
    name,
    url,
    reach,
    secrets,
    steps: [{ expect }],
  });
  /** Refused without the right password; live as soon as it is entered. */
  const corrected = (name: string, url: string, address: string): Situation => ({
    name,
    url,
    reach: through(address, 'password'),
    secrets: { 'feed.token': world.token, password: secrets.wrong },
    steps: [
      { expect: fails('proxy-auth', /wants a credential/), after: (kept) => kept.set('password', secrets.right) },
      { expect: live },
    ],
  });
  /** The proxy dies under running connections and comes back. */
  const killed = (name: string, url: string, address: string, daemon: Squid | Tinyproxy): Situation => ({
    name,
    url,
    reach: through(address),
    secrets,
    steps: [
      {
        expect: live,
        async after() {
          await daemon.kill();
          await new Promise((resolve) => setTimeout(resolve, 1000));
          await daemon.start();
        },
      },
      { expect: live },
    ],
  });
  const situations: Situation[] = [
    one('squid lets through, http', plain, through(http(squid.open))),
    one('squid lets through, https', secure, through(http(squid.open))),
    one('squid refuses (403), http', plain, through(http(squid.closed)), fails('proxy-failed', /403/)),
    one('squid refuses (403), https', secure, through(http(squid.closed)), fails('proxy-failed', /403/)),
    one('squid wants a login (407), none given', plain, through(http(squid.login)), fails('proxy-auth', /407.*Basic/)),
    corrected('squid wants a login (407), then the right password, http', plain, http(squid.login)),
    corrected('squid wants a login (407), then the right password, https', secure, http(squid.login)),
    {
      ...one(
        'the password of the proxy is not stored here',
        secure,
        through(http(squid.login), 'right'),
        fails('proxy-auth', /not stored on this machine: enter it again/),
      ),
      secrets: { 'feed.token': world.token },
    },
    one('squid is slow, http', plain, through(http(squid.slow))),
    one('squid is slow, https', secure, through(http(squid.slow))),
    one(
      'squid does not reach the feed',
      `https://127.0.0.1:${world.nobody}${stream}`,
      through(http(squid.open)),
      fails('proxy-failed', /50[234]/),
    ),
    killed('squid is killed in mid-stream, http', plain, http(squid.open), squid),
    killed('squid is killed in mid-stream, https', secure, http(squid.open), squid),
    one('tinyproxy lets through, http', here, through(http(tinyproxy.open.port))),
    one(
      'tinyproxy lets through, https',
      `https://127.0.0.1:${front.ports.good}${stream}`,
      through(http(tinyproxy.open.port)),
    ),
    one('tinyproxy refuses (403)', here, through(http(tinyproxy.closed.port)), fails('proxy-failed', /403/)),
    corrected('tinyproxy wants a login (407), then the right password', here, http(tinyproxy.login.port)),
    killed('tinyproxy is killed in mid-stream', here, http(tinyproxy.open.port), tinyproxy.open),
    one('SOCKS 5 lets through, http', plain, through(`socks5://127.0.0.1:${socks.open.port}`)),
    one('SOCKS 5 lets through, https', secure, through(`socks5://127.0.0.1:${socks.open.port}`)),
    one('SOCKS 5 with a login', plain, through(`socks5://127.0.0.1:${socks.login.port}`, 'right')),
    corrected('SOCKS 5 wants a login, then the right password', plain, `socks5://127.0.0.1:${socks.login.port}`),
    one(
      'SOCKS 5 refuses',
      plain,
      through(`socks5://127.0.0.1:${socks.refusing.port}`),
      fails('proxy-failed', /not allowed by its rules/),
    ),
    one('a proxy spoken to over TLS, http', plain, through(`https://127.0.0.1:${own.tls.port}`)),
    one('a proxy spoken to over TLS, https', secure, through(`https://127.0.0.1:${own.tls.port}`)),
    one('a proxy that takes its time', plain, through(http(own.late.port))),
    one(
      'a proxy that never answers',
      secure,
      through(http(own.mute.port)),
      fails('proxy-failed', /did not answer within 8 s/),
    ),
    one(
      'a proxy that knows NTLM and Negotiate only, http',
      plain,
      through(http(own.windows.port), 'right'),
      fails('proxy-login-unsupported', /asks for Negotiate or NTLM\. Wirewatch knows Basic only/),
    ),
    one(
      'a proxy that knows NTLM and Negotiate only, https',
      secure,
      through(http(own.windows.port), 'right'),
      fails('proxy-login-unsupported', /asks for Negotiate or NTLM\. Wirewatch knows Basic only/),
    ),
    one('nobody is at the proxy’s address', plain, through(http(world.nobody)), fails('proxy-failed', /ECONNREFUSED/)),
    {
      ...one('the environment names the proxy', secure, { credential, tls }),
      resolveProxy: proxyFromEnvironment({ HTTPS_PROXY: http(squid.open), NO_PROXY: 'elsewhere.test' }),
    },
    {
      ...one('the environment names a proxy, but not for this host', here, { credential }),
      resolveProxy: proxyFromEnvironment({ HTTP_PROXY: http(world.nobody), NO_PROXY: '127.0.0.0/8' }),
    },
  ];
  const { pac } = world;
  if (pac) {
    const script = (answer: string) => `function FindProxyForURL(url, host) {
      return shExpMatch(host, "*.wirewatch.test") ? ${JSON.stringify(answer)} : "PROXY 127.0.0.1:${world.nobody}";
    }`;
    const asking = (answer: string) => (url: string) => pac(script(answer), url);
    situations.push(
      {
        ...one('a PAC script names squid', secure, { credential, tls }),
        resolveProxy: asking(`PROXY 127.0.0.1:${squid.open}`),
      },
      {
        ...one('a PAC script names a dead proxy first, then SOCKS 5', plain, { credential }),
        resolveProxy: asking(`PROXY 127.0.0.1:${world.nobody}; SOCKS5 127.0.0.1:${socks.open.port}`),
      },
    );
  }
  return situations;
}

function tlsSituations(world: World): Situation[] {
  const { front, squid } = world;
  const { authority, middle, client } = front;
  const direct = { kind: 'direct' };
  const ca = authority.certificate;
  const secrets = {
    'feed.token': world.token,
    key: client.key,
    archive: front.archive,
    oldArchive: front.oldArchive,
    passphrase: front.passphrase,
    bad: `not-${front.passphrase}`,
  };
  const one = (name: string, door: Door, tls: unknown, expect = live, more: object = {}): Situation => ({
    name,
    url: `https://127.0.0.1:${front.ports[door]}${stream}`,
    reach: { proxy: direct, credential: { kind: 'bearer', token: 'feed.token' }, tls, ...more },
    secrets,
    steps: [{ expect }],
  });
  const untrusted = (words: RegExp) => fails('certificate-invalid', words);
  const pin = fingerprintOf(front.selfSigned.certificate);
  return [
    one('a private authority that is not known', 'good', {}, untrusted(/issuer was not sent and is not known here/)),
    one('a private authority that is trusted', 'good', { ca }),
    one('self-signed', 'selfSigned', {}, untrusted(/self-signed/)),
    one('self-signed, and pinned', 'selfSigned', { fingerprint: pin }),
    one(
      'another certificate than the pinned one',
      'good',
      { ca, fingerprint: pin },
      untrusted(/not the one certificate/),
    ),
    one('expired', 'expired', { ca }, untrusted(/has expired/)),
    one('wrong name', 'wrongName', { ca }, untrusted(/another name/)),
    one('wrong name, and expected', 'wrongName', { ca, serverName: 'other.wirewatch.test' }),
    one('missing intermediate', 'missing', { ca }, untrusted(/first certificate/)),
    one('missing intermediate, brought along', 'missing', { ca: ca + middle.certificate }),
    one('client certificate wanted, none given', 'client', { ca }, fails('client-certificate', /client certificate/)),
    one('client certificate as PEM', 'client', { ca, certificate: client.certificate, key: 'key' }),
    one('client certificate as PKCS#12', 'client', { ca, pkcs12: 'archive', passphrase: 'passphrase' }),
    one(
      'PKCS#12 with the wrong passphrase',
      'client',
      { ca, pkcs12: 'archive', passphrase: 'bad' },
      fails('credential-failed', /passphrase does not open the client certificate/),
    ),
    {
      ...one(
        'client certificate whose key is not stored here',
        'client',
        { ca, certificate: client.certificate, key: 'key' },
        fails('credential-failed', /not stored on this machine: enter it again/),
      ),
      secrets: { 'feed.token': world.token },
    },
    {
      ...one(
        'PKCS#12 encrypted in the old way (RC2)',
        'client',
        { ca, pkcs12: 'oldArchive', passphrase: 'passphrase' },
        fails('credential-failed', /encrypted in an old way/),
      ),
      // BoringSSL reads it still.
      inElectron: live,
    },
    one('TLS 1.0 only', 'old', { ca }, fails('tls-failed', /no TLS version that is accepted here/)),
    one('TLS 1.0 only, and allowed', 'old', { ca, minVersion: 'TLSv1' }),
    one('HTTP/2', 'http2', { ca }),
    one('HTTP/2, not wanted here', 'http2', { ca }, live, { http2: false }),
    one('HTTP/2, with compression', 'http2', { ca }, live, { compression: true }),
    one('HTTP/2 that ends after every third request', 'http2Short', { ca }),
    {
      ...one('HTTP/2 whose server takes no more, and is replaced', 'http2', { ca }),
      steps: [
        {
          expect: live,
          async after() {
            front.reload();
            await new Promise((resolve) => setTimeout(resolve, 1500));
          },
        },
        { expect: live },
      ],
    },
    {
      ...one('HTTP/2 whose server is killed in mid-stream', 'http2', { ca }),
      steps: [
        {
          expect: live,
          async after() {
            await front.kill();
            await new Promise((resolve) => setTimeout(resolve, 1000));
            await front.start();
          },
        },
        { expect: live },
      ],
    },
    {
      ...one('HTTP/2, and a token that is not accepted', 'http2', { ca }, fails('unauthorized', /401/)),
      secrets: { 'feed.token': 'not-the-token-at-all' },
    },
    {
      ...one('HTTP/2 through squid', 'http2', { ca }),
      reach: {
        proxy: { kind: 'manual', url: `http://127.0.0.1:${squid.open}` },
        credential: { kind: 'bearer', token: 'feed.token' },
        tls: { ca },
      },
    },
    one('compression offered', 'gzip', { ca }, live, { compression: true }),
    {
      ...one('expired, seen through squid', 'expired', { ca }, untrusted(/has expired/)),
      reach: {
        proxy: { kind: 'manual', url: `http://127.0.0.1:${squid.open}` },
        credential: { kind: 'bearer', token: 'feed.token' },
        tls: { ca },
      },
    },
    {
      ...one('the name leads elsewhere, and the address is given', 'good', { ca }, live, {
        connectTo: `127.0.0.1:${front.ports.good}`,
      }),
      url: `https://${feedName}:8443${stream}`,
    },
    one('the credential as a query parameter', 'good', { ca }, live, {
      credential: { kind: 'query', name: 'access_token', value: 'feed.token' },
    }),
    {
      ...one('the credential as a header', 'good', { ca }, live, {
        credential: { kind: 'header', name: 'Authorization', value: 'whole' },
      }),
      secrets: { whole: `Bearer ${world.token}` },
    },
    {
      ...one(
        'no credential where one is wanted',
        'good',
        { ca },
        fails('credential-wanted', /wants a credential.*none/),
      ),
      reach: { proxy: direct, tls: { ca } },
      secrets: {},
    },
    {
      ...one('a token that is not accepted', 'good', { ca }, fails('unauthorized', /401/)),
      secrets: { 'feed.token': 'not-the-token-at-all' },
    },
    {
      ...one('a token that is not stored here', 'good', { ca }, fails('credential-failed', /enter it again/)),
      secrets: {},
    },
  ];
}

function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256;
}
