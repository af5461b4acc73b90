import { createHash } from 'node:crypto';
import type { Reach } from '../../../shared/reach';
import { withSecrets } from '../../../shared/secret-places';
import type { Clock } from '../core/clock';
import type { HttpPort } from '../core/network';
import type { Random } from '../core/random';
import type { SecretReader } from '../core/secrets';
import { type Account, createAccount } from './account';
import { fetchToken, type RunCommand, type TokenConfig } from './providers';
import { TokenFailure } from './token';

export interface AccountsDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly secrets: SecretReader;
  readonly run: RunCommand;
  /** HTTP by this profile's proxy and TLS, without its credential. */
  httpFor(reach: Reach): HttpPort & { close(): void };
}

/** An account in use by one source. */
export interface AccountLease {
  readonly account: Account;
  /** The secret under this source's name has changed: it is the one to use now. */
  reset(): void;
  /** The last one to leave ends the account's timers and requests. */
  release(): void;
}

/**
 * Accounts by what they are: sources with the same credential, reached the same way, share one. The same secret is the
 * same under whichever name a source keeps it.
 */
export interface Accounts {
  lease(config: TokenConfig, reach: Reach): AccountLease;
}

interface Shared {
  readonly account: Account;
  readonly http: HttpPort & { close(): void };
  /** Of the sources that use it now. The newest one's names lead to the secrets: an older source may take its own along. */
  readonly configs: Set<{ readonly config: TokenConfig }>;
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const shared = new Map<string, Shared>();
  return {
    lease(config, reach) {
      const key = JSON.stringify([withoutNames(config, deps.secrets), reach.proxy, reach.tls, reach.connectTo]);
      const one = shared.get(key) ?? open(deps, reach);
      const mine = { config };
      shared.set(key, one);
      one.configs.add(mine);
      return {
        account: one.account,
        reset() {
          if (!one.configs.delete(mine)) return;
          one.configs.add(mine);
          one.account.reset();
        },
        release() {
          if (!one.configs.delete(mine) || one.configs.size > 0) return;
          shared.delete(key);
          one.account.close();
          one.http.close();
        },
      };
    },
  };
}

/** The credential with digests in place of the names of its secrets. */
function withoutNames(config: TokenConfig, secrets: SecretReader): TokenConfig {
  // A secret that is not there yet is known by its name only.
  const digest = (name: string) => {
    const value = secrets.read(name);
    return value === null ? name : createHash('sha256').update(value).digest('base64');
  };
  switch (config.kind) {
    case 'oauth':
      return { ...config, tokenUrl: withSecrets(config.tokenUrl, digest), clientSecret: digest(config.clientSecret) };
    case 'token-url':
      return {
        ...config,
        url: withSecrets(config.url, digest),
        authorization: config.authorization === null ? null : digest(config.authorization),
      };
    case 'token-command':
      return config;
  }
}

function open(deps: AccountsDeps, reach: Reach): Shared {
  const { clock, random, secrets, run } = deps;
  const http = deps.httpFor(reach);
  const configs: Shared['configs'] = new Set();
  const account = createAccount({
    clock,
    random,
    async fetch(signal) {
      const newest = [...configs].at(-1);
      if (!newest) throw new TokenFailure('no source uses it any more');
      return fetchToken(newest.config, { clock, http, secrets, run }, signal);
    },
  });
  return { account, http, configs };
}
