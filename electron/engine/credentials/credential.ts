import { type CredentialConfig, type Reach, secretsOf } from '../../../shared/reach';
import { type CredentialPort, type Dress, type Dresser, noDress } from '../core/credential';
import { createListeners, type Report } from '../core/listeners';
import type { SecretReader } from '../core/secrets';
import type { Accounts } from './accounts';
import { conceal, loginsOf } from './conceal';
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
  /** Where errors of listeners go. */
  readonly report?: Report;
}

/** Secrets are read at each request, so that a changed one counts at once. */
export function createCredential(reach: Reach, deps: CredentialDeps): Credential {
  const config = reach.credential;
  const names = new Set(secretsOf(reach));
  const listeners = createListeners<[]>(deps.report);
  const token = isToken(config) ? wearToken(config, reach, deps.accounts) : null;
  const stopSecrets = deps.secrets.onChange((name) => {
    if (!names.has(name)) return;
    token?.reset();
    listeners.tell();
  });
  const port: CredentialPort = {
    bare: config.kind === 'none',
    conceal(text) {
      const kept = [...names].flatMap((name) => deps.secrets.read(name) ?? []);
      const logins = loginsOf(reach, (name) => deps.secrets.read(name));
      return conceal(text, [...logins, ...kept, ...(token?.given() ?? [])]);
    },
    refresh: token?.refresh ?? (async () => ({ kind: 'nothing-to-refresh' })),
    onChange: listeners.subscribe,
  };
  const worn = isToken(config) ? null : config;
  return {
    dresser: token?.dresser ?? (worn === null || worn.kind === 'none' ? null : async () => fixed(worn, deps.secrets)),
    port: names.size === 0 && !token ? null : port,
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

function wearToken(config: TokenConfig, reach: Reach, accounts: Accounts) {
  const { account, reset, release } = accounts.lease(config, reach);
  /** What was worn last is what can have been refused. */
  let worn = 0;
  let given: string | null = null;
  const dresser: Dresser = async () => {
    const { value, version } = await account.token();
    worn = version;
    given = value;
    return { ...noDress, headers: [['authorization', `Bearer ${value}`]] };
  };
  return {
    dresser,
    refresh: () => account.refused(worn),
    reset,
    close: release,
    given: () => (given === null ? [] : [given]),
  };
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
    case 'first-message':
      return { ...noDress, firstMessages: [requireSecret(secrets, config.message)] };
  }
}

/** A secret pasted with its line end is meant without it; one with more inside would split the request. */
function inOneLine(secret: string): string {
  return secret.trim().replace(/[\r\n\0]+/g, '');
}
