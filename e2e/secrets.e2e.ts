import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { WebSocketServer } from 'ws';
import { type CertificateDesk, openCertificateDesk } from '../electron/engine/dialling/testing/certificates';
import { startHttpProxy } from '../electron/engine/dialling/testing/http-proxy';
import type { CommandArgs } from '../shared/ipc';
import { withOpening } from '../shared/recipe-opening';
import { ask } from './fixtures/bridge';
import { descendants, expect, type Running, test } from './fixtures/electron';
import { startKeyring } from './fixtures/keyring';
import { type OwnGateway, startGateway } from './fixtures/servers';
import { windowOf } from './pages/window';

const stream = 'orders';

function planted(): string {
  return `planted-${randomBytes(12).toString('base64url')}`;
}

/** Keeps every batch that main sends to the page from now on. */
async function overhear(page: Page): Promise<void> {
  await page.evaluate(() => {
    const heard: string[] = [];
    Reflect.set(globalThis, 'heard', heard);
    window.wirewatch.onUpdates((batch) => heard.push(JSON.stringify(batch)));
  });
}

/** Every place a secret could come out: where it was found. */
async function whereFound(secret: string, running: Running, userData: string): Promise<readonly string[]> {
  const forms = [secret, Buffer.from(secret).toString('base64').replace(/=+$/, ''), encodeURIComponent(secret)];
  const holds = (text: string) => forms.some((form) => text.includes(form));
  const found: string[] = [];
  for (const path of await files(userData)) {
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    if (holds(bytes.toString('latin1')) || bytes.includes(Buffer.from(secret, 'utf16le'))) found.push(path);
  }
  if (holds(running.log())) found.push('the log');
  const page = await running.page.evaluate(() => ({
    heard: (Reflect.get(globalThis, 'heard') as string[]).join('\n'),
    html: document.documentElement.outerHTML,
    title: document.title,
    storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
  }));
  for (const [place, text] of Object.entries(page)) if (holds(text)) found.push(`the page's ${place}`);
  for (const pid of [running.pid, ...(await descendants(running.pid))]) {
    if (holds(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''))) found.push(`arguments of ${pid}`);
  }
  const titles = await running.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows().map((window) => window.getTitle()),
  );
  if (holds(titles.join())) found.push('a window title');
  return found;
}

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: false });
  const found = await Promise.all(
    entries.map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? files(path) : entry.isFile() ? [path] : [];
    }),
  );
  return found.flat();
}

/** What the window says of a source now. */
async function stateOf(page: Page, id: string): Promise<string> {
  const [last] = await ask(page, 'history.transitions', { source: id, limit: 1 });
  return `${last?.to.kind}: ${last?.code}`;
}

async function withToken(run: (gateway: OwnGateway, token: string) => Promise<void>): Promise<void> {
  const token = planted();
  const gateway = await startGateway({ streams: [stream], token });
  const ticking = setInterval(() => void gateway.publish(stream, { n: Date.now() }), 200);
  try {
    await run(gateway, token);
  } finally {
    clearInterval(ticking);
    await gateway.close();
  }
}

const reach = { credential: { kind: 'bearer', token: 'orders.token' } } as const;

test('without a keyring a credential lasts for this run, and comes out nowhere', async ({ start, userData }) => {
  await withToken(async ({ url }, token) => {
    const first = await start();
    await overhear(first.page);
    expect(await ask(first.page, 'secrets.state', {})).toEqual({ storage: 'none', stored: [], run: [] });
    const draft = { name: 'Orders', url: `${url}/v1/${stream}`, protocol: 'auto', reach } as const;
    const early = await ask(first.page, 'sources.test', { draft, part: 'credential', secrets: [] });
    expect(early).toMatchObject({ ok: false, text: expect.stringContaining('enter it again') });
    const typed = [{ name: 'orders.token', value: token }];
    expect(await ask(first.page, 'sources.test', { draft, part: 'credential', secrets: typed })).toMatchObject({
      ok: true,
      text: 'The request was accepted (200).',
    });
    expect(await ask(first.page, 'sources.test', { draft, part: 'proxy', secrets: typed })).toMatchObject({
      ok: true,
      text: 'The host answers without a proxy.',
    });
    expect(
      await ask(first.page, 'secrets.set', { ...typed[0], name: 'orders.token', value: token, keep: 'stored' }),
    ).toEqual({ kept: 'run' });
    const source = await ask(first.page, 'sources.add', draft);
    await expect.poll(() => stateOf(first.page, source.id)).toMatch(/^live/);
    expect(await whereFound(token, first, userData)).toEqual([]);
    await first.quit();

    const second = await start();
    await overhear(second.page);
    await expect.poll(() => stateOf(second.page, source.id)).toBe('waiting: credential-failed');
    await ask(second.page, 'secrets.set', { name: 'orders.token', value: token, keep: 'run' });
    await ask(second.page, 'sources.retry', { id: source.id });
    await expect.poll(() => stateOf(second.page, source.id)).toMatch(/^live/);
    expect(await whereFound(token, second, userData)).toEqual([]);
  });
});

test('with a keyring a credential is kept, changes while in use, and is gone when forgotten', async ({
  start,
  userData,
}) => {
  const keyring = await startKeyring();
  test.skip(keyring === null, 'needs dbus-daemon and gnome-keyring-daemon');
  if (!keyring) return;
  const options = { env: keyring.env, args: keyring.args };
  try {
    await withToken(async ({ url }, token) => {
      const first = await start(options);
      await overhear(first.page);
      expect(await ask(first.page, 'secrets.state', {})).toMatchObject({ storage: 'keyring' });
      const wrong = planted();
      expect(await ask(first.page, 'secrets.set', { name: 'orders.token', value: wrong, keep: 'stored' })).toEqual({
        kept: 'stored',
      });
      const draft = { name: 'Orders', url: `${url}/v1/${stream}`, protocol: 'auto', reach } as const;
      const source = await ask(first.page, 'sources.add', draft);
      await expect.poll(() => stateOf(first.page, source.id)).toBe('stopped: unauthorized');
      // Rotation: nothing but the new secret is needed.
      await ask(first.page, 'secrets.set', { name: 'orders.token', value: token, keep: 'stored' });
      await expect.poll(() => stateOf(first.page, source.id)).toMatch(/^live/);
      for (const secret of [token, wrong]) expect(await whereFound(secret, first, userData)).toEqual([]);
      await first.quit();

      const second = await start(options);
      await overhear(second.page);
      await expect.poll(() => stateOf(second.page, source.id)).toMatch(/^live/);
      expect(await whereFound(token, second, userData)).toEqual([]);
      await ask(second.page, 'sources.remove', { id: source.id });
      expect(await ask(second.page, 'secrets.state', {})).toEqual({ storage: 'keyring', stored: [], run: [] });
      expect(await readFile(join(userData, 'secrets.json'), 'utf8')).not.toContain('orders.token');
      await second.quit();
    });
  } finally {
    await keyring.close();
  }
});

/** A feed that notes what it is shown, and lets in or not. */
async function startNoting(desk: CertificateDesk) {
  const seen: string[] = [];
  const note = (request: IncomingMessage) => seen.push(`${request.url} ${JSON.stringify(request.headers)}`);
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    note(request);
    response.setHeader('content-type', 'application/json');
    if (request.url?.startsWith('/token')) response.end(JSON.stringify({ access_token: tokens.issued }));
    else if (request.url?.includes('refused')) {
      // As chatty servers do: everything they were asked with comes back.
      response.writeHead(401, { 'x-asked': JSON.stringify(request.headers), location: request.url });
      response.end(JSON.stringify({ error: 'not you', url: request.url, headers: request.headers }));
    } else response.end(JSON.stringify({ n: seen.length }));
  };
  const tokens = { issued: planted() };
  const plain = createHttpServer(answer);
  new WebSocketServer({ server: plain }).on('connection', (socket, request) => {
    note(request);
    socket.on('message', (data) => seen.push(String(data)));
  });
  const authority = desk.issue({ name: 'authority', authority: true });
  const own = desk.issue({ name: 'feed.test', issuer: authority });
  const secure = createHttpsServer(
    { key: own.key, cert: own.certificate, ca: authority.certificate, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      seen.push(`client certificate for ${request.url}`);
      answer(request, response);
    },
  );
  const portOf = async (server: typeof plain | typeof secure) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  return {
    seen,
    issued: tokens.issued,
    authority,
    http: `http://127.0.0.1:${await portOf(plain)}`,
    https: `https://127.0.0.1:${await portOf(secure)}`,
    close() {
      for (const server of [plain, secure]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}

test('a secret of every kind is shown to who is to see it, and comes out nowhere', { tag: '@long' }, async ({
  start,
  userData,
}) => {
  const keyring = await startKeyring();
  const desk = openCertificateDesk();
  const feed = await startNoting(desk);
  const login = planted();
  const proxy = await startHttpProxy({ login: `me:${login}` });
  const client = desk.issue({ name: 'watcher', issuer: feed.authority });
  const passphrase = planted();
  const archive = desk.archive(client, passphrase).toString('base64');
  try {
    const running = await start(keyring ? { env: keyring.env, args: keyring.args } : {});
    await overhear(running.page);
    const secrets: Record<string, string> = {
      basic: planted(),
      header: planted(),
      query: planted(),
      cookie: planted(),
      first: planted(),
      oauth: planted(),
      url: planted(),
      proxy: login,
      key: client.key,
      archive,
      passphrase,
    };
    for (const [name, value] of Object.entries(secrets)) {
      await ask(running.page, 'secrets.set', { name, value, keep: 'stored' });
    }
    const tls = { ca: feed.authority.certificate, serverName: 'feed.test' };
    const tokenUrl = `${feed.http}/token`;
    const through = { kind: 'manual', url: `http://127.0.0.1:${proxy.port}`, user: 'me', password: 'proxy' } as const;
    const kinds = {
      basic: { credential: { kind: 'basic', user: 'me', password: 'basic' } },
      header: { credential: { kind: 'header', name: 'X-Key', value: 'header' } },
      query: { credential: { kind: 'query', name: 'ticket', value: 'query' } },
      cookie: { credential: { kind: 'cookie', name: 'session', value: 'cookie' } },
      oauth: { credential: { kind: 'oauth', tokenUrl, clientId: 'me', clientSecret: 'oauth' } },
      url: { credential: { kind: 'token-url', url: tokenUrl, authorization: 'url' } },
      proxy: { proxy: through },
      key: { tls: { ...tls, certificate: client.certificate, key: 'key' } },
      archive: { tls: { ...tls, pkcs12: 'archive', passphrase: 'passphrase' } },
    } as const satisfies Record<string, CommandArgs<'sources.add'>['reach']>;
    const refused: string[] = [];
    for (const [name, reach] of Object.entries(kinds)) {
      const host = 'tls' in reach ? feed.https : feed.http;
      for (const outcome of ['accepted', 'refused']) {
        const draft = {
          name: `${name} ${outcome}`,
          url: `${host}/${name}-${outcome}.json`,
          protocol: 'auto',
          reach,
        } as const;
        await ask(running.page, 'sources.test', { draft, part: 'credential', secrets: [] });
        const { id } = await ask(running.page, 'sources.add', draft);
        if (outcome === 'refused') refused.push(id);
      }
    }
    const first = withOpening(undefined, [{ send: '*secret.first*', login: true }]);
    const url = feed.http.replace('http', 'ws');
    await ask(running.page, 'sources.add', { name: 'first', url: `${url}/first`, protocol: 'auto', recipe: first });

    // What is to be seen was: otherwise finding nothing elsewhere would prove nothing.
    const shown = [
      Buffer.from(`me:${secrets.basic}`).toString('base64'),
      ...[secrets.header, secrets.query, secrets.cookie, secrets.first, secrets.url].map(String),
      Buffer.from(`me:${secrets.oauth}`).toString('base64'),
      `Bearer ${feed.issued}`,
      'client certificate for /key-accepted.json',
      'client certificate for /archive-accepted.json',
    ];
    for (const secret of shown) await expect.poll(() => feed.seen.join('\n')).toContain(secret);
    await expect.poll(() => proxy.asked.length).toBeGreaterThan(1);
    for (const id of refused) {
      await expect.poll(() => stateOf(running.page, id)).toMatch(/^stopped: (unauthorized|credential-wanted)$/);
    }

    const line = client.key.split('\n')[1] ?? '';
    const looked = { ...secrets, key: line, archive: archive.slice(0, 60), token: feed.issued };
    for (const [name, secret] of Object.entries(looked)) {
      expect(await whereFound(secret, running, userData), name).toEqual([]);
    }
    await running.quit();
  } finally {
    await proxy.close();
    feed.close();
    desk.close();
    await keyring?.close();
  }
});

/** Whether this Electron can encrypt without a keyring, once it is told to (those before 26 cannot). */
const canBeTold = ({ app }: Running) => app.evaluate(({ safeStorage }) => 'setUsePlainTextEncryption' in safeStorage);

/** What newer Electrons do without a keyring, in the place of an older one's safeStorage. */
async function standInForNewer({ app }: Running): Promise<void> {
  await app.evaluate(({ safeStorage }) => {
    let told = false;
    Object.assign(safeStorage, {
      getSelectedStorageBackend: () => 'basic_text',
      setUsePlainTextEncryption: (plain: boolean) => {
        told = plain;
      },
      isEncryptionAvailable: () => told,
      encryptString: (text: string) => {
        if (!told) throw new Error('Encryption is not available.');
        return Buffer.from(`v10${text}`).map((byte) => byte ^ 0x5a);
      },
      decryptString: (bytes: Buffer) =>
        Buffer.from(bytes.map((byte) => byte ^ 0x5a))
          .toString()
          .slice(3),
    });
  });
}

test('where nothing protects what is stored, the form asks first, and does as it is told', { tag: '@long' }, async ({
  start,
  userData,
  picture,
}) => {
  const options = { args: ['--password-store=basic'] };
  await withToken(async ({ url }, token) => {
    const first = await start(options);
    const real = await canBeTold(first);
    // An Electron that cannot store without a keyring must not offer to.
    if (!real) expect(await ask(first.page, 'secrets.state', {})).toMatchObject({ storage: 'none' });
    if (!real) await standInForNewer(first);
    await overhear(first.page);
    expect(await ask(first.page, 'secrets.state', {})).toMatchObject({ storage: 'weak' });
    const add = async (name: string, store: boolean) => {
      const window = windowOf(first.page);
      await window.addSource();
      const { dialog } = window.form;
      await dialog.locator('[data-section="credential"] summary').click();
      await dialog.getByLabel('Kind of credential').selectOption('bearer');
      await dialog.getByLabel('Token', { exact: true }).fill(token);
      const box = dialog.getByRole('checkbox', { name: /^Store secrets on disk although/ });
      await expect(box).not.toBeChecked();
      if (store) await box.check();
      if (store) await picture(first.page, 'form-weak-keyring');
      await window.form.add(`${url}/v1/${stream}`, name);
      await expect(window.source.title).toHaveText(name);
      await expect(window.source.state).toHaveText('Live');
    };
    await add('For this run', false);
    expect(await ask(first.page, 'secrets.state', {})).toMatchObject({ stored: [], run: [expect.any(String)] });
    await add('On disk', true);
    expect(await ask(first.page, 'secrets.state', {})).toMatchObject({
      stored: [expect.any(String)],
      run: [expect.any(String)],
    });
    expect(await whereFound(token, first, userData)).toEqual([]);
    await first.quit();

    const second = await start(options);
    const { overview, open, source } = windowOf(second.page);
    await expect(overview.card('For this run', 'Waiting')).toBeVisible();
    if (!real) await standInForNewer(second);
    await open('On disk');
    await expect(source.state).toHaveText('Live');
  });
});
