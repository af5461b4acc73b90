import type { CredentialConfig, Reach } from '../../../shared/reach';
import { secretsOfRecipe } from '../../../shared/recipe';
import { addressWithSecrets, messageWithSecrets, secretsIn } from '../../../shared/secret-places';
import { type SourceConfig, secretsOfSource } from '../../../shared/source';
import { parseUrl } from '../../../shared/url';
import { type CredentialPort, type Dress, type Dresser, noDress } from '../core/credential';
import { createListeners, type Report } from '../core/listeners';
import type { SecretReader } from '../core/secrets';
import type { Accounts } from './accounts';
import { conceal, loginsOf } from './conceal';
import { createFeedConcealer, type FeedConcealer, partsOf } from './conceal-feed';
import { requireSecret, type TokenConfig } from './providers';

/** A source's credential: what its requests wear, and what the connection may ask of it. */
export interface Credential {
  /** Null where nothing is worn. */
  readonly dresser: Dresser | null;
  /** Null where there is nothing that could be refused or changed. */
  readonly port: CredentialPort | null;
  close(): void;
}

export interface CredentialDeps {
  readonly secrets: SecretReader;
  readonly accounts: Accounts;
  /** Logins that stand in the address of a proxy of the system, met so far. */
  readonly proxyLogins?: () => readonly string[];
  /** Where errors of listeners go. */
  readonly report?: Report;
}

/** What of a source may hold a secret. */
export interface Reached extends Pick<SourceConfig, 'url' | 'ladder' | 'recipe'> {
  readonly reach: Reach;
}

/** Secrets are read at each request, so that a changed one counts at once. */
export function createCredential(source: Reached, deps: CredentialDeps): Credential {
  const { reach } = source;
  const config = reach.credential;
  const names = new Set(secretsOfSource(source));
  const worn = [source.url, ...source.ladder.map(({ url }) => url), ...reach.headers.map(([, value]) => value)];
  const told = source.recipe ? secretsOfRecipe(source.recipe) : [];
  const places = [...new Set([...[...worn, ...reach.subprotocols].flatMap(secretsIn), ...told])];
  const filled = places.length > 0;
  const listeners = createListeners<[]>(deps.report);
  const token = isToken(config)
    ? wearToken(config, reach, deps.accounts, () => {
        feed = null;
      })
    : null;
  let feed: FeedConcealer | null = null;
  const stopSecrets = deps.secrets.onChange((name) => {
    if (!names.has(name)) return;
    feed = null;
    token?.reset();
    listeners.tell();
  });
  /** All that a peer was shown of it, whole and in the parts that it may say alone. */
  const shown = (): readonly string[] => {
    const kept = [...names].flatMap((name) => deps.secrets.read(name) ?? []);
    const logins = loginsOf(reach, (name) => deps.secrets.read(name));
    return [...logins, ...kept.flatMap(partsOf), ...(token?.given() ?? [])];
  };
  const empty = names.size === 0 && !token;
  const port: CredentialPort = {
    bare: config.kind === 'none' && !filled,
    empty,
    conceal: (text) => conceal(text, [...(deps.proxyLogins?.() ?? []), ...shown()]),
    // No feed is shown the login of a proxy.
    ...(empty
      ? {}
      : {
          concealFeed() {
            feed ??= createFeedConcealer(shown());
            return feed;
          },
        }),
    refresh: token?.refresh ?? (async () => ({ kind: 'nothing-to-refresh' })),
    onChange: listeners.subscribe,
  };
  const fixedOne = isToken(config) ? null : config;
  const dresser =
    token?.dresser ??
    (fixedOne === null || (fixedOne.kind === 'none' && !filled) ? null : async () => fixed(fixedOne, deps.secrets));
  return {
    dresser: dresser && filled ? filling(dresser, places, deps.secrets) : dresser,
    port: empty && !deps.proxyLogins ? null : port,
    close() {
      stopSecrets();
      listeners.clear();
      token?.close();
    },
  };
}

function isToken(config: CredentialConfig): config is TokenConfig {
  return config.kind === 'oauth' || config.kind === 'token-url' || config.kind === 'token-command';
}

function wearToken(config: TokenConfig, reach: Reach, accounts: Accounts, onGiven: () => void) {
  const { account, reset, release } = accounts.lease(config, reach);
  /** What was worn last is what can have been refused. */
  let worn = 0;
  /** The last ones: a server may still speak of the one before. */
  let given: readonly string[] = [];
  const dresser: Dresser = async () => {
    const { value, version } = await account.token();
    worn = version;
    if (given[0] !== value) {
      given = [value, ...given].slice(0, 3);
      onGiven();
    }
    return { ...noDress, headers: [['authorization', `Bearer ${value}`]] };
  };
  return {
    dresser,
    refresh: () => account.refused(worn),
    reset,
    close: release,
    given: () => given,
  };
}

/** Reads what is to be filled in before anything is asked: what is missing is said as a credential's fault. */
function filling(dresser: Dresser, names: readonly string[], secrets: SecretReader): Dresser {
  return async () => {
    const dress = await dresser();
    const values = new Map(names.map((name) => [name, requireSecret(secrets, name)]));
    const fill = (text: string) => {
      const put = parseUrl(text) === null ? forHeader : forAddress;
      return addressWithSecrets(text, (name) => put(values.get(name) ?? ''));
    };
    const fillMessage = (text: string) => messageWithSecrets(text, (name) => values.get(name) ?? '');
    return { ...dress, fill, fillMessage, filled: [...values.values()].flatMap(partsOf) };
  };
}

/** Kept as it was typed, percent codes included: only what would end its place is encoded. */
function forAddress(secret: string): string {
  return secret.trim().replace(/[\s#&]/g, encodeURIComponent);
}

/** A scheme and its token have a space between them, and stay one line. */
function forHeader(secret: string): string {
  return secret.trim().replace(/[\0\r\n]/g, encodeURIComponent);
}

function fixed(config: Exclude<CredentialConfig, TokenConfig>, secrets: SecretReader): Dress {
  switch (config.kind) {
    case 'none':
      return noDress;
    case 'basic': {
      const pair = `${config.user}:${requireSecret(secrets, config.password)}`;
      return { ...noDress, headers: [['authorization', `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`]] };
    }
    case 'bearer':
      return { ...noDress, headers: [['authorization', `Bearer ${inOneLine(requireSecret(secrets, config.token))}`]] };
    case 'header':
      return { ...noDress, headers: [[config.name.toLowerCase(), inOneLine(requireSecret(secrets, config.value))]] };
    case 'query':
      return { ...noDress, query: [[config.name, requireSecret(secrets, config.value)]] };
    case 'cookie':
      return {
        ...noDress,
        cookies: [[config.name, inOneLine(requireSecret(secrets, config.value)).replaceAll(';', '')]],
      };
  }
}

/** A secret pasted with its line end is meant without it; one with more inside would split the request. */
function inOneLine(secret: string): string {
  return secret.trim().replace(/[\r\n\0]+/g, '');
}
