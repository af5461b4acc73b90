import { afterEach, describe, expect, it, vi } from 'vitest';
import { recipeSchema } from '../../../shared/recipe';
import { sourceSchema } from '../../../shared/source';
import { endAll, serve, watchConfig } from './testing/other-feed';

afterEach(endAll);

const secrets = { read: (name: string) => (name === 'n' ? 'se"cret-of-some-length' : null), onChange: () => () => {} };

const recipe = recipeSchema.parse({
  name: 'r',
  title: 'R',
  talk: {
    open: [{ send: '{"token":"*secret.n*"}', expect: [{ path: 'ok', is: true }] }, { send: '*secret.n*' }],
    every: [{ seconds: 1, send: '["*secret.n*"]' }],
  },
});

const configAt = (url: string) =>
  sourceSchema.parse({
    id: 's',
    name: 'Feed',
    url,
    protocol: 'json',
    ladder: [{ transport: 'websocket', url }],
    recipe,
  });

describe('secrets in what is said to a feed', () => {
  it('are filled in where it leaves, as a part of the JSON they stand in, and come back struck out', async () => {
    const heard: string[] = [];
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => {
        socket.on('message', (data: Buffer) => {
          heard.push(data.toString());
          if (heard.length === 1) socket.send(`{"ok":true,"you":"se\\"cret-of-some-length"}`);
        });
      },
    );
    const { view, events } = await watchConfig(configAt(`ws://${feed.host}/`), { secrets });
    await vi.waitFor(() => expect(heard.length).toBeGreaterThan(2), 8_000);
    expect(heard.slice(0, 3)).toEqual([
      '{"token":"se\\"cret-of-some-length"}',
      'se"cret-of-some-length',
      '["se\\"cret-of-some-length"]',
    ]);
    expect(view()?.state.kind).toBe('live');
    expect(JSON.stringify(events)).not.toContain('cret-of');
  }, 20_000);

  it('hostile 2: are not sent where a redirect leads, and neither is anything else that was meant for the address', async () => {
    const heard: string[] = [];
    const there = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => {
        socket.on('message', (data: Buffer) => heard.push(data.toString()));
        socket.send('{"n":1}');
      },
    );
    const here = await serve((_request, response) => void response.writeHead(404).end(), `ws://${there.host}/`);
    const { view, events } = await watchConfig(configAt(`ws://${here.host}/`), { secrets });
    await vi.waitFor(() => expect(events).toHaveLength(1), 8_000);
    expect(view()?.state.kind).toBe('live');
    expect(heard).toEqual([]);
    expect(view()?.findings?.join(' ')).toContain('leads on to another origin');
  }, 20_000);
});
