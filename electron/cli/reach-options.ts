import { type Reach, reachSchema, type TlsVersion, tlsVersions } from '../../shared/reach';
import type { OpenStep } from '../../shared/recipe';
import { placeOfSecret } from '../../shared/secret-places';
import { redactHeader } from '../../shared/secret-words';
import type { SecretReader } from '../engine/core/secrets';
import { FileRefused, readDescriptorSync, readRegularSync } from '../node/regular-file';

/** Flags about how a feed is reached, for `parseArgs`. Secrets are never among the arguments: every process sees those. */
export const reachFlags = {
  proxy: { type: 'string' },
  'proxy-user': { type: 'string' },
  'proxy-password-env': { type: 'string' },
  'no-proxy': { type: 'boolean' },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  pfx: { type: 'string' },
  'passphrase-env': { type: 'string' },
  pin: { type: 'string' },
  'server-name': { type: 'string' },
  'min-tls': { type: 'string' },
  'connect-to': { type: 'string' },
  'token-env': { type: 'string' },
  'token-file': { type: 'string' },
  'token-stdin': { type: 'boolean' },
  'token-as': { type: 'string' },
  header: { type: 'string', multiple: true },
  subprotocol: { type: 'string', multiple: true },
  compress: { type: 'boolean' },
  'no-http2': { type: 'boolean' },
} as const;

export type ReachValues = {
  -readonly [Flag in keyof typeof reachFlags]?:
    | ((typeof reachFlags)[Flag] extends { readonly multiple: true }
        ? string[]
        : (typeof reachFlags)[Flag] extends { readonly type: 'string' }
          ? string
          : boolean)
    | undefined;
};

export const reachUsage = `How the feed is reached:
  --proxy URL            http://, https:// or socks5:// proxy; --no-proxy for none. Without either, HTTPS_PROXY,
                         HTTP_PROXY, ALL_PROXY and NO_PROXY count
  --proxy-user NAME      with the password in the environment variable named by --proxy-password-env
  --ca FILE              authorities (PEM) trusted besides the system's
  --cert FILE --key FILE client certificate (PEM), or --pfx FILE; passphrase in the variable --passphrase-env names
  --pin SHA256           trust this one certificate and no other
  --server-name NAME     name asked for and expected in the certificate
  --min-tls VERSION      ${tlsVersions.join(', ')} (default TLSv1.2)
  --connect-to HOST:PORT connect there instead; the address's name stays
  --token-env NAME       bearer token from an environment variable; --token-file FILE; --token-stdin
  --token-as KIND        what that is instead: basic:USER (its password), header:NAME, query:NAME, cookie:NAME,
                         first-message (a login on open, WebSocket only)
  --header 'Name: value' sent with every request, may be repeated; not for secrets
  --subprotocol NAME     offered in the handshake of a WebSocket, may be repeated: best first
  --compress             offer compression; --no-http2: speak HTTP/1.1 only`;

/** Where secrets may come from. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => Buffer;
  readonly readStdin: () => string;
}

/** More than any key, chain of certificates or token is long, bytes. */
const largestFile = 1024 * 1024;

export const systemSecretSources: SecretSources = {
  env: process.env,
  readFile: (path) => readRegularSync(path, largestFile),
  readStdin: () => readDescriptorSync(0, 'Standard input', largestFile).toString('utf8'),
};

export interface ReachChoice {
  readonly reach: Reach;
  /** Messages to be sent on open, before those of a recipe. */
  readonly opening: readonly Partial<OpenStep>[];
  /** Secrets by name, in memory for this run. */
  readonly secrets: ReadonlyMap<string, string>;
}

/** Reads the flags; a sentence about what is wrong and how to mend it otherwise. */
export function readReach(values: ReachValues, from: SecretSources): ReachChoice | { readonly error: string } {
  const secrets = new Map<string, string>();
  try {
    const keep = (name: string, value: string) => {
      secrets.set(name, value);
      return name;
    };
    const fromEnv = (flag: string, name: string) => {
      const value = from.env[name];
      if (value === undefined || value === '') {
        throw new Wrong(`--${flag} names the environment variable ${name}, which is not set. Export it first.`);
      }
      return keep(flag, value);
    };
    const file = (flag: string, path: string) => {
      try {
        return from.readFile(path);
      } catch (error) {
        if (error instanceof FileRefused) throw new Wrong(`--${flag}: ${error.message}`);
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
        throw new Wrong(`--${flag}: ${path} cannot be read (${code}).`);
      }
    };
    const login = loginOf(values, from, keep, fromEnv, file);
    const passwordEnv = values['proxy-password-env'];
    const proxyLogin = {
      user: values['proxy-user'] ?? '',
      password: passwordEnv === undefined ? null : fromEnv('proxy-password-env', passwordEnv),
    };
    if (values.proxy !== undefined && values['no-proxy']) throw new Wrong('--proxy and --no-proxy exclude each other.');
    const proxy = values['no-proxy']
      ? { kind: 'direct' }
      : values.proxy === undefined
        ? { kind: 'system', ...proxyLogin }
        : { kind: 'manual', url: values.proxy, ...proxyLogin };
    if ((values.cert === undefined) !== (values.key === undefined)) {
      throw new Wrong('--cert and --key belong together.');
    }
    const minVersion = values['min-tls'] ?? 'TLSv1.2';
    if (!isVersion(minVersion)) {
      throw new Wrong(`--min-tls is one of ${tlsVersions.join(', ')}, not "${minVersion}".`);
    }
    const passphraseEnv = values['passphrase-env'];
    const reach = reachSchema.safeParse({
      proxy,
      tls: {
        ca: values.ca === undefined ? '' : file('ca', values.ca).toString('utf8'),
        certificate: values.cert === undefined ? '' : file('cert', values.cert).toString('utf8'),
        key: values.key === undefined ? null : keep('key', file('key', values.key).toString('utf8')),
        pkcs12: values.pfx === undefined ? null : keep('pfx', file('pfx', values.pfx).toString('base64')),
        passphrase: passphraseEnv === undefined ? null : fromEnv('passphrase-env', passphraseEnv),
        fingerprint: values.pin ?? '',
        serverName: values['server-name'] ?? '',
        minVersion,
      },
      credential: login.credential,
      headers: (values.header ?? []).map(headerOf),
      subprotocols: values.subprotocol ?? [],
      connectTo: values['connect-to'] ?? '',
      compression: values.compress ?? false,
      http2: values['no-http2'] !== true,
    });
    if (!reach.success) {
      const [issue] = reach.error.issues;
      return { error: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}` };
    }
    return { reach: reach.data, opening: login.opening, secrets };
  } catch (error) {
    if (error instanceof Wrong) return { error: error.message };
    throw error;
  }
}

/** A reader over secrets that do not change. */
export function secretReader(secrets: ReadonlyMap<string, string>): SecretReader {
  return { read: (name) => secrets.get(name) ?? null, onChange: () => () => {} };
}

class Wrong extends Error {}

interface Login {
  readonly credential: object;
  readonly opening: readonly Partial<OpenStep>[];
}

function loginOf(
  values: ReachValues,
  from: SecretSources,
  keep: (name: string, value: string) => string,
  fromEnv: (flag: string, name: string) => string,
  file: (flag: string, path: string) => Buffer,
): Login {
  const given = [values['token-env'], values['token-file'], values['token-stdin'] || undefined].filter(
    (value) => value !== undefined,
  );
  if (given.length > 1) throw new Wrong('One of --token-env, --token-file and --token-stdin, not several.');
  const as = values['token-as'] ?? 'bearer';
  if (values['token-env'] !== undefined) return worn(as, fromEnv('token-env', values['token-env']));
  if (values['token-file'] !== undefined) {
    const token = file('token-file', values['token-file']).toString('utf8').trim();
    return worn(as, keep('token-file', token));
  }
  if (values['token-stdin']) return worn(as, keep('token-stdin', stdinOf(from).trim()));
  if (values['token-as'] !== undefined) throw new Wrong('--token-as needs --token-env, --token-file or --token-stdin.');
  return credential({ kind: 'none' });
}

function stdinOf(from: SecretSources): string {
  try {
    return from.readStdin();
  } catch (error) {
    if (error instanceof FileRefused) throw new Wrong(`--token-stdin: ${error.message}`);
    throw error;
  }
}

const credential = (worn: object): Login => ({ credential: worn, opening: [] });

/** The credential that `--token-as` says the secret of this name is; a first message is the first that is said on open. */
function worn(as: string, secret: string): Login {
  const [kind = '', ...rest] = as.split(':');
  const name = rest.join(':');
  switch (kind) {
    case 'bearer':
      return credential({ kind, token: secret });
    case 'first-message':
      return { credential: { kind: 'none' }, opening: [{ send: placeOfSecret(secret), login: true }] };
    case 'basic':
      return credential({ kind, user: name, password: secret });
    case 'header':
    case 'query':
    case 'cookie':
      if (name !== '') return credential({ kind, name, value: secret });
  }
  throw new Wrong(
    `--token-as is bearer, basic:USER, header:NAME, query:NAME, cookie:NAME or first-message, not "${as.slice(0, 60)}".`,
  );
}

function headerOf(text: string): readonly [string, string] {
  const colon = text.indexOf(':');
  if (colon <= 0) throw new Wrong(`--header is written as 'Name: value', not "${text.slice(0, 40)}".`);
  const [name, value] = [text.slice(0, colon).trim(), text.slice(colon + 1).trim()];
  if (redactHeader(name, value) !== value) {
    throw new Wrong(`${name} holds a secret, and every process sees arguments: use --token-as header:${name} instead.`);
  }
  return [name, value];
}

function isVersion(text: string): text is TlsVersion {
  return (tlsVersions as readonly string[]).includes(text);
}
