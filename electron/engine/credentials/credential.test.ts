import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Reach, reachSchema, secretsOf } from '../../../shared/reach';
import { createSystemClock } from '../../node/clock';
import { createSystemRandom } from '../../node/random';
import { runCommand } from '../../node/run-command';
import { createDialler } from '../dialling/dialler';
import { createHttpPort } from '../dialling/http-port';
import { createAccounts } from './accounts';
import { createCredential } from './credential';
import { readToken } from './token';

const clock = createSystemClock();
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function reachWith(credential: unknown): Reach {
  return reachSchema.parse({ credential });
}

function bench(stored: Record<string, string>) {
  const listeners = new Set<(name: string) => void>();
  const secrets = {
    read: (name: string) => stored[name] ?? null,
    onChange(listener: (name: string) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const accounts = createAccounts({
    clock,
    random: createSystemRandom(),
    secrets,
    run: runCommand,
    httpFor: () => createHttpPort({ dial: createDialler({ clock }), clock }),
  });
  return {
    listeners,
    open(credential: unknown, headers: readonly [string, string][] = []) {
      const reach = { ...reachWith(credential), headers: [...headers] };
      const opened = createCredential({ url: '', ladder: [], reach }, { secrets, accounts });
      closers.push(() => opened.close());
      return opened;
    },
    set(name: string, value: string) {
      stored[name] = value;
      for (const listener of listeners) listener(name);
    },
  };
}

async function serve(answer: (request: IncomingMessage, body: string) => { status: number; body: string }) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const said = answer(request, body);
      response.writeHead(said.status).end(said.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
}

describe('credentials', () => {
  it('fixed ones are worn as they are named', async () => {
    const { open } = bench({ s: 'pä:ss\n', t: 'tok\r\nen\n' });
    const worn = async (credential: unknown) => open(credential).dresser?.();
    expect((await worn({ kind: 'basic', user: 'me', password: 's' }))?.headers).toEqual([
      ['authorization', `Basic ${Buffer.from('me:pä:ss\n').toString('base64')}`],
    ]);
    expect((await worn({ kind: 'bearer', token: 't' }))?.headers).toEqual([['authorization', 'Bearer token']]);
    expect((await worn({ kind: 'header', name: 'X-Key', value: 't' }))?.headers).toEqual([['x-key', 'token']]);
    expect((await worn({ kind: 'query', name: 'key', value: 's' }))?.query).toEqual([['key', 'pä:ss\n']]);
    expect((await worn({ kind: 'cookie', name: 'sid', value: 't' }))?.cookies).toEqual([['sid', 'token']]);
    expect(await worn({ kind: 'none' })).toBeUndefined();
  });

  it('what goes into a header keeps its spaces, and stays one line; in an address they are encoded', async () => {
    const { open } = bench({ k: 'Bearer abc def\n', two: 'a\r\nX-Evil: 1' });
    const place = (name: string) => `*secret.${name}*`;
    const dress = await open({ kind: 'none' }, [
      ['X-Auth', place('k')],
      ['X-Two', place('two')],
    ]).dresser?.();
    expect(dress?.fill?.(place('k'))).toBe('Bearer abc def');
    expect(dress?.fill?.(place('two'))).toBe('a%0D%0AX-Evil: 1');
    expect(dress?.fill?.(`https://h.test/?key=${place('k')}`)).toBe('https://h.test/?key=Bearer%20abc%20def');
  });

  it('a changed secret counts at the next request, and is told', async () => {
    const { open, set, listeners } = bench({ t: 'old' });
    const { dresser, port, close } = open({ kind: 'bearer', token: 't' });
    let told = 0;
    port?.onChange(() => {
      told += 1;
    });
    set('other', 'x');
    expect(told).toBe(0);
    set('t', 'new');
    expect(told).toBe(1);
    expect((await dresser?.())?.headers).toEqual([['authorization', 'Bearer new']]);
    expect(await port?.refresh()).toEqual({ kind: 'nothing-to-refresh' });
    close();
    expect(listeners.size).toBe(0);
  });

  it('a secret that is not there is a cause, not an empty password', async () => {
    await expect(bench({}).open({ kind: 'bearer', token: 't' }).dresser?.()).rejects.toThrow('enter it again');
  });

  it('OAuth client credentials, in the header and in the body', async () => {
    const seen: string[] = [];
    const tokenUrl = await serve((request, body) => {
      seen.push(`${request.method} ${request.headers.authorization ?? ''} ${body}`);
      return { status: 200, body: '{"access_token":"a1","token_type":"Bearer","expires_in":600}' };
    });
    const { open } = bench({ c: 's:e' });
    const config = { kind: 'oauth', tokenUrl, clientId: 'id', clientSecret: 'c', scope: 'read' };
    const first = open(config);
    expect((await first.dresser?.())?.headers).toEqual([['authorization', 'Bearer a1']]);
    // The same account: no further request.
    expect((await open(config).dresser?.())?.headers).toEqual([['authorization', 'Bearer a1']]);
    await open({ ...config, clientIn: 'body' }).dresser?.();
    expect(seen).toEqual([
      `POST Basic ${Buffer.from('id:s%3Ae').toString('base64')} grant_type=client_credentials&scope=read`,
      'POST  grant_type=client_credentials&scope=read&client_id=id&client_secret=s%3Ae',
    ]);
  });

  it('sources with the same secret share a token, under whichever names they keep it, and whichever of them goes', async () => {
    let asked = 0;
    const tokenUrl = await serve((request) => {
      asked += 1;
      const secret = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64').toString();
      return { status: 200, body: JSON.stringify({ access_token: `${secret.replace(/\W/g, '-')}-${asked}` }) };
    });
    const stored: Record<string, string> = { one: 'same', two: 'same', three: 'other' };
    const { open, set } = bench(stored);
    const config = { kind: 'oauth', tokenUrl, clientId: 'id' };
    const worn = async (source: ReturnType<typeof open>) => (await source.dresser?.())?.headers[0]?.[1];
    const first = open({ ...config, clientSecret: 'one' });
    const second = open({ ...config, clientSecret: 'two' });
    expect([await worn(first), await worn(second)]).toEqual(['Bearer id-same-1', 'Bearer id-same-1']);
    expect(await worn(open({ ...config, clientSecret: 'three' }))).toBe('Bearer id-other-2');
    expect(await worn(open({ ...config, clientSecret: 'two', account: 'apart' }))).toBe('Bearer id-same-3');
    // The one whose name led to the secret goes, and its secret with it.
    second.close();
    delete stored.two;
    expect(await first.port?.refresh()).toEqual({ kind: 'refreshed' });
    expect(await worn(first)).toBe('Bearer id-same-4');
    set('one', 'changed');
    expect(await worn(first)).toBe('Bearer id-changed-5');
  });

  it('says why there is no token, and never with a secret in it', async () => {
    let answer = { status: 401, body: '{"error":"invalid_client","error_description":"hush"}' };
    const tokenUrl = await serve(() => answer);
    const { open } = bench({ c: 'hush' });
    const ask = (n: number) =>
      open({ kind: 'oauth', tokenUrl, clientId: `id${n}`, clientSecret: 'c' })
        .dresser?.()
        .catch((error: Error) => error.message);
    expect(await ask(1)).toBe('the token service answered 401 (invalid_client)');
    answer = { status: 200, body: '<html>hush</html> ok' };
    expect(await ask(2)).toBe('the token service answered 200, and the answer holds no token');
    answer = { status: 200, body: `"${'x'.repeat(70_000)}"` };
    expect(await ask(3)).toBe('the token service answered with more than a token');
  });

  it('from a URL or a command of this machine', async () => {
    const url = await serve((request) => ({
      status: request.headers.authorization === 'Key k' ? 200 : 403,
      body: 'plain-token\n',
    }));
    const { open } = bench({ k: 'Key k' });
    expect((await open({ kind: 'token-url', url, authorization: 'k' }).dresser?.())?.headers).toEqual([
      ['authorization', 'Bearer plain-token'],
    ]);
    const command = open({ kind: 'token-command', command: 'echo \'{"token":"from-command"}\'' });
    expect((await command.dresser?.())?.headers).toEqual([['authorization', 'Bearer from-command']]);
    const bad = open({ kind: 'token-command', command: 'echo hush >&2; exit 3' });
    await expect(bad.dresser?.()).rejects.toThrow('the token command failed (exit code 3)');
  });

  it('a command that hangs is ended with what it started', async () => {
    const controller = new AbortController();
    const running = runCommand('sleep 77 & sleep 78', controller.signal);
    setTimeout(() => controller.abort(), 50);
    await expect(running).rejects.toThrow('not waited for');
  });
});

describe('what providers say', () => {
  const wall = Date.UTC(2026, 0, 1);

  it('is read in the forms there are', () => {
    expect(readToken('{"access_token":"a","expires_in":"60"}', wall)).toEqual({ value: 'a', lifeMs: 60_000 });
    expect(readToken(`{"token":"a","expires_at":${wall / 1000 + 5}}`, wall).lifeMs).toBe(5000);
    expect(readToken('{"token":"a","expires_at":"2026-01-01T00:00:07Z"}', wall).lifeMs).toBe(7000);
    const jwt = `e30.${Buffer.from(`{"exp":${wall / 1000 + 9}}`).toString('base64url')}.x`;
    expect(readToken(` ${jwt}\n`, wall)).toEqual({ value: jwt, lifeMs: 9000 });
    expect(readToken('bare', wall)).toEqual({ value: 'bare', lifeMs: null });
  });

  it('is refused where it is no token', () => {
    for (const text of ['', 'two words', '{"error":"x"}', '{"access_token":5}', '<html>', '{broken', 'a\nb']) {
      expect(() => readToken(text, wall)).toThrow();
    }
  });
});

describe('profiles', () => {
  it('name the secrets they need', () => {
    const reach = reachSchema.parse({
      proxy: { kind: 'manual', url: 'http://p:1', user: 'u', password: 'pp' },
      tls: { key: 'k' },
      credential: { kind: 'bearer', token: 't' },
    });
    expect([...secretsOf(reach)].sort()).toEqual(['k', 'pp', 't']);
    expect(reachSchema.safeParse({ proxy: { kind: 'manual', url: 'http://me:pw@p:1' } }).success).toBe(false);
    expect(reachSchema.safeParse({ headers: [['Content-Length', '1']] }).success).toBe(false);
    expect(reachSchema.safeParse({ headers: [['X', 'a\r\nb']] }).success).toBe(false);
  });
});
