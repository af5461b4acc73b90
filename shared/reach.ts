import { z } from 'zod';
import { secretsIn } from './secret-places';
import { parseUrl } from './url';

/**
 * How a source is reached: one profile, the same for all four transports. What is secret is never in here: a profile
 * names secrets that are kept elsewhere.
 */

/** Name under which a secret is kept. */
export const secretNameSchema = z.string().regex(/^[A-Za-z0-9_.-]{1,80}$/);

const secret = secretNameSchema;
const noSecret = secretNameSchema.nullable().default(null);

const httpAddress = z
  .string()
  .trim()
  .max(4096)
  .refine((text) => /^https?:$/.test(parseUrl(text)?.protocol ?? ''), {
    message: 'Not an address. Write it whole, as in https://login.example.com/token.',
  });

const proxySchemes = /^(https?|socks4a?|socks5h?|socks):$/;

const proxyAddress = z
  .string()
  .trim()
  .max(1024)
  // What follows host and port is never asked for, and could only hold what is not to be stored openly.
  .transform((text) => text.replace(/^([a-z0-9]+:\/\/[^/?#]*)[/?#].*$/is, '$1'))
  .refine((text) => proxySchemes.test(parseUrl(text)?.protocol ?? '') && (parseUrl(text)?.hostname ?? '') !== '', {
    message: 'Not a proxy address. Write it as http://host:port, https://host:port or socks5://host:port.',
  })
  .refine((text) => (parseUrl(text)?.username ?? '') === '' && (parseUrl(text)?.password ?? '') === '', {
    message: 'The credential of the proxy has fields of its own: leave it out of the address.',
  });

const proxySchema = z.discriminatedUnion('kind', [
  /** What the system (or, in a terminal, the environment) says; a PAC script is asked by the system. */
  z.object({ kind: z.literal('system'), user: z.string().max(200).default(''), password: noSecret }),
  /** No proxy, whatever the system says. */
  z.object({ kind: z.literal('direct') }),
  z.object({
    kind: z.literal('manual'),
    url: proxyAddress,
    user: z.string().max(200).default(''),
    password: noSecret,
  }),
]);

export const tlsVersions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

export type TlsVersion = (typeof tlsVersions)[number];

const pem = z
  .string()
  .max(256 * 1024)
  .refine((text) => text.trim() === '' || text.includes('-----BEGIN '), {
    message: 'Not PEM text: it begins with -----BEGIN CERTIFICATE-----.',
  });

const tlsSchema = z.object({
  /** PEM of authorities trusted besides the system's and the bundled ones. */
  ca: pem.default(''),
  /** PEM of the client certificate (chain included); its key is a secret. */
  certificate: pem.default(''),
  key: noSecret,
  /** Base64 of a PKCS#12 archive, kept as a secret; instead of `certificate` and `key`. */
  pkcs12: noSecret,
  /** Of the key or the archive. */
  passphrase: noSecret,
  /** SHA-256 of the one certificate that is trusted, whatever else is wrong with it; no other is. */
  fingerprint: z
    .string()
    .max(300)
    .trim()
    .transform((text) => text.toUpperCase().replace(/[^0-9A-F]/g, ''))
    .refine((hex) => hex === '' || hex.length === 64, { message: 'A SHA-256 fingerprint has 64 hex digits.' })
    .default(''),
  /** Name asked for (SNI) and looked for in the certificate instead of the address's. */
  serverName: z.string().trim().max(253).default(''),
  minVersion: z.enum(tlsVersions).default('TLSv1.2'),
});

/** Names of headers and of subprotocols alike (RFC 9110 §5.6.2). */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

/** Headers that a handshake or a connection writes itself, and what to use instead. */
const ownedHeaders: readonly (readonly [RegExp, string])[] = [
  [/^sec-websocket-protocol$/i, 'The handshake writes this header: use the field Subprotocols.'],
  [
    /^sec-websocket-extensions$/i,
    'The handshake writes this header: compression, the one extension there is, has a box of its own.',
  ],
  [/^sec-websocket-/i, 'The handshake of a WebSocket writes this header itself: it cannot be set.'],
  [
    /^host$/i,
    'The address says the host: write that one there, and where it is in the field for another host and port to connect to.',
  ],
  [
    /^(connection|content-length|expect|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i,
    'This header belongs to the connection and cannot be set.',
  ],
];

/** Why a header cannot be set by hand, with what to use instead; null where it can. */
export function ownedHeader(name: string): string | null {
  return ownedHeaders.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

const headerName = z
  .string()
  .regex(token, { message: 'Not a header name. Write each header as Name: value.' })
  .superRefine((name, context) => {
    const message = ownedHeader(name);
    if (message !== null) context.addIssue({ code: 'custom', message });
  });

/** Settings are stored and shown openly. */
const openHeaderName = headerName.refine((name) => !/^(authorization|proxy-authorization|cookie)$/i.test(name), {
  message: 'This header holds a secret: enter it as the credential, which is kept apart.',
});

const headerValue = z
  .string()
  .max(4096)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, { message: 'A header value is one line of plain characters.' });

/** Sources with the same credential and the same account share one token and one refresh; another name keeps them apart. */
const account = z.string().trim().max(80).default('');

const credentialSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('basic'), user: z.string().max(200), password: secret }),
  z.object({ kind: z.literal('bearer'), token: secret }),
  z.object({ kind: z.literal('header'), name: headerName, value: secret }),
  z.object({ kind: z.literal('query'), name: z.string().min(1).max(100), value: secret }),
  z.object({ kind: z.literal('cookie'), name: z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/), value: secret }),
  /** OAuth 2 client credentials (RFC 6749 §4.4). */
  z.object({
    kind: z.literal('oauth'),
    tokenUrl: httpAddress,
    clientId: z.string().min(1).max(300),
    clientSecret: secret,
    scope: z.string().max(1000).default(''),
    audience: z.string().max(1000).default(''),
    /** Where the client's credential goes: the Authorization header, or the body. */
    clientIn: z.enum(['header', 'body']).default('header'),
    account,
  }),
  /** A GET whose answer is a token: JSON with `access_token` or `token`, or plain text. */
  z.object({ kind: z.literal('token-url'), url: httpAddress, authorization: noSecret, account }),
  /** A command of this machine that prints a token in the same forms. */
  z.object({ kind: z.literal('token-command'), command: z.string().trim().min(1).max(2000), account }),
]);

export type CredentialConfig = z.output<typeof credentialSchema>;
export type ProxyConfig = z.output<typeof proxySchema>;
export type TlsConfig = z.output<typeof tlsSchema>;

const stopCodeRule = { error: 'Close codes that mean stop lie from 4000 to 4999: write them with commas between.' };

const sendRule = { error: 'Messages and pings per second lie from 1 to 1000.' };

export const reachSchema = z.object({
  proxy: proxySchema.prefault({ kind: 'system' }),
  tls: tlsSchema.prefault({}),
  credential: credentialSchema.prefault({ kind: 'none' }),
  /** Sent with every request. Not for secrets: those are a credential. */
  headers: z
    .array(z.tuple([openHeaderName, headerValue]))
    .max(30)
    .default([]),
  /** Offered in the handshake of a WebSocket, best first (RFC 6455 §1.9). Other transports have none. */
  subprotocols: z
    .array(z.string().regex(token, { message: 'A subprotocol is one word: write several with commas between.' }))
    .max(10, { message: 'At most 10 subprotocols.' })
    .refine((all) => new Set(all).size === all.length, { message: 'A subprotocol is named once.' })
    .default([]),
  /** host:port that is connected to instead of the address's own, which stays the name asked for. */
  connectTo: z
    .string()
    .trim()
    .max(300)
    .regex(/^$|^(\[[0-9a-fA-F:.]+\]|[^\s:/]+):\d{1,5}$/, { message: 'Write it as host:port.' })
    .default(''),
  /** Offers compression: saves bytes, costs memory for each connection. */
  compression: z.boolean().default(false),
  /** Keeps the server's cookies for this source, for this run. */
  cookies: z.boolean().default(true),
  /** Offers HTTP/2 for SSE and polls over TLS: spoken where the server speaks it. */
  http2: z.boolean().default(true),
  /** Close codes of a WebSocket after which the feed is not asked again by itself (4000–4999: RFC 6455 §7.4.2). */
  stopCodes: z
    .array(z.number(stopCodeRule).int(stopCodeRule).min(4000, stopCodeRule).max(4999, stopCodeRule))
    .max(20, { message: 'At most 20 close codes.' })
    .default([]),
  /** Messages and pings that one connection may send a second, over time; twice as many at once. */
  sendsPerSecond: z.number(sendRule).min(1, sendRule).max(1000, sendRule).default(10),
});

export type Reach = z.output<typeof reachSchema>;

/** How a source without a profile is reached. */
export const defaultReach: Reach = reachSchema.parse({});

/** Names of the secrets a profile needs. */
export function secretsOf({ proxy, tls, credential, headers, subprotocols }: Reach): readonly string[] {
  const names: (string | null)[] = [tls.key, tls.pkcs12, tls.passphrase];
  for (const text of [...headers.map(([, value]) => value), ...subprotocols]) names.push(...secretsIn(text));
  if (proxy.kind !== 'direct') names.push(proxy.password);
  switch (credential.kind) {
    case 'none':
    case 'token-command':
      break;
    case 'basic':
      names.push(credential.password);
      break;
    case 'bearer':
      names.push(credential.token);
      break;
    case 'header':
    case 'query':
    case 'cookie':
      names.push(credential.value);
      break;
    case 'oauth':
      names.push(credential.clientSecret, ...secretsIn(credential.tokenUrl));
      break;
    case 'token-url':
      names.push(credential.authorization, ...secretsIn(credential.url));
      break;
  }
  return names.filter((name) => name !== null);
}
