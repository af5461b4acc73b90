import { ask, call } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';

test('the window is isolated, sandboxed and reaches nothing', async ({ running }) => {
  const { app, page } = running;
  expect(page.url()).toBe('app://wirewatch/index.html');
  const reach = await page.evaluate(() => ({
    require: typeof Reflect.get(globalThis, 'require'),
    process: typeof Reflect.get(globalThis, 'process'),
    bridge: Object.keys(Reflect.get(globalThis, 'wirewatch') as object).sort(),
  }));
  expect(reach).toEqual({ require: 'undefined', process: 'undefined', bridge: ['call', 'onUpdates'] });

  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    // Not in Electron's types, but what the page really runs with.
    const contents = window?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> };
    const { contextIsolation, sandbox, webSecurity, nodeIntegration, webviewTag } = contents.getLastWebPreferences();
    return { contextIsolation, sandbox, webSecurity, nodeIntegration, webviewTag };
  });
  expect(preferences).toEqual({
    contextIsolation: true,
    sandbox: true,
    webSecurity: true,
    nodeIntegration: false,
    webviewTag: false,
  });
});

test('the page comes with its policy, a nonce of its own and no way out', async ({ running }) => {
  const { app, page } = running;
  const policyOf = () =>
    page.evaluate(async () => {
      const answer = await new Promise<{ policy: string; html: string }>((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open('GET', location.href);
        request.onload = () =>
          resolve({
            policy: request.getResponseHeader('content-security-policy') ?? '',
            html: request.responseText,
          });
        request.onerror = () => reject(new Error('refused by the policy'));
        request.send();
      }).catch((error: unknown) => String(error));
      return answer;
    });
  // Even its own files cannot be fetched by script: connect-src is 'none'.
  expect(await policyOf()).toContain('refused by the policy');
  const nonces = await app.evaluate(async ({ net }) => {
    const policies: string[] = [];
    for (let load = 0; load < 2; load += 1) {
      const answer = await net.fetch('app://wirewatch/index.html');
      policies.push(answer.headers.get('content-security-policy') ?? '');
    }
    return policies.map((policy) => ({
      rest: policy.replace(/'nonce-[^']+'/, 'NONCE'),
      nonce: /'nonce-([^']+)'/.exec(policy)?.[1],
    }));
  });
  expect(nonces[0]?.rest).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self' NONCE; img-src 'self' data:; font-src 'self'; " +
      "connect-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  expect(nonces[0]?.nonce).not.toBe(nonces[1]?.nonce);

  const escapes = await page.evaluate(async () => {
    const opened = window.open('https://example.test/');
    location.href = 'https://example.test/';
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { opened: opened === null, at: location.href, permission: await Notification.requestPermission() };
  });
  expect(escapes).toEqual({ opened: true, at: 'app://wirewatch/index.html', permission: 'denied' });
  expect(app.windows()).toHaveLength(1);
  running.forgive(/connect-src|Refused to connect/);
});

test('files outside the renderer are not served', async ({ running }) => {
  const { app } = running;
  const answers = await app.evaluate(async ({ net }) => {
    const paths = [
      '../main/main.js',
      '%2e%2e/main/main.js',
      '..%2fmain%2fmain.js',
      '..%5cmain%5cmain.js',
      'no-such-file.js',
    ];
    const found: Record<string, number> = {};
    for (const path of paths) found[path] = (await net.fetch(`app://wirewatch/${path}`)).status;
    found['other host'] = (await net.fetch('app://elsewhere/index.html')).status;
    return found;
  });
  expect(new Set(Object.values(answers))).toEqual(new Set([404]));
});

test('malformed commands and commands from foreign frames are refused, logged once, and change nothing', async ({
  start,
}) => {
  // One of its own: what is logged once may have been logged in a test before.
  const running = await start();
  const { app, page } = running;
  for (let round = 0; round < 3; round += 1) {
    expect(await call(page, 'sources.add', { name: 1, url: [], protocol: 'telepathy' } as never)).toMatchObject({
      ok: false,
      error: { kind: 'invalid' },
    });
    expect(await call(page, 'sources.dance' as never, {} as never)).toMatchObject({
      ok: false,
      error: { kind: 'refused' },
    });
  }
  // A second page of another origin, with the same preload, as an attacker would wish for.
  const answer = await app.evaluate(async ({ app: application, BrowserWindow }) => {
    const preload = `${application.getAppPath()}/out/preload/preload.js`;
    const foreign = new BrowserWindow({
      show: false,
      webPreferences: { preload, sandbox: true, contextIsolation: true },
    });
    await foreign.loadURL('about:blank');
    const result: unknown = await foreign.webContents.executeJavaScript(
      `window.wirewatch.call('sources.pause', { id: 'this-machine' })`,
    );
    foreign.destroy();
    return result;
  });
  expect(answer).toMatchObject({ ok: false, error: { kind: 'refused', message: 'This frame may not send commands.' } });
  const lines = running.log().split('\n');
  expect(lines.filter((line) => line.includes('malformed sources.add'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('unknown command'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('foreign frame'))).toHaveLength(1);
});

test('hostile 6: a page that was taken over hangs no thread and gets back nothing it sent', async ({ running }) => {
  const { page } = running;
  const answers = await page.evaluate(async () => {
    const call = window.wirewatch.call as (name: string, args: unknown) => Promise<unknown>;
    const source = 'this-machine';
    const keys = Object.fromEntries(Array.from({ length: 300_000 }, (_, at) => [`key-${at}`, at]));
    return [
      await call('history.series', { source, series: ['events'], from: -1e300, to: 0, points: 400 }),
      await call('history.states', { source, from: Number.NEGATIVE_INFINITY, to: Number.NaN }),
      await call('storage.read', keys),
    ];
  });
  for (const answer of answers) expect(answer).toMatchObject({ ok: false, error: { kind: 'invalid' } });
  expect(JSON.stringify(answers).length).toBeLessThan(2_000);
  const to = Date.now();
  const args = { source: 'this-machine', series: ['events'], from: to - 60_000, to, points: 60 };
  await expect(ask(page, 'history.series', args)).resolves.toBeInstanceOf(Array);
});

test('a window in whose place something else attached goes on showing what is', async ({ running }) => {
  const { page } = running;
  // What a document that came before the page did, when its message was overtaken by the page's own.
  await call(page, 'window.attach', {});
  const state = page.getByRole('navigation').getByRole('link', { name: /^This machine/ });
  await ask(page, 'sources.pause', { id: 'this-machine' });
  await expect(state).toHaveAccessibleName(/paused/i);
  await ask(page, 'sources.resume', { id: 'this-machine' });
  await expect(state).toHaveAccessibleName(/live/i);
});

test('behaviour 35: a second start brings the first window to the front and ends', async ({ start }) => {
  const first = await start();
  await first.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.minimize();
  });
  const code = await first.startAgain();
  expect(code).toBe(0);
  await expect
    .poll(() => first.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isMinimized()))
    .toBe(false);
  expect(first.app.windows()).toHaveLength(1);
});

test('the window comes back where it was', async ({ start }) => {
  const first = await start();
  await first.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 60, width: 900, height: 620 });
  });
  await first.page.waitForTimeout(800);
  await first.quit();
  const second = await start();
  const size = await second.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getNormalBounds());
  expect(size).toMatchObject({ width: 900, height: 620 });
});

test('SIGTERM ends it in order', async ({ start }) => {
  const running = await start();
  process.kill(running.pid, 'SIGTERM');
  await running.quit();
  expect(running.log()).not.toContain('closing took');
});
