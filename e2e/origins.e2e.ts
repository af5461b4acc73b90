import { createServer } from 'node:net';
import { ask, call } from './fixtures/bridge';
import { expect, test } from './fixtures/electron';
import { startGateway } from './fixtures/servers';

test('hostile 1: a stored token goes to no other host before a person was asked by main, with both named', async ({
  running,
}) => {
  const { app, page } = running;
  const token = 'planted-origins-token';
  const gateway = await startGateway({ streams: ['orders'], token });
  const heard: string[] = [];
  const other = createServer((socket) => {
    heard.push('connected');
    socket.on('error', () => {});
    socket.on('data', (bytes) => heard.push(bytes.toString('latin1')));
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const evil = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const answerWith = (response: number) =>
    app.evaluate(({ dialog }, given) => {
      const asked: string[] = [];
      Reflect.set(globalThis, 'askedToSend', asked);
      dialog.showMessageBox = async (...args: unknown[]) => {
        asked.push(JSON.stringify(args.at(-1)));
        return { response: given, checkboxChecked: false };
      };
    }, response);
  const asked = () => app.evaluate(() => Reflect.get(globalThis, 'askedToSend') as readonly string[]);
  try {
    const reach = { credential: { kind: 'bearer', token: 'origins.token' } } as const;
    const draft = { name: 'Orders', url: `${gateway.url}/v1/orders`, protocol: 'gateway', reach } as const;
    await answerWith(0);
    await ask(page, 'secrets.set', { name: 'origins.token', value: token, keep: 'run' });
    const { id } = await ask(page, 'sources.add', draft);
    expect(await asked()).toEqual([]);

    const elsewhere = { ...draft, url: `${evil}/v1/orders` };
    const refused = { ok: false, error: { kind: 'refused' } };
    expect(await call(page, 'sources.edit', { id, draft: elsewhere })).toMatchObject(refused);
    expect(await call(page, 'sources.test', { draft: elsewhere, part: 'credential', secrets: [] })).toMatchObject(
      refused,
    );
    const questions = await asked();
    expect(questions).toHaveLength(2);
    for (const question of questions) {
      expect(question).toContain(gateway.url);
      expect(question).toContain(evil);
    }
    expect(heard).toEqual([]);

    await answerWith(1);
    expect(await call(page, 'sources.edit', { id, draft: elsewhere })).toMatchObject({ ok: true });
    await expect.poll(() => heard.join()).toContain(token);
  } finally {
    other.close();
    await gateway.close();
  }
});
