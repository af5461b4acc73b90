import type { Reach } from '../../../shared/reach';
import type { Clock } from '../core/clock';
import type { HttpPort } from '../core/network';
import type { Random } from '../core/random';
import type { SecretReader } from '../core/secrets';
import { type Account, createAccount } from './account';
import { fetchToken, type RunCommand, type TokenConfig } from './providers';

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
  /** The last one to leave ends the account's timers and requests. */
  release(): void;
}

/** Accounts by what they are: sources with the same credential, reached the same way, share one. */
export interface Accounts {
  lease(config: TokenConfig, reach: Reach): AccountLease;
}

interface Shared {
  readonly account: Account;
  readonly http: HttpPort & { close(): void };
  leases: number;
}

export function createAccounts(deps: AccountsDeps): Accounts {
  const shared = new Map<string, Shared>();
  return {
    lease(config, reach) {
      const key = JSON.stringify([config, reach.proxy, reach.tls, reach.connectTo]);
      const one = shared.get(key) ?? open(deps, config, reach);
      shared.set(key, one);
      one.leases += 1;
      let released = false;
      return {
        account: one.account,
        release() {
          if (released) return;
          released = true;
          one.leases -= 1;
          if (one.leases > 0) return;
          shared.delete(key);
          one.account.close();
          one.http.close();
        },
      };
    },
  };
}

function open(deps: AccountsDeps, config: TokenConfig, reach: Reach): Shared {
  const { clock, random, secrets, run } = deps;
  const http = deps.httpFor(reach);
  const account = createAccount({
    clock,
    random,
    fetch: (signal) => fetchToken(config, { clock, http, secrets, run }, signal),
  });
  return { account, http, leases: 0 };
}
