import { createGzip } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { testReach } from './reach-test';
import {
  atEnd,
  configOf,
  endAll,
  portsOf,
  saysFirst,
  serve,
  watch,
  watchConfig,
  watchSaying,
} from './testing/other-feed';

afterEach(endAll);

describe('feeds that are not our gateway', () => {
  it.each([400, 409, 410, 414, 422, 431])(
    'behaviour 45: a place that is refused with %s is dropped once, with a gap, and it is live again',
    async (status) => {
      let broken = false;
      const feed = await serve((request, response) => {
        if (request.headers['last-event-id'] !== undefined) {
          response.writeHead(broken ? status : 200).end();
          return;
        }
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(broken ? 'id: 90\ndata: {"n":90}\n\n' : 'id: 7\ndata: {"n":7}\n\n');
        if (broken) return;
        broken = true;
        setTimeout(() => response.end(), 50);
      });
      const { view, bodies, gaps, states } = await watch('json', [['sse', `http://${feed.host}/events`]]);
      await vi.waitFor(() => expect(bodies()).toEqual(['{"n":7}', '{"n":90}']), 10_000);
      expect(view()?.state.kind).toBe('live');
      expect(states).not.toContain('stopped');
      expect(gaps).toMatchObject([{ status: 'lost', to: null }]);
      expect(feed.asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '7', undefined]);
    },
  );

  it('behaviour 45: a refusal that stands without the place as well is told as it is, and the place kept', async () => {
    let gone = false;
    const feed = await serve((_request, response) => {
      if (gone) {
        response.writeHead(410).end();
        return;
      }
      gone = true;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write('id: 7\ndata: {"n":7}\n\n');
      setTimeout(() => response.end(), 50);
    });
    const { view, gaps } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 10_000);
    expect(view()?.reason.code).toBe('gone');
    expect(gaps).toEqual([]);
  });

  it.each([500, 502, 504])(
    'behaviour 45: a place that the server fails over (%s) is dropped once several rounds have shown it',
    async (status) => {
      let broken = false;
      const feed = await serve((request, response) => {
        if (request.headers['last-event-id'] !== undefined) {
          response.writeHead(status).end();
          return;
        }
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(broken ? 'id: 90\ndata: {"n":90}\n\n' : 'id: 7\ndata: {"n":7}\n\n');
        if (broken) return;
        broken = true;
        setTimeout(() => response.end(), 50);
      });
      const timing = { backoffBaseMs: 50, backoffCapMs: 100, backoffMinMs: 20 };
      const config = configOf('json', [['sse', `http://${feed.host}/events`]]);
      const { view, bodies, gaps } = await watchConfig(config, { timing });
      await vi.waitFor(() => expect(bodies()).toEqual(['{"n":7}', '{"n":90}']), 15_000);
      expect(view()?.state.kind).toBe('live');
      expect(gaps).toMatchObject([{ status: 'lost', to: null }]);
      const asked = feed.asked.map(({ headers }) => headers['last-event-id'] ?? null);
      // Twice nothing but the failure, three times with a look; the last look is followed by the one that is kept.
      expect(asked).toEqual([null, '7', '7', '7', null, '7', null, '7', null, null]);
    },
  );

  it('behaviour 45: a server that fails with a place and without costs nobody their place', async () => {
    let failing = false;
    let failures = 0;
    const feed = await serve((request, response) => {
      if (failing && failures++ < 9) {
        response.writeHead(500).end();
        return;
      }
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      const id = Number(request.headers['last-event-id'] ?? 6) + 1;
      response.write(`id: ${id}\ndata: {"n":${id}}\n\n`);
      if (failing) return;
      failing = true;
      setTimeout(() => response.end(), 50);
    });
    const timing = { backoffBaseMs: 50, backoffCapMs: 100, backoffMinMs: 20 };
    const config = configOf('json', [['sse', `http://${feed.host}/events`]]);
    const { bodies, gaps } = await watchConfig(config, { timing });
    await vi.waitFor(() => expect(bodies()).toEqual(['{"n":7}', '{"n":8}']), 15_000);
    expect(gaps.filter(({ status }) => status === 'lost')).toEqual([]);
  });

  it('behaviour 47, promise 14: lines of JSON that never end are a stream: each line an event as it comes', async () => {
    for (const [type, delayed] of [
      ['application/x-ndjson', false],
      ['application/json', true],
    ] as const) {
      const feed = await serve((_request, response) => {
        response.writeHead(200, { 'Content-Type': type });
        let n = 0;
        const timer = setInterval(() => {
          n += 1;
          const line = `{"type":"ADDED","n":${n}}\n`;
          response.write(n % 2 === 0 ? line : line.slice(0, 7));
          if (n % 2 === 1) response.write(line.slice(7));
        }, 100);
        response.on('close', () => clearInterval(timer));
      });
      const { view, bodies, states } = await watch('json', [['poll', `http://${feed.host}/watch`]]);
      await vi.waitFor(() => expect(bodies().length).toBeGreaterThan(delayed ? 15 : 4), 10_000);
      expect(bodies()[0]).toBe('{"type":"ADDED","n":1}');
      expect(bodies()).toEqual(bodies().map((_, at) => `{"type":"ADDED","n":${at + 1}}`));
      // Longer than a poll may take: a stream that speaks is not overdue.
      expect(view()?.state).toMatchObject({ kind: 'live', resync: 'current' });
      expect(feed.asked).toHaveLength(1);
      expect(states.filter((state) => state === 'waiting' || state === 'stopped')).toEqual([]);
    }
  });

  it('promise 10, behaviours 43 and 47: lines of JSON that are cut or end, and begin again, leave a gap like any push', async () => {
    for (const [type, delayed] of [
      ['application/x-ndjson', false],
      ['application/json', true],
    ] as const) {
      let n = 0;
      let sessions = 0;
      const feed = await serve((_request, response) => {
        sessions += 1;
        const session = sessions;
        response.writeHead(200, { 'Content-Type': type });
        const say = (): void => {
          n += 1;
          response.write(`{"n":${n}}\n`);
        };
        say();
        const timer = setInterval(say, 100);
        response.on('close', () => clearInterval(timer));
        const leave = (): void => {
          clearInterval(timer);
          if (session === 1) response.socket?.destroy();
          else response.end();
          // What nobody hears.
          n += 10;
        };
        if (session < 3) setTimeout(leave, delayed ? 1500 : 300);
      });
      const { view, gaps } = await watch('json', [['poll', `http://${feed.host}/watch`]]);
      await vi.waitFor(() => expect(sessions).toBe(3), 15_000);
      await vi.waitFor(() => expect(gaps).toHaveLength(2), 5_000);
      expect(gaps).toMatchObject([
        { status: 'lost', to: null, cause: 'no-replay' },
        { status: 'lost', to: null, cause: 'no-replay' },
      ]);
      expect(view()?.counters.lostUnknown).toBe(2);
    }
  }, 60_000);

  it('promise 10: an id that is cleared is a place no more: a break after it leaves a gap', async () => {
    let sessions = 0;
    const feed = await serve((_request, response) => {
      sessions += 1;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      if (sessions > 1) {
        response.write('data: {"n":9}\n\n');
        return;
      }
      response.write('id: 7\ndata: {"n":1}\n\nid:\ndata: {"n":2}\n\n');
      setTimeout(() => response.socket?.destroy(), 100);
    });
    const { bodies, gaps } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(bodies()).toEqual(['{"n":1}', '{"n":2}', '{"n":9}']), 10_000);
    expect(feed.asked.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, undefined]);
    expect(gaps).toMatchObject([{ status: 'lost', to: null, cause: 'no-replay' }]);
  });

  it.each(['before', 'behind', 'nowhere'])(
    'promise 22: an event of a stream that is over the limit, its id %s its data, is skipped with a gap, and the connection goes on',
    async (where) => {
      const data = `data: ${'x'.repeat(17 * 1024 * 1024)}\n`;
      const large = where === 'before' ? `id: 8\n${data}\n` : `${data}${where === 'behind' ? 'id: 8\n' : ''}\n`;
      // A server that looks at no place sends it at every connect.
      const feed = await serve((_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(`id: 7\ndata: {"n":7}\n\n${large}`);
        response.write('id: 9\ndata: {"n":9}\n\n');
      });
      const { view, bodies, gaps } = await watch('json', [['sse', `http://${feed.host}/events`]]);
      await vi.waitFor(() => expect(bodies()).toEqual(['{"n":7}', '{"n":9}']), 10_000);
      expect(view()?.state.kind).toBe('live');
      expect(feed.asked).toHaveLength(1);
      expect(gaps).toMatchObject([{ status: 'lost', to: null, cause: 'too-large' }]);
    },
  );

  it('promise 9: a server that looks at no id and goes on later, under ids that count: a gap of known size, and named', async () => {
    let sessions = 0;
    const feed = await serve((_request, response) => {
      sessions += 1;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      const from = sessions === 1 ? 1 : 46;
      for (let n = from; n < from + 30; n += 1) response.write(`id: ${n}\ndata: {"n":${n}}\n\n`);
      if (sessions === 1) setTimeout(() => response.socket?.destroy(), 100);
    });
    const { view, bodies, gaps } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(bodies()).toHaveLength(60), 10_000);
    expect(gaps).toMatchObject([{ from: 31, to: 45, status: 'lost', cause: 'not-resumed' }]);
    expect(view()?.counters).toMatchObject({ lost: 15, lostUnknown: 0 });
    expect(view()?.promise).toContain('It does not resume: asked to go on behind id 30, it went on with 46.');
  });

  it('promise 9: a server that sends a live event first and the backlog behind it loses nothing, and is not said not to resume', async () => {
    let sessions = 0;
    const feed = await serve((_request, response) => {
      sessions += 1;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      const write = (n: number): boolean => response.write(`id: ${n}\ndata: {"n":${n}}\n\n`);
      if (sessions === 1) {
        for (let n = 1; n <= 30; n += 1) write(n);
        setTimeout(() => response.socket?.destroy(), 100);
        return;
      }
      write(41);
      setTimeout(() => {
        for (let n = 31; n <= 40; n += 1) write(n);
      }, 50);
    });
    const { view, bodies, gaps } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(bodies()).toHaveLength(41), 10_000);
    expect(gaps.at(-1)).toMatchObject({ from: 31, to: 40, status: 'filled', cause: 'not-resumed' });
    expect(view()?.counters).toMatchObject({ lost: 0, lostUnknown: 0, late: 10 });
    expect(view()?.promise).not.toContain('It does not resume');
  });

  it('promise 14: an answer that never ends and is no lines is no answer: never caught up, and named', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.write('[');
      const timer = setInterval(() => response.write('{"a":1},'), 100);
      response.on('close', () => clearInterval(timer));
    });
    const { view, states } = await watch('json', [['poll', `http://${feed.host}/all`]]);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 16_000);
    expect(states).not.toContain('live current');
    expect(view()?.reason.code).toBe('endless-answer');
    expect(view()?.reason.text).toMatch(/does not end: \d+ bytes of application\/json so far/);
  });

  it('behaviour 48: a marker before a clean end is a planned end, no event', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end('data: {"n":1}\n\ndata: [DONE]\n\n');
    });
    const { view, bodies } = await watch('json', [['sse', `http://${feed.host}/tokens`]]);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('waiting'), 5_000);
    expect(view()?.reason.code).toBe('goodbye');
    expect(view()?.reason.text).toContain('[DONE]');
    expect(bodies()[0]).toBe('{"n":1}');
    expect(bodies()).not.toContain('[DONE]');
  });

  it('promise 16: a login refused in a message, and a close without a code, is a refusal: asked once', async () => {
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => {
        socket.send('{"type":"auth_required","ha_version":"2026.1"}');
        socket.on('message', () => {
          socket.send('{"type":"auth_invalid","message":"Invalid access token or password"}');
          socket.close();
        });
      },
    );
    const url = `ws://${feed.host}/api/websocket`;
    const { view } = await watchSaying('json', [['websocket', url]]);
    await vi.waitFor(() => expect(view()?.state.kind).toBe('stopped'), 5_000);
    expect(view()?.reason).toMatchObject({ code: 'login-refused' });
    expect(view()?.reason.text).toContain('auth_invalid, Invalid access token or password');
    expect(feed.asked).toHaveLength(1);

    const { clock, make } = portsOf();
    const config = configOf('json', [['websocket', url]], {}, saysFirst);
    const ports = make(config);
    atEnd(() => ports.close());
    const answer = await testReach(config, 'credential', ports, clock);
    expect(answer.ok).toBe(false);
    expect(answer.text).toContain('The feed refused the login (auth_invalid');
  });

  it('promise 16: a feed that reports failed logins of others, and is cut, is asked again where no credential is entered', async () => {
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => socket.send('{"type":"unauthorized","user":"bob"}', () => socket.terminate()),
    );
    const { states, bodies } = await watch('json', [['websocket', `ws://${feed.host}/logins`]]);
    await vi.waitFor(() => expect(feed.asked.length).toBeGreaterThan(1), 10_000);
    expect(bodies()[0]).toBe('{"type":"unauthorized","user":"bob"}');
    expect(states).not.toContain('stopped');
  });

  it('promise 16: the test says works only once the feed goes on after the first message', async () => {
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => {
        socket.send('{"type":"auth_required"}');
        socket.on('message', () => socket.send('{"type":"auth_ok"}'));
      },
    );
    const { clock, make } = portsOf();
    const config = configOf('json', [['websocket', `ws://${feed.host}/`]], {}, saysFirst);
    const ports = make(config);
    atEnd(() => ports.close());
    expect(await testReach(config, 'credential', ports, clock)).toMatchObject({
      ok: true,
      text: 'The messages on open were sent, and the feed goes on.',
    });
  });

  it('behaviour 49: signs of life are no events', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(
        'data: {"n":1}\n\nevent: keepalive\ndata: {"ts":1}\n\ndata: ping\n\ndata: {"type":"heartbeat"}\n\ndata: {"n":2}\n\n',
      );
    });
    const { view, bodies } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(bodies()).toEqual(['{"n":1}', '{"n":2}']), 5_000);
    expect(view()?.counters.delivered).toBe(2);
    expect(view()?.lastHeartbeatAt).not.toBeNull();
  });

  it('behaviour 52: a sender whose clock is 90 s ahead is named once, and no lag is claimed', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      for (let n = 0; n < 5; n += 1) response.write(`data: {"n":${n},"ts":${Date.now() + 90_000}}\n\n`);
    });
    const { view, bodies } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(bodies()).toHaveLength(5), 5_000);
    await vi.waitFor(() => expect(view()?.findings).toHaveLength(1), 5_000);
    expect(view()?.findings?.[0]).toMatch(/runs ahead by about (90|89) s/);
  });

  it('behaviour 55: an event stream in another charset is read in it', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=ISO-8859-1' });
      response.write(Buffer.from('id: 1\ndata: {"s":"é\u00fcß"}\n\n', 'latin1'));
    });
    const { bodies } = await watch('json', [['sse', `http://${feed.host}/events`]]);
    await vi.waitFor(() => expect(bodies()).toEqual(['{"s":"é\u00fcß"}']), 5_000);
  });

  it('behaviour 53: what came encoded is known, though it is handed on decoded', async () => {
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      gzip.write('data: {"n":1}\n\n');
      gzip.flush();
      response.on('close', () => gzip.destroy());
    });
    const { bodies } = await watch('json', [['sse', `http://${feed.host}/events`]], { compression: true });
    await vi.waitFor(() => expect(bodies()).toEqual(['{"n":1}']), 5_000);
  });

  it('behaviour 53: a compressed stream that nobody flushes is suspected, with what helps, and no longer once it is flushed', async () => {
    let flush = (): void => {};
    const feed = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Encoding': 'gzip' });
      const gzip = createGzip();
      gzip.pipe(response);
      let n = 0;
      const timer = setInterval(() => {
        n += 1;
        gzip.write(`data: {"n":${n}}\n\n`);
      }, 50);
      flush = () => gzip.flush();
      response.on('close', () => {
        clearInterval(timer);
        gzip.destroy();
      });
    });
    const config = configOf('json', [['sse', `http://${feed.host}/events`]], { compression: true });
    const { view, bodies } = await watchConfig(config, { timing: { unflushedMs: 500 } });
    await vi.waitFor(() => expect(view()?.findings).toHaveLength(1), 10_000);
    expect(view()?.findings?.[0]).toMatch(/^Compressed and not flushed: suspected\. The stream is compressed \(gzip\)/);
    expect(view()?.findings?.[0]).toContain('let the server flush after each event');
    expect(bodies()).toEqual([]);
    flush();
    await vi.waitFor(() => expect(bodies().length).toBeGreaterThan(3), 5_000);
    expect(view()?.findings).toBeUndefined();
  });

  it('promise 24: what the feed at hand cannot keep is not promised: SSE without ids is never none twice, nor goes on', async () => {
    const promises: string[] = [];
    for (const [protocol, id] of [
      ['nchan', ''],
      ['nchan', 'id: 1700000000:0\n'],
      ['json', ''],
      ['json', 'id: 7\n'],
    ] as const) {
      const feed = await serve((_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(`${id}data: {"n":1}\n\n`);
      });
      const { view, bodies } = await watch(protocol, [['sse', `http://${feed.host}/events`]]);
      await vi.waitFor(() => expect(bodies()).toHaveLength(1), 5_000);
      promises.push(view()?.promise ?? '');
    }
    const [nchanBare = '', nchan, jsonBare = '', json] = promises;
    for (const bare of [nchanBare, jsonBare]) {
      expect(bare).not.toMatch(/none twice|goes on behind/);
      expect(bare).toMatch(/a gap/);
    }
    expect(nchan).toContain('none twice');
    expect(json).toContain('goes on behind the last id');
  });

  it('a first message that cannot be read says nothing of who sent it: said, and tried again with growing pauses', async () => {
    let times = 0;
    const hello = '{"kind":"hello","stream":"orders","epoch":"e","from":0,"head":0,"heartbeatMs":10000,"spreadMs":0}';
    const feed = await serve(
      (_request, response) => void response.writeHead(404).end(),
      (socket) => {
        times += 1;
        socket.send(times < 3 ? '{"kind":"hel' : hello);
      },
    );
    const { view, states } = await watch('gateway', [['websocket', `ws://${feed.host}/v1/orders/ws`]]);
    await vi.waitFor(() => expect(view()?.reason.code).toBe('first-message-unreadable'), 5_000);
    expect(view()?.reason.text).toContain('its first message is {"kind":"hel');
    await vi.waitFor(() => expect(view()?.state).toMatchObject({ kind: 'live', resync: 'current' }), 15_000);
    expect(states).not.toContain('stopped');
    expect(times).toBe(3);
  });
});
