import { afterEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { endAll, serve, watch, watchSaying } from './testing/other-feed';

afterEach(endAll);

function socketFeed(onSocket: (socket: WebSocket, times: number) => void) {
  let times = 0;
  return serve(
    (_request, response) => void response.writeHead(404).end(),
    (socket) => {
      times += 1;
      onSocket(socket, times);
    },
  );
}

describe('a login that is refused in the words of the feed', () => {
  it('promise 16: an error as the answer to the first message, whatever its form, then a close: stopped, and no gap', async () => {
    for (const [said, code, watching] of [
      ['{"jsonrpc":"2.0","error":{"code":-32001,"message":"Unauthorized"},"id":1}', 1000, watchSaying],
      ['{"jsonrpc":"2.0","error":{"code":-32001,"message":"Unauthorized"},"id":1}', 1000, watch],
      [
        '{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"Authentication failed: invalid api key"}}',
        4401,
        watch,
      ],
      ['{"type":"error","code":401,"message":"Unauthorized"}', 1000, watch],
      ['{"status":401,"error":"Unauthorized"}', 1005, watch],
    ] as const) {
      const feed = await socketFeed((socket) =>
        socket.send(said, () => socket.close(code === 1005 ? undefined : code)),
      );
      const { view, gaps, states } = await watching('json', [['websocket', `ws://${feed.host}/feed`]]);
      await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 5_000);
      expect(view()?.reason.code).toBe('login-refused');
      expect(view()?.reason.text).toMatch(/unauthorized|invalid api key/i);
      expect(feed.asked).toHaveLength(1);
      expect(gaps).toEqual([]);
      expect(states).not.toContain('waiting');
    }
  }, 30_000);

  it('promise 16: a feed that asks for a login, and gets none, is said to want one: live, and while it is tried again', async () => {
    const feed = await socketFeed((socket, times) => {
      socket.send('{"type":"auth_required","ha_version":"2026.1"}');
      if (times > 1) setTimeout(() => socket.send('{"type":"event","n":1}'), 1_500);
      else setTimeout(() => socket.close(), 1_000);
    });
    const { view, states, gaps } = await watch('json', [['websocket', `ws://${feed.host}/api/websocket`]]);
    const wanted = [expect.stringMatching(/^The feed asks for a login \(auth_required\)/)];
    await vi.waitFor(() => expect(view()).toMatchObject({ state: { kind: 'live' }, findings: wanted }), 5_000);
    expect(view()?.advice).toContain("the source's recipe section");
    await vi.waitFor(() => expect(view()).toMatchObject({ state: { kind: 'waiting' }, findings: wanted }), 5_000);
    expect(view()?.advice).toContain("the source's recipe section");
    expect(view()?.advice).not.toContain('Nothing to do');
    // Once it speaks, it wants none.
    await vi.waitFor(() => expect(view()?.findings).toBeUndefined(), 10_000);
    expect(view()?.advice).toBe('');
    // It had not begun, so that the close cost nothing.
    expect(gaps).toEqual([]);
    expect(states).not.toContain('stopped');
  }, 30_000);

  it('promise 16: close codes and reasons that say so: stopped with the right reason, and no gap', async () => {
    for (const [close, reason, code] of [
      [4401, '', 'login-refused'],
      [4401, 'unauthorized', 'login-refused'],
      [3000, '', 'login-refused'],
      [1008, 'Authentication failed', 'login-refused'],
      [4001, 'invalid token', 'login-refused'],
      [4403, 'forbidden', 'policy-closed'],
      [3003, '', 'policy-closed'],
      [1008, 'slow down', 'policy-closed'],
    ] as const) {
      const feed = await socketFeed((socket) => socket.close(close, reason));
      const { view, gaps } = await watchSaying('json', [['websocket', `ws://${feed.host}/feed`]]);
      await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 5_000);
      expect(view()?.reason.code).toBe(code);
      expect(view()?.reason.text).toContain(String(close));
      expect(feed.asked).toHaveLength(1);
      expect(gaps).toEqual([]);
    }
  }, 30_000);

  it('promise 16: SSE that says error and ends', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('event: error\ndata: {"code":401,"message":"invalid token"}\n\n');
      setTimeout(() => response.end(), 100);
    });
    const { view, gaps } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 5_000);
    expect(view()?.reason.code).toBe('login-refused');
    expect(view()?.reason.text).toContain('invalid token');
    expect(feed.asked).toHaveLength(1);
    expect(gaps).toEqual([]);
  });

  it('promise 16: what a refused session cuts off from an earlier one stays a gap', async () => {
    const feed = await socketFeed((socket, times) => {
      if (times === 1) socket.send('{"n":1}', () => setTimeout(() => socket.terminate(), 50));
      else socket.close(4401, 'token expired');
    });
    const { view, gaps } = await watchSaying('json', [['websocket', `ws://${feed.host}/feed`]]);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 5_000);
    expect(gaps).toMatchObject([{ status: 'lost', to: null }]);
  });

  it('promise 16: nor is what an expired login cut off, of a session that had begun', async () => {
    const feed = await socketFeed((socket, times) => {
      socket.send('{"n":1}');
      if (times === 1) setTimeout(() => socket.close(4401, 'token expired'), 50);
    });
    const { view, gaps, engine } = await watchSaying('json', [['websocket', `ws://${feed.host}/feed`]]);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 5_000);
    await engine.command('s', 'retry');
    await vi.waitFor(() => expect(gaps).toMatchObject([{ status: 'lost', to: null }]), 5_000);
  });

  it('promise 16: a feed that speaks of errors and logins of others, and closes, is asked again', async () => {
    for (const said of [
      '{"type":"unauthorized","user":"bob","path":"/admin"}',
      '{"type":"error","code":500,"message":"The database is down"}',
      '{"type":"error","code":401,"message":"Unauthorized","user":"eve","path":"/admin"}',
      '{"jsonrpc":"2.0","error":{"code":-32000,"message":"token limit of the model exceeded"},"id":1}',
    ]) {
      const feed = await socketFeed((socket) => socket.send(said, () => socket.close(1000)));
      const { states } = await watch('json', [['websocket', `ws://${feed.host}/feed`]]);
      await vi.waitFor(() => expect(feed.asked.length).toBeGreaterThan(1), 10_000);
      expect(states).not.toContain('stopped');
    }
  }, 60_000);
});
