import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { endAll, serve, watch } from './testing/other-feed';

afterEach(endAll);

/** Never sent by us: a server's own, which it names in an answer. */
const theirs = 'theirs-5b7d1c';
const address = `https://me:${theirs}@login.test/go?x=1&access_token=${theirs}`;
const telling = {
  location: address,
  'content-location': `/feed?sig=${theirs}`,
  link: `</a?x=1&X-Amz-Signature=${theirs}>; rel="next", </b>; rel="last"`,
  refresh: `5; url=/login?next=${encodeURIComponent(address)}`,
  'set-cookie': `id=${theirs}; path=/`,
  'x-auth-token': theirs,
  'x-session-id': theirs,
  server: 'nginx',
};

describe('what a server tells in its refusals', () => {
  it('hostile 3: addresses in any header and headers named like secrets are evidence without the secret, in the body too', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(403, telling).end(`<a href="${address.replaceAll('&', '&amp;')}">here</a>`);
    });
    const { view, engine } = await watch('json', [
      ['sse', `http://${feed.host}/feed`],
      ['poll', `http://${feed.host}/feed`],
    ]);
    const told: unknown[] = [];
    engine.onTransition((_source, transition) => told.push(transition));
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 5_000);
    const seen = JSON.stringify([view(), told]);
    expect(seen).not.toContain(theirs);
    expect(seen).toContain('"server","nginx"');
    expect(seen).toContain('https://[redacted]@login.test/go?x=1&access_token=[redacted]');
    expect(seen).toContain('</a?x=1&X-Amz-Signature=[redacted]>; rel=\\"next\\", </b>; rel=\\"last\\"');
  }, 20_000);

  it('hostile 3: a close reason, and the address that was asked, are told without the secrets in addresses', async () => {
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => socket.close(4403, `forbidden, see ${address}`),
    );
    const { view, engine } = await watch('json', [['websocket', `ws://${feed.host}/feed?token=${theirs}`]]);
    const told: unknown[] = [];
    engine.onTransition((_source, transition) => told.push(transition));
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 5_000);
    expect(JSON.stringify([view()?.reason, view()?.evidence, view()?.ladder, told])).not.toContain(theirs);
    expect(JSON.stringify(view()?.evidence)).toContain('/feed?token=[redacted]');
  }, 20_000);
});

describe('what is put where the settings have a place for it', () => {
  const values: Record<string, string> = {
    login: 'me:planted-login%2F1',
    key: 'planted-key%20+1',
    open: 'planted-open-1',
  };
  const secrets = { read: (name: string) => values[name] ?? null, onChange: () => () => {} };
  const reach = { headers: [['X-Api-Key', '*secret.open*']], subprotocols: ['json', '*secret.open*'] };

  it.each(['websocket', 'sse', 'poll'] as const)(
    'hostile 3: over %s the server is shown the secret, and nobody else is, whatever it says back',
    async (transport) => {
      const back = (request: IncomingMessage) =>
        JSON.stringify({ type: 'auth_invalid', url: request.url, headers: request.headers });
      const feed = await serve(
        (request, response) => {
          const stream = request.url?.startsWith('/sse');
          response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
          if (stream) response.write(`data: ${back(request)}\n\n`);
          else response.end(back(request));
        },
        (socket) => {
          const request = feed.asked.at(-1);
          if (request) socket.send(back(request));
        },
      );
      const scheme = transport === 'websocket' ? 'ws' : 'http';
      const url = `${scheme}://*secret.login*@${feed.host}/${transport}?key=*secret.key*`;
      const { view, events, engine } = await watch('json', [[transport, url]], reach, secrets);
      await vi.waitFor(() => expect(events.length).toBeGreaterThan(0), 5_000);
      const [asked] = feed.asked;
      expect(asked?.url).toBe(`/${transport}?key=planted-key%20+1`);
      expect(asked?.headers).toMatchObject({
        authorization: `Basic ${Buffer.from('me:planted-login/1').toString('base64')}`,
        'x-api-key': 'planted-open-1',
      });
      if (transport === 'websocket') expect(asked?.headers['sec-websocket-protocol']).toBe('json,planted-open-1');
      const seen = JSON.stringify([view(), events, engine.frames('s', 0)]);
      expect(seen).toContain('auth_invalid');
      expect(seen).not.toContain('planted');
      expect(seen).not.toContain(Buffer.from('me:planted-login/1').toString('base64'));
    },
    20_000,
  );

  it('hostile 3: what is missing is said before anything is asked', async () => {
    const feed = await serve((_request, response) => void response.end('{}'));
    const { view } = await watch('json', [['poll', `http://${feed.host}/x?key=*secret.gone*`]], {}, secrets);
    await vi.waitFor(() => expect(view()?.reason.code).toBe('credential-failed'), 5_000);
    expect(feed.asked).toEqual([]);
  }, 20_000);

  it('hostile 3: beyond its origin none of it is shown, not even what the redirect repeats', async () => {
    const other = await serve((_request, response) => void response.end('{}'));
    const feed = await serve((request, response) => {
      response.writeHead(307, { location: `http://${other.host}${request.url}` }).end();
    });
    await watch('json', [['poll', `http://*secret.login*@${feed.host}/x?key=*secret.key*&a=1`]], reach, secrets);
    await vi.waitFor(() => expect(other.asked.length).toBeGreaterThan(0), 5_000);
    expect(other.asked[0]?.url).toBe('/x?a=1');
    expect(JSON.stringify(other.asked[0]?.headers)).not.toMatch(/planted|Basic/);
  }, 20_000);

  it('hostile 4: the login in the address of a proxy of the system is not told when the proxy repeats it', async () => {
    const proxy = await serve((request, response) => {
      const said = JSON.stringify(request.headers);
      response.writeHead(403, { 'x-asked': said }).end(said);
    });
    const { view, engine } = await watch(
      'json',
      [['poll', 'http://feed.test/x']],
      {},
      secrets,
      `http://me:planted-proxy@${proxy.host}`,
    );
    const told: unknown[] = [];
    engine.onTransition((_source, transition) => told.push(transition));
    await vi.waitFor(() => expect(view()?.state.kind).toMatch(/stopped|waiting/), 10_000);
    const login = Buffer.from('me:planted-proxy').toString('base64');
    expect(JSON.stringify(proxy.asked[0]?.headers)).toContain(login);
    const seen = JSON.stringify([view(), told]);
    expect(seen).toContain('[redacted]');
    expect(seen).not.toContain(login);
    expect(seen).not.toContain('planted-proxy');
  }, 20_000);
});
