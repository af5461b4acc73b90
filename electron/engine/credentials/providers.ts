import type { CredentialConfig } from '../../../shared/reach';
import { addressWithSecrets } from '../../../shared/secret-places';
import { ByteQueue } from '../core/byte-queue';
import type { Clock } from '../core/clock';
import type { HttpPort, NetworkFailure } from '../core/network';
import type { SecretReader } from '../core/secrets';
import { maxAnswerBytes, oauthErrorOf, readToken, type Token, TokenFailure } from './token';

/** Credentials that are a token somebody else makes. */
export type TokenConfig = Extract<CredentialConfig, { readonly kind: 'oauth' | 'token-url' | 'token-command' }>;

/** Runs a command of this machine; what it printed, at most 64 KB. Rejects when it fails; ends it when aborted. */
export type RunCommand = (command: string, signal: AbortSignal) => Promise<string>;

export interface ProviderDeps {
  readonly clock: Clock;
  /** Reaches the token service the way the source is reached, without its credential. */
  readonly http: HttpPort;
  readonly secrets: SecretReader;
  readonly run: RunCommand;
}

/** Gets one token. Rejects with a TokenFailure that names no secret. */
export async function fetchToken(config: TokenConfig, deps: ProviderDeps, signal: AbortSignal): Promise<Token> {
  switch (config.kind) {
    case 'token-command': {
      const printed = await deps.run(config.command, signal);
      return readToken(printed, deps.clock.wall());
    }
    case 'token-url': {
      const secret = config.authorization === null ? null : requireSecret(deps.secrets, config.authorization);
      const headers = secret === null ? [] : [['authorization', secret] as const];
      return ask(deps, { method: 'GET', url: filled(config.url, deps.secrets), headers, body: null }, signal);
    }
    case 'oauth':
      return ask(deps, oauthRequest(config, deps.secrets), signal);
  }
}

/** A secret that must be there. Its name is no secret. */
export function requireSecret(secrets: SecretReader, name: string): string {
  const value = secrets.read(name);
  if (value === null) throw new TokenFailure('the secret is not stored on this machine: enter it again');
  return value;
}

/** The address with its secrets in it. */
function filled(address: string, secrets: SecretReader): string {
  return addressWithSecrets(address, (name) => requireSecret(secrets, name));
}

/** Client credentials grant (RFC 6749 §4.4.2; in the header: form-encoded first, §2.3.1). */
function oauthRequest(config: Extract<TokenConfig, { readonly kind: 'oauth' }>, secrets: SecretReader) {
  const secret = requireSecret(secrets, config.clientSecret);
  const body = new URLSearchParams({ grant_type: 'client_credentials' });
  if (config.scope !== '') body.set('scope', config.scope);
  if (config.audience !== '') body.set('audience', config.audience);
  const headers: (readonly [string, string])[] = [
    ['content-type', 'application/x-www-form-urlencoded'],
    ['accept', 'application/json'],
  ];
  if (config.clientIn === 'body') {
    body.set('client_id', config.clientId);
    body.set('client_secret', secret);
  } else {
    const pair = `${encodeURIComponent(config.clientId)}:${encodeURIComponent(secret)}`;
    headers.push(['authorization', `Basic ${Buffer.from(pair).toString('base64')}`]);
  }
  return { method: 'POST' as const, url: filled(config.tokenUrl, secrets), headers, body: body.toString() };
}

function ask(deps: ProviderDeps, request: Parameters<HttpPort['request']>[0], signal: AbortSignal): Promise<Token> {
  return new Promise((fulfil, reject) => {
    const body = new ByteQueue();
    let status = 0;
    const settle = (act: () => void) => {
      signal.removeEventListener('abort', abort);
      act();
    };
    const abort = () =>
      settle(() => {
        exchange.destroy();
        reject(new TokenFailure('it was not waited for any longer'));
      });
    const exchange = deps.http.request(request, {
      onHead(head) {
        status = head.status;
      },
      onBytes(chunk) {
        body.add(chunk);
        if (body.length > maxAnswerBytes) {
          exchange.destroy();
          settle(() => reject(new TokenFailure('the token service answered with more than a token')));
        }
      },
      onEnd() {
        settle(() => {
          try {
            fulfil(tokenOf(status, Buffer.from(body.takeAll()).toString('utf8'), deps.clock.wall()));
          } catch (error) {
            reject(error);
          }
        });
      },
      onError: (failure) => settle(() => reject(new TokenFailure(unreached(failure)))),
    });
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
  });
}

function tokenOf(status: number, body: string, wall: number): Token {
  if (status >= 200 && status < 300) {
    try {
      return readToken(body, wall);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new TokenFailure(`the token service answered ${status}, and ${said}`);
    }
  }
  const word = oauthErrorOf(body);
  const permanent = status === 401 || status === 403 || (status === 400 && word !== null);
  throw new TokenFailure(`the token service answered ${status}${word ? ` (${word})` : ''}`, permanent);
}

function unreached(failure: NetworkFailure): string {
  const through = failure.proxy ? `the proxy ${failure.proxy.address} did not let us through: ` : '';
  return `the token service could not be asked: ${through}${failure.message} (${failure.code})`.slice(0, 300);
}
