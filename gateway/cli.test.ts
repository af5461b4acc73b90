import { type ChildProcess, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { optionsFrom, UsageError } from './cli-options';
import { openWebSocket } from './testing/independent-client';

const root = join(__dirname, '..');
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function run(args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'gateway/cli.ts'), ...args],
    {
      env: { ...process.env, ...env },
    },
  );
  children.push(child);
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = new Promise<{ code: number | null; out: string; errors: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, out, errors }));
  });
  return {
    child,
    ended,
    async url(): Promise<string> {
      for (;;) {
        const found = /Gateway at (\S+)/.exec(out)?.[1];
        if (found !== undefined) return found;
        await Promise.race([new Promise((resolve) => setTimeout(resolve, 20)), ended]);
        if (child.exitCode !== null) throw new Error(errors);
      }
    },
  };
}

describe('npm run gateway', () => {
  it.each([
    [['--port', 'soon'], /^--port wants a whole number, not "soon"\.$/],
    [['--port', '70000'], /^--port: /],
    [['--nonsense'], /--nonsense/],
    [['extra'], /extra/],
    [['--feed', 'cat'], /^--feed is "host" or "none"\.$/],
    [['--stream', 'a b'], /^--stream: /],
    [['--retain', '0'], /^--retain: /],
    [['--token-env', 'NO_SUCH'], /NO_SUCH/],
    [['--token-env', 'SPACED'], /^the token: /],
  ])('refuses %j with a sentence', (args, sentence) => {
    const refuse = () => optionsFrom(args, { SPACED: 'a b' });
    expect(refuse).toThrow(UsageError);
    expect(refuse).toThrow(sentence);
  });

  it('reads every flag', () => {
    const args =
      '--port 0 --host ::1 --feed none --stream a --stream b --state /s --retain 5 --token-env T --demo'.split(' ');
    expect(optionsFrom(args, { T: 'secret' })).toMatchObject({
      port: 0,
      host: '::1',
      feed: 'none',
      streams: ['a', 'b'],
      stateDir: '/s',
      retention: { events: 5 },
      token: 'secret',
      demo: true,
    });
    expect(optionsFrom(['--help'], {})).toBe('help');
  });

  it('ends with 64 and the usage over a wrong flag', async () => {
    const { code, errors } = await run(['--nonsense']).ended;
    expect(code).toBe(64);
    expect(errors).toContain('Usage: npm run gateway');
  });

  it('serves the streams asked for with a token, prints no token, and ends cleanly with a goodbye', async () => {
    const gateway = run(['--port', '0', '--feed', 'none', '--stream', 'news', '--token-env', 'WW_TOKEN'], {
      WW_TOKEN: 'planted-secret',
    });
    const url = await gateway.url();
    await expect(openWebSocket(`${url}/v1/news`)).rejects.toMatchObject({ status: 401 });
    const client = await openWebSocket(`${url}/v1/news`, '', { authorization: 'Bearer planted-secret' });
    await client.until(({ kind }) => kind === 'hello');
    gateway.child.kill('SIGINT');
    expect(await client.until(({ kind }) => kind === 'goodbye')).toMatchObject({ reason: 'shutdown' });
    const { code, out, errors } = await gateway.ended;
    expect(code).toBe(0);
    expect(out).toContain(`${url}/v1/news`);
    expect(out + errors).not.toContain('planted-secret');
  });

  it('says that the port is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, errors } = await run(['--port', String(port), '--feed', 'none']).ended;
    server.close();
    expect(code).toBe(1);
    expect(errors).toBe(`Port ${port} is taken. Choose another with --port, or --port 0 for a free one.\n`);
  });
});
