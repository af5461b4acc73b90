import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SourceConfig, sourceSchema } from '../../../shared/source';
import { writeBackup } from '../backup/backup-file';
import { openWindowRig } from '../ipc/testing/window-rig';
import type { SendQuestion } from './consent';

const secret = 'planted-bearer-token';

interface Listener {
  readonly origin: string;
  readonly port: number;
  /** Every request: its address and headers. */
  readonly seen: string[];
  close(): void;
}

async function listen(): Promise<Listener> {
  const seen: string[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    seen.push(`${request.url} ${JSON.stringify(request.headers)}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ n: seen.length }));
  };
  const server: Server = createServer(answer);
  // A connection alone is something sent, and so is a proxy's or a socket's handshake.
  server.on('connection', () => seen.push('connected'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    seen,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

let good: Listener;
let evil: Listener;
let rig: Awaited<ReturnType<typeof openWindowRig>>;
let backup: string;
let answer: boolean;
const questions: SendQuestion[] = [];
/** What the other host had been sent when the question was put. */
let sentBefore: number | null;

beforeEach(async () => {
  good = await listen();
  evil = await listen();
  questions.length = 0;
  answer = false;
  sentBefore = null;
  rig = await openWindowRig({
    backup: () => backup,
    async askToSend(question) {
      questions.push(question);
      sentBefore = evil.seen.length;
      return answer;
    },
  });
  await rig.call('secrets.set', { name: 'the.token', value: secret, keep: 'stored' });
  const draft = {
    name: 'Orders',
    url: `${good.origin}/orders.json`,
    protocol: 'json',
    reach: bearer,
    ladder: rungs(good),
  };
  const added = await rig.call('sources.add', draft);
  expect(added.ok).toBe(true);
  await expect.poll(() => good.seen.join()).toContain(`Bearer ${secret}`);
});
afterEach(async () => {
  await rig.close();
  good.close();
  evil.close();
});

const bearer = { proxy: { kind: 'direct' }, credential: { kind: 'bearer', token: 'the.token' } } as const;
const rungs = ({ origin }: Listener) => [{ transport: 'poll', url: `${origin}/orders.json`, intervalSeconds: 1 }];

function held(): SourceConfig {
  const [source] = rig.settings.current().sources;
  if (!source) throw new Error('The source is gone.');
  return source;
}

/** The stored source as a file changed by somebody else has it. */
const changed = (change: object): SourceConfig => sourceSchema.parse({ ...held(), ...change });

const refused = { ok: false, error: { kind: 'refused' } };

describe('a stored bearer token', () => {
  const ways: readonly (readonly [string, () => object, () => string])[] = [
    ['whose ladder was changed', () => ({ ladder: rungs(evil) }), () => evil.origin],
    [
      'that connects elsewhere',
      () => ({ reach: { ...held().reach, connectTo: `127.0.0.1:${evil.port}` } }),
      () => `127.0.0.1:${evil.port} (connected to instead of the address)`,
    ],
    [
      'that goes through a proxy',
      () => ({ reach: { ...held().reach, proxy: { kind: 'manual', url: evil.origin } } }),
      () => `${evil.origin} (proxy)`,
    ],
    [
      'under another id',
      () => ({ id: 'other', url: `${evil.origin}/orders.json`, ladder: rungs(evil) }),
      () => evil.origin,
    ],
  ];

  it.each(ways)(
    'hostile 1: is not sent elsewhere by a backup %s: main asks, and until then nothing is sent',
    async (_what, change, place) => {
      const before = rig.settings.current();
      backup = writeBackup({ ...before, sources: [changed(change())] }, 0);
      const preview = await rig.call('backup.preview', {});
      expect(preview).toMatchObject({
        ok: true,
        value: { items: [{ dials: expect.arrayContaining([place()]) }] },
      });
      expect(await rig.call('backup.apply', { token: 'a' })).toMatchObject(refused);
      expect(questions).toEqual([{ source: 'Orders', commands: [], held: [good.origin], more: [place()] }]);
      expect(rig.settings.current()).toEqual(before);
      expect(evil.seen).toEqual([]);

      answer = true;
      await rig.call('backup.preview', {});
      expect(await rig.call('backup.apply', { token: 'a' })).toMatchObject({ ok: true });
      await expect.poll(() => evil.seen.join(), { timeout: 10_000 }).toContain(`Bearer ${secret}`);
      expect(sentBefore).toBe(0);
    },
  );

  it('hostile 1: is not sent elsewhere by a page that tries a form, edits a source or adds one', async () => {
    const draft = {
      name: 'Orders',
      url: `${evil.origin}/orders.json`,
      protocol: 'json',
      reach: bearer,
      ladder: rungs(evil),
    };
    for (const part of ['proxy', 'credential', 'requests', 'tls']) {
      expect(await rig.call('sources.test', { draft, part, secrets: [] })).toMatchObject(refused);
    }
    expect(await rig.call('sources.add', draft)).toMatchObject(refused);
    expect(await rig.call('sources.edit', { id: held().id, draft })).toMatchObject(refused);
    // A profile that is left out is the one there is.
    const { reach: _, ...bare } = draft;
    expect(await rig.call('sources.edit', { id: held().id, draft: bare })).toMatchObject(refused);
    expect(questions).toHaveLength(7);
    for (const question of questions) expect(question).toMatchObject({ held: [good.origin], more: [evil.origin] });
    expect(evil.seen).toEqual([]);
    expect(held().url).toBe(`${good.origin}/orders.json`);

    // One that is typed in the same form is for the address in the form.
    const typed = [{ name: 'the.token', value: 'typed-now' }];
    expect(await rig.call('sources.test', { draft, part: 'credential', secrets: typed })).toMatchObject({ ok: true });
    expect(evil.seen.join()).toContain('Bearer typed-now');
    expect(evil.seen.join()).not.toContain(secret);
    expect(questions).toHaveLength(7);
  });
});
