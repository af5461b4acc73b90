import type { CommandArgs } from '../../../../shared/ipc';
import type { CredentialConfig, Reach, TlsVersion } from '../../../../shared/reach';

type ReachDraft = NonNullable<CommandArgs<'sources.add'>['reach']>;

export const credentialKinds = [
  'none',
  'bearer',
  'basic',
  'header',
  'query',
  'cookie',
  'oauth',
  'token-url',
  'token-command',
] as const satisfies readonly CredentialConfig['kind'][];

export type CredentialKind = (typeof credentialKinds)[number];

/** The fields about how a source is reached. Secret ones hold what is typed now; empty means: as it is kept. */
export interface ReachFields {
  readonly proxyKind: 'system' | 'direct' | 'manual';
  readonly proxyUrl: string;
  readonly proxyUser: string;
  readonly proxyPassword: string;
  readonly ca: string;
  readonly serverName: string;
  readonly fingerprint: string;
  readonly minVersion: TlsVersion;
  readonly clientKind: 'none' | 'pem' | 'pkcs12';
  readonly certificate: string;
  readonly key: string;
  readonly pkcs12: string;
  readonly passphrase: string;
  readonly credential: CredentialKind;
  readonly user: string;
  /** Of the header, query parameter or cookie. */
  readonly carrier: string;
  readonly secret: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientIn: 'header' | 'body';
  readonly scope: string;
  readonly audience: string;
  readonly account: string;
  readonly command: string;
  /** One `Name: value` a line. */
  readonly headers: string;
  /** With commas between. */
  readonly subprotocols: string;
  readonly connectTo: string;
  /** Numbers, apart by commas or spaces. */
  readonly stopCodes: string;
  /** A number. */
  readonly sendsPerSecond: string;
  readonly compression: boolean;
  readonly cookies: boolean;
  readonly http2: boolean;
}

export const secretFields = ['proxyPassword', 'key', 'pkcs12', 'passphrase', 'secret'] as const;

export type SecretField = (typeof secretFields)[number];

export const emptyReach: ReachFields = {
  proxyKind: 'system',
  proxyUrl: '',
  proxyUser: '',
  proxyPassword: '',
  ca: '',
  serverName: '',
  fingerprint: '',
  minVersion: 'TLSv1.2',
  clientKind: 'none',
  certificate: '',
  key: '',
  pkcs12: '',
  passphrase: '',
  credential: 'none',
  user: '',
  carrier: '',
  secret: '',
  tokenUrl: '',
  clientId: '',
  clientIn: 'header',
  scope: '',
  audience: '',
  account: '',
  command: '',
  headers: '',
  subprotocols: '',
  connectTo: '',
  stopCodes: '',
  sendsPerSecond: '10',
  compression: false,
  cookies: true,
  http2: true,
};

/** The fields of a source that exists; its secrets stay where they are. */
export function reachFieldsOf(reach: Reach | undefined): ReachFields {
  if (!reach) return emptyReach;
  const { proxy, tls, credential } = reach;
  return {
    ...emptyReach,
    proxyKind: proxy.kind,
    proxyUrl: proxy.kind === 'manual' ? proxy.url : '',
    proxyUser: proxy.kind === 'direct' ? '' : proxy.user,
    ca: tls.ca,
    serverName: tls.serverName,
    fingerprint: tls.fingerprint,
    minVersion: tls.minVersion,
    clientKind: tls.pkcs12 !== null ? 'pkcs12' : tls.certificate === '' ? 'none' : 'pem',
    certificate: tls.certificate,
    ...credentialFieldsOf(credential),
    headers: reach.headers.map(([name, value]) => `${name}: ${value}`).join('\n'),
    subprotocols: reach.subprotocols.join(', '),
    connectTo: reach.connectTo,
    stopCodes: reach.stopCodes.join(', '),
    sendsPerSecond: String(reach.sendsPerSecond),
    compression: reach.compression,
    cookies: reach.cookies,
    http2: reach.http2,
  };
}

function credentialFieldsOf(credential: CredentialConfig): Partial<ReachFields> {
  const { kind } = credential;
  switch (kind) {
    case 'none':
    case 'bearer':
      return { credential: kind };
    case 'basic':
      return { credential: kind, user: credential.user };
    case 'header':
    case 'query':
    case 'cookie':
      return { credential: kind, carrier: credential.name };
    case 'oauth':
      return {
        credential: kind,
        tokenUrl: credential.tokenUrl,
        clientId: credential.clientId,
        clientIn: credential.clientIn,
        scope: credential.scope,
        audience: credential.audience,
        account: credential.account,
      };
    case 'token-url':
      return { credential: kind, tokenUrl: credential.url, account: credential.account };
    case 'token-command':
      return { credential: kind, command: credential.command, account: credential.account };
  }
}

/** Names under which a source's secrets are kept; null where there is none. */
export type SecretNames = Readonly<Record<SecretField, string | null>>;

/** The names a profile uses already. */
export function secretNamesOf(reach: Reach | undefined): SecretNames {
  const credential = reach?.credential;
  let secret: string | null = null;
  if (credential) {
    if ('password' in credential) secret = credential.password;
    else if ('token' in credential) secret = credential.token;
    else if ('value' in credential) secret = credential.value;
    else if ('clientSecret' in credential) secret = credential.clientSecret;
    else if ('authorization' in credential) secret = credential.authorization;
  }
  return {
    proxyPassword: reach && reach.proxy.kind !== 'direct' ? reach.proxy.password : null,
    key: reach?.tls.key ?? null,
    pkcs12: reach?.tls.pkcs12 ?? null,
    passphrase: reach?.tls.passphrase ?? null,
    secret,
  };
}

/** A secret that was typed, and the name it goes by. */
export interface TypedSecret {
  readonly name: string;
  readonly value: string;
}

/**
 * What main is asked to do: the profile, and the secrets typed with it. A typed secret gets a name of its own, so that
 * another source that uses the older one keeps it. `newName` makes names nobody has.
 */
export function reachDraftOf(
  fields: ReachFields,
  before: Reach | undefined,
  newName: () => string,
): { readonly reach: ReachDraft; readonly secrets: TypedSecret[] } {
  const kept = secretNamesOf(before);
  const secrets: TypedSecret[] = [];
  const nameOf = (field: SecretField): string | null => {
    const value = fields[field];
    if (value === '') return kept[field];
    const name = `${newName()}.${field}`;
    secrets.push({ name, value });
    return name;
  };
  // A secret of another kind of credential is not this one's.
  const sameKind = (before?.credential.kind ?? 'none') === fields.credential;
  const mainSecret = (): string => (fields.secret !== '' || sameKind ? nameOf('secret') : null) ?? 'missing';
  const login = () => ({
    user: fields.proxyUser.trim(),
    password: fields.proxyUser.trim() === '' ? null : nameOf('proxyPassword'),
  });
  const client = fields.clientKind;
  return {
    reach: {
      headers: headersOf(fields.headers),
      subprotocols: fields.subprotocols.split(/[\s,;]+/).filter(Boolean),
      connectTo: fields.connectTo.trim(),
      stopCodes: fields.stopCodes
        .split(/[\s,;]+/)
        .filter(Boolean)
        .map(Number),
      sendsPerSecond: Number(fields.sendsPerSecond),
      proxy:
        fields.proxyKind === 'direct'
          ? { kind: 'direct' }
          : fields.proxyKind === 'system'
            ? { kind: 'system', ...login() }
            : { kind: 'manual', url: fields.proxyUrl, ...login() },
      tls: {
        ca: fields.ca,
        serverName: fields.serverName,
        fingerprint: fields.fingerprint,
        minVersion: fields.minVersion,
        certificate: client === 'pem' ? fields.certificate : '',
        key: client === 'pem' ? nameOf('key') : null,
        pkcs12: client === 'pkcs12' ? nameOf('pkcs12') : null,
        passphrase: client === 'none' ? null : nameOf('passphrase'),
      },
      credential: credentialOf(fields, mainSecret, () => (fields.secret !== '' || sameKind ? nameOf('secret') : null)),
      compression: fields.compression,
      cookies: fields.cookies,
      http2: fields.http2,
    },
    secrets,
  };
}

function credentialOf(
  fields: ReachFields,
  secret: () => string,
  optionalSecret: () => string | null,
): NonNullable<ReachDraft['credential']> {
  const kind = fields.credential;
  switch (kind) {
    case 'none':
      return { kind };
    case 'bearer':
      return { kind, token: secret() };
    case 'basic':
      return { kind, user: fields.user, password: secret() };
    case 'header':
    case 'query':
    case 'cookie':
      return { kind, name: fields.carrier.trim(), value: secret() };
    case 'oauth':
      return {
        kind,
        tokenUrl: fields.tokenUrl,
        clientId: fields.clientId.trim(),
        clientSecret: secret(),
        clientIn: fields.clientIn,
        scope: fields.scope.trim(),
        audience: fields.audience.trim(),
        account: fields.account,
      };
    case 'token-url':
      return { kind, url: fields.tokenUrl, authorization: optionalSecret(), account: fields.account };
    case 'token-command':
      return { kind, command: fields.command, account: fields.account };
  }
}

/** A line without a colon keeps its end, so that main finds no name in it and says so. */
function headersOf(text: string): [string, string][] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? [`${line.trim()}:`, ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
}

const fieldsOfPaths: readonly (readonly [RegExp, keyof ReachFields])[] = [
  [/^reach\.proxy\.url/, 'proxyUrl'],
  [/^reach\.proxy\.user/, 'proxyUser'],
  [/^reach\.tls\.ca/, 'ca'],
  [/^reach\.tls\.fingerprint/, 'fingerprint'],
  [/^reach\.tls\.serverName/, 'serverName'],
  [/^reach\.tls\.certificate/, 'certificate'],
  [/^reach\.credential\.(tokenUrl|url)/, 'tokenUrl'],
  [/^reach\.credential\.name/, 'carrier'],
  [/^reach\.credential\.user/, 'user'],
  [/^reach\.credential\.clientId/, 'clientId'],
  [/^reach\.credential\.command/, 'command'],
  [/^reach\.credential\.scope/, 'scope'],
  [/^reach\.credential\.audience/, 'audience'],
  [/^reach\.credential\.account/, 'account'],
  [/^reach\.credential/, 'credential'],
  [/^reach\.headers/, 'headers'],
  [/^reach\.subprotocols/, 'subprotocols'],
  [/^reach\.connectTo/, 'connectTo'],
  [/^reach\.stopCodes/, 'stopCodes'],
  [/^reach\.sendsPerSecond/, 'sendsPerSecond'],
];

/** Which of these fields an error of main belongs to; null for none. */
export function reachFieldOf(path: string): keyof ReachFields | null {
  const inside = path.replace(/^draft\./, '');
  return fieldsOfPaths.find(([pattern]) => pattern.test(inside))?.[1] ?? null;
}
