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
