import { describe, expect, it } from 'vitest';
import { attach, open, start } from './testing/contract-kit';
import { ask, type Json, openWebSocket, publish } from './testing/independent-client';

/** docs/protocol.md, held against the gateway by a client that knows nothing else of it: publishing, snapshots, limits and refusals. */

describe('publish and snapshot', () => {
  it('publishes once per key, by member or by header', async () => {
    const gateway = await start();
    const url = gateway.streamUrl();
    const first = await publish(url, { type: 'note', data: 1, key: 'k' });
    expect(first).toMatchObject({ status: 201, json: { kind: 'published', stream: 'test', seq: 1, repeated: false } });
    const again = await publish(url, { type: 'note', data: 2 }, { 'idempotency-key': 'k' });
    expect(again).toMatchObject({ status: 200, json: { seq: 1, repeated: true, epoch: first.json.epoch } });
    expect(await publish(url, { type: 'note', data: 2, key: 'k' }, { 'idempotency-key': 'l' })).toMatchObject({
      status: 400,
      json: { error: { kind: 'bad-event', field: 'key' } },
    });
    expect((await ask(url)).json.head).toBe(1);
  });

  it('promise 24: publishes into one epoch only where If-Match names it, and adds and makes nothing elsewhere', async () => {
    const gateway = await start();
    const url = gateway.streamUrl();
    const first = await publish(url, { type: 'note', data: 1 });
    const here = { 'if-match': `"${first.json.epoch}"` };
    expect(await publish(url, { type: 'note', data: 2, key: 'k' }, here)).toMatchObject({
      status: 201,
      json: { seq: 2 },
    });
    const elsewhere = { 'if-match': '"another"' };
    const refused = { status: 412, json: { error: { kind: 'other-epoch', field: 'if-match' } } };
    expect(await publish(url, { type: 'note', data: 3 }, elsewhere)).toMatchObject(refused);
    expect(await publish(url, { type: 'note', data: 2, key: 'k' }, elsewhere)).toMatchObject(refused);
    expect((await ask(url)).json.head).toBe(2);
    expect(await publish(gateway.streamUrl('unmade'), { type: 'note', data: 1 }, elsewhere)).toMatchObject(refused);
    expect(await ask(gateway.streamUrl('unmade'))).toMatchObject({ status: 404 });
    expect(await publish(url, { type: 'note', data: 3 }, { 'if-match': '*' })).toMatchObject({ status: 201 });
    for (const wrong of ['epoch', 'W/"a"', '"a", "b"', '""']) {
      expect(await publish(url, { type: 'note', data: 4 }, { 'if-match': wrong })).toMatchObject({
        status: 400,
        json: { error: { kind: 'bad-parameter', field: 'if-match' } },
      });
    }
  });

  it('makes a stream by publishing to it', async () => {
    const gateway = await start();
    expect(await publish(gateway.streamUrl('new.one'), { type: 'a', data: null })).toMatchObject({ status: 201 });
    expect((await ask(gateway.streamUrl('new.one'))).json).toMatchObject({ kind: 'stream', oldest: 1, head: 1 });
  });

  it('keeps the last event of each type in the snapshot, beyond retention, whatever the type is called', async () => {
    const gateway = await start({ retention: { events: 2 } });
    await publish(gateway.streamUrl(), { type: '__proto__', data: { evil: true } });
    for (const n of [1, 2, 3]) await publish(gateway.streamUrl(), { type: 'b', data: { n } });
    const { status, json, text } = await ask(`${gateway.streamUrl()}/snapshot`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ kind: 'snapshot', stream: 'test', seq: 4 });
    expect(text).toContain('"__proto__":{"seq":1,');
    expect((json.state as Record<string, Json>).b).toMatchObject({ seq: 4, data: { n: 3 } });
  });

  it('refuses bodies that are wrong, each with its field', async () => {
    const gateway = await start();
    const url = gateway.streamUrl();
    const cases: readonly [unknown, string | undefined][] = [
      [{ data: 1 }, 'type'],
      [{ type: '', data: 1 }, 'type'],
      [{ type: 'a\nb', data: 1 }, 'type'],
      [{ type: 'a', data: 1, id: 'x\ry' }, 'id'],
      [{ type: 'a'.repeat(129), data: 1 }, 'type'],
      [{ type: 'a' }, 'data'],
      [{ type: 'a', data: 1, key: 'ü' }, 'key'],
      ['text', 'type'],
    ];
    for (const [body, field] of cases) {
      expect(await publish(url, body)).toMatchObject({ status: 400, json: { error: { kind: 'bad-event', field } } });
    }
    expect(await ask(url, { method: 'POST', body: '{"type"' })).toMatchObject({
      status: 400,
      json: { error: { kind: 'bad-json' } },
    });
    const deep = `{"type":"a","data":${'['.repeat(100)}${']'.repeat(100)}}`;
    expect(await ask(url, { method: 'POST', body: deep })).toMatchObject({
      status: 400,
      json: { error: { field: 'data' } },
    });
    expect((await ask(url)).json.head).toBe(0);
  });
});

describe('limits and refusals', () => {
  it('bounds the body', async () => {
    const gateway = await start({ limits: { bodyBytes: 1_000 } });
    const answer = await publish(gateway.streamUrl(), { type: 'a', data: 'x'.repeat(2_000) });
    expect(answer).toMatchObject({ status: 413, json: { error: { kind: 'too-large' } } });
  });

  it('bounds the clients, and says when to come back', async () => {
    const gateway = await start({ limits: { clients: 2 } });
    await attach('websocket', gateway);
    await attach('sse', gateway);
    const answer = await ask(`${gateway.streamUrl()}/sse`);
    expect(answer).toMatchObject({ status: 503, json: { error: { kind: 'busy' } } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    await expect(openWebSocket(gateway.streamUrl())).rejects.toMatchObject({ status: 503 });
  });

  it('bounds the streams and the rate of publishing', async () => {
    const gateway = await start({ limits: { streams: 2, publishPerSecond: 1, publishBurst: 3 } });
    expect(await publish(gateway.streamUrl('two'), { type: 'a', data: 1 })).toMatchObject({ status: 201 });
    expect(await publish(gateway.streamUrl('three'), { type: 'a', data: 1 })).toMatchObject({
      status: 403,
      json: { error: { kind: 'stream-limit' } },
    });
    expect(await publish(gateway.streamUrl(), { type: 'a', data: 1 })).toMatchObject({ status: 201 });
    const refused = await publish(gateway.streamUrl(), { type: 'a', data: 1 });
    expect(refused).toMatchObject({ status: 429, json: { error: { kind: 'rate' } } });
    expect(refused.headers['retry-after']).toBe('1');
  });

  it('promise 12: bounds what all streams hold together, and says so', async () => {
    const gateway = await start({ limits: { totalBytes: 64 * 1024 } });
    const data = 'x'.repeat(4_000);
    let taken = 0;
    let answer = await publish(gateway.streamUrl('s0'), { type: 'a', data });
    for (let n = 1; answer.status === 201 && n < 40; n += 1) {
      taken += 1;
      answer = await publish(gateway.streamUrl(`s${n}`), { type: 'a', data });
    }
    // Each counts twice: as an event, and as the last one of its type.
    expect(taken).toBe(8);
    expect(answer).toMatchObject({ status: 507, json: { error: { kind: 'full' } } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(await ask(gateway.streamUrl(`s${taken}`))).toMatchObject({ status: 404 });
    const client = await openWebSocket(gateway.streamUrl());
    open.push(client);
    client.send({ kind: 'publish', type: 'a', data, ref: 'p' });
    const refused = await client.until(({ ref }) => ref === 'p');
    expect(refused).toMatchObject({ kind: 'refused', error: 'full', later: true });
    await expect(gateway.publish('test', { type: 'a', data })).rejects.toMatchObject({ refusal: { kind: 'full' } });
    // What is there is read as before, and when it is let go there is room.
    expect((await ask(`${gateway.streamUrl('s0')}/snapshot`)).status).toBe(200);
    await gateway.faults.restart();
    expect(await publish(gateway.streamUrl('s0'), { type: 'a', data })).toMatchObject({ status: 201 });
  });

  it('has a kind, a sentence and a fix for every refusal', async () => {
    const gateway = await start();
    const url = gateway.streamUrl();
    const cases: readonly [string, Parameters<typeof ask>[1], number, string][] = [
      [`${gateway.url}/`, {}, 404, 'no-route'],
      [`${gateway.url}/v1/test/other`, {}, 404, 'no-route'],
      [`${gateway.url}/v1/te%20st/sse`, {}, 400, 'bad-stream'],
      [`${gateway.url}/v1/${'a'.repeat(65)}/sse`, {}, 400, 'bad-stream'],
      [`${url}/poll?after=5`, {}, 400, 'bad-cursor'],
      [`${url}/poll?after=e:-5`, {}, 400, 'bad-cursor'],
      [`${url}/sse`, { headers: { 'last-event-id': 'x y:1' } }, 400, 'bad-cursor'],
      [`${url}/poll?wait=soon`, {}, 400, 'bad-parameter'],
      [`${url}/poll?limit=0`, {}, 400, 'bad-parameter'],
      [`${url}/poll?last=-1`, {}, 400, 'bad-parameter'],
      [`${url}/sse`, { method: 'POST' }, 405, 'method'],
      [url, { method: 'DELETE' }, 405, 'method'],
      [`${url}/poll`, { headers: { origin: 'https://evil.example' } }, 403, 'forbidden-origin'],
    ];
    for (const [address, options, status, kind] of cases) {
      const answer = await ask(address, options);
      expect(answer, address).toMatchObject({ status, json: { error: { kind } } });
      const error = answer.json.error as Json;
      expect(error.message, address).toMatch(/\.$/);
      expect(error.fix, address).toMatch(/\.$/);
    }
  });

  it('lets its own origin and allowed ones in', async () => {
    const gateway = await start({ allowedOrigins: ['https://wall.example'] });
    for (const origin of [gateway.url, 'https://wall.example']) {
      expect(await ask(`${gateway.streamUrl()}/poll`, { headers: { origin } })).toMatchObject({ status: 200 });
    }
  });

  it('lets pages of allowed origins read its answers, refusals included, and no others', async () => {
    const gateway = await start({ allowedOrigins: ['https://wall.example'], token: 'right-token' });
    const url = gateway.streamUrl();
    const asked = async (path: string, headers: Record<string, string>, method = 'GET') => {
      const abort = new AbortController();
      const answer = await fetch(`${url}${path}`, { method, headers, signal: abort.signal });
      abort.abort();
      return answer;
    };
    const token = { authorization: 'Bearer right-token' };
    for (const path of ['/poll', '/sse', '/snapshot', '']) {
      const answer = await asked(path, { origin: 'https://wall.example', ...token });
      expect(answer.headers.get('access-control-allow-origin'), path).toBe('https://wall.example');
      expect(answer.headers.get('vary'), path).toBe('origin');
    }
    const refused = await asked('/poll', { origin: 'https://wall.example' });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, 'https://wall.example']);
    const foreign = await asked('/poll', { origin: 'https://evil.example', ...token });
    expect([foreign.status, foreign.headers.get('access-control-allow-origin')]).toEqual([403, null]);

    const beforehand = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    const preflight = await asked('', { origin: 'https://wall.example', ...beforehand }, 'OPTIONS');
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, POST']);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization');
    expect((await asked('', { origin: 'https://evil.example', ...beforehand }, 'OPTIONS')).status).toBe(403);
  });

  it('passes data on as it was written, digit by digit, over every transport', async () => {
    const gateway = await start();
    const data = '{"id":9007199254740993,"price":1.10}';
    const body = `{"type":"order",\n  "data": ${data}}`;
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(gateway.streamUrl(), { method: 'POST', headers, body })).status).toBe(201);
    for (const path of ['/poll?last=1', '/snapshot']) {
      expect(await (await fetch(`${gateway.streamUrl()}${path}`)).text()).toContain(`"data":${data}`);
    }
  });

  it('answers without a token only to names of its own: a rebound domain is refused', async () => {
    const gateway = await start({ allowedOrigins: ['https://wall.example'] });
    const { port } = gateway;
    const status = async (host: string) => (await ask(`${gateway.streamUrl()}/poll`, { headers: { host } })).status;
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, 'upstream', 'wall.example']) {
      expect(await status(host), host).toBe(200);
    }
    expect(await status(`evil.example:${port}`)).toBe(403);
    const guarded = await start({ token: 'right-token' });
    const headers = { host: 'feeds.example', authorization: 'Bearer right-token' };
    expect(await ask(`${guarded.streamUrl()}/poll`, { headers })).toMatchObject({ status: 200 });
  });

  it('takes the token from the query too, and leaves /healthz open', async () => {
    const gateway = await start({ token: 'right-token' });
    expect(await ask(`${gateway.streamUrl()}/poll?access_token=right-token`)).toMatchObject({ status: 200 });
    const refused = await ask(`${gateway.streamUrl()}/poll?access_token=right-tokem`);
    expect(refused).toMatchObject({ status: 401, json: { error: { kind: 'unauthorized' } } });
    expect(refused.headers['www-authenticate']).toBe('Bearer');
    expect(refused.text).not.toContain('right-tok');
    expect(await ask(`${gateway.url}/healthz`)).toMatchObject({ status: 200, json: { ok: true } });
    expect(await publish(gateway.streamUrl(), { type: 'a', data: 1 })).toMatchObject({ status: 401 });
  });
});
