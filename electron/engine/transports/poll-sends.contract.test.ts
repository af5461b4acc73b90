import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSystemClock } from '../../node/clock';
import { noDress } from '../core/credential';
import type { AttachRequest, Transport, TransportSession } from '../core/transport';
import { createDialler } from '../dialling/dialler';
import { createHttpPort } from '../dialling/http-port';
import { plainRequests } from '../dialling/profile';
import { createLongPollTransport } from './long-poll';
import { createPollTransport } from './poll';
import { type RawServer, startRawServer } from './testing/raw-server';
import { createRecorder } from './testing/recorder';

const clock = createSystemClock();
const http = createHttpPort({
  dial: createDialler({ clock }),
  clock,
  profile: {
    ...plainRequests,
    dress: async () => ({ ...noDress, fillMessage: (text) => text.replaceAll('*secret.k*', 's3') }),
  },
});
const polls: readonly Transport[] = [createLongPollTransport({ http, clock }), createPollTransport({ http, clock })];

const patient = { timeout: 10_000 };
const sessions = new Set<TransportSession>();
afterEach(() => {
  for (const session of sessions) session.destroy();
  sessions.clear();
});
afterAll(() => http.close());

describe.each(polls)('what is said on a $kind', (transport) => {
  let server: RawServer;
  /** Bodies of POSTs with their type, in order. */
  let posts: { readonly url: string; readonly type: string; readonly body: string }[];
  let onPost: (response: ServerResponse, body: string) => void;

  beforeAll(async () => {
    server = await startRawServer();
  });
  afterAll(() => server.close());
  beforeEach(() => {
    posts = [];
    onPost = (response) => void response.end('ok');
    server.http = (request, response) => {
      if (request.method === 'GET') return void response.writeHead(200, { 'Content-Type': 'text/plain' }).end('0');
      void bodyOf(request).then((body) => {
        posts.push({ url: request.url ?? '', type: request.headers['content-type'] ?? '', body });
        onPost(response, body);
      });
    };
  });

  function open(more: (turn: number) => Partial<AttachRequest>) {
    const recorder = createRecorder();
    let turn = 0;
    const session = transport.open(
      () => {
        turn += 1;
        const url = `http://${server.host}/feed`;
        return { url, headers: [['x-a', '1']], subprotocols: [], lastEventId: null, ...more(turn) };
      },
      { maxFrameBytes: 1_000_000, pollIntervalMs: 30, holdMs: 1000 },
      recorder,
    );
    sessions.add(session);
    return { recorder, session };
  }

  const sends = () => ({ sends: { url: `http://${server.host}/say?sid=1`, contentType: 'text/plain;charset=UTF-8' } });

  it('goes where the newest request says, one after another, in order', async () => {
    let under = 0;
    let most = 0;
    onPost = (response) => {
      under += 1;
      most = Math.max(most, under);
      setTimeout(() => {
        under -= 1;
        response.end('ok');
      }, 5);
    };
    const { recorder, session } = open(sends);
    await recorder.until(({ log }) => log.includes('frame'));
    const flushed: number[] = [];
    for (let at = 0; at < 5; at += 1) expect(session.send(`m${at}`, () => flushed.push(at))).toBe(true);
    await expect.poll(() => flushed, patient).toEqual([0, 1, 2, 3, 4]);
    expect(posts.map(({ body }) => body)).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
    expect(posts[0]).toMatchObject({ url: '/say?sid=1', type: 'text/plain;charset=UTF-8' });
    expect(server.requests.filter(({ method }) => method === 'POST').at(-1)?.headers['x-a']).toBe('1');
    expect(most).toBe(1);
    expect(recorder.ends).toEqual([]);
  });

  it('waits for the request that says where to', async () => {
    const { recorder, session } = open((turn) =>
      turn < 3 ? { sends: { url: null, contentType: 'text/plain' } } : sends(),
    );
    await recorder.until(({ log }) => log.includes('frame'));
    expect(session.send('early', () => {})).toBe(true);
    await recorder.until(({ frames }) => frames.length === 2);
    expect(posts).toEqual([]);
    await expect.poll(() => posts.map(({ body }) => body), patient).toEqual(['early']);
  });

  it('fills the places of secrets as it leaves, and puts together what is sealed; what a person typed stays', async () => {
    const { recorder, session } = open(sends);
    await recorder.until(({ log }) => log.includes('frame'));
    session.send('a *secret.k*', () => {}, true);
    session.send('b *secret.k*', () => {});
    session.send({ compose: (fill) => Buffer.from(`c ${fill('*secret.k*')}`) }, () => {});
    session.send(Buffer.from('d'), () => {});
    await expect.poll(() => posts.map(({ body }) => body), patient).toEqual(['a s3', 'b *secret.k*', 'c s3', 'd']);
  });

  it('cannot be said where the requests name no place, nor without measure', async () => {
    const silent = open(() => ({}));
    await silent.recorder.until(({ log }) => log.includes('frame'));
    expect(silent.session.send('x', () => {})).toBe(false);
    const { session, recorder } = open(() => ({ sends: { url: null, contentType: 'text/plain' } }));
    await recorder.until(({ log }) => log.includes('frame'));
    const taken = Array.from({ length: 150 }, () => session.send('x', () => {}));
    expect(taken.filter(Boolean)).toHaveLength(100);
  });

  it('ends the session with its answer where it is refused, and with its errno where it does not arrive', async () => {
    onPost = (response) => void response.writeHead(403).end('no');
    const refused = open(sends);
    await refused.recorder.until(({ log }) => log.includes('frame'));
    refused.session.send('x', () => {});
    await refused.recorder.until(({ ends }) => ends.length > 0);
    expect(refused.recorder.ends).toEqual([
      expect.objectContaining({ kind: 'refused', head: expect.objectContaining({ status: 403 }), bodyStart: 'no' }),
    ]);
    onPost = (response) => void response.destroy();
    const cut = open(sends);
    await cut.recorder.until(({ log }) => log.includes('frame'));
    cut.session.send('x', () => {});
    await cut.recorder.until(({ ends }) => ends.length > 0);
    expect(cut.recorder.ends[0]).toMatchObject({ kind: 'failed' });
  });

  it('ends in words where a refusal, of what is said or of what is asked, says that the session is over', async () => {
    const endsWith = (status: number, body: string) =>
      status === 400 && body.includes('sid') ? `gone: ${body}` : null;
    onPost = (response) => void response.writeHead(400).end('sid unknown');
    const said = open(() => ({ ...sends(), endsWith }));
    await said.recorder.until(({ log }) => log.includes('frame'));
    said.session.send('x', () => {});
    await said.recorder.until(({ ends }) => ends.length > 0);
    expect(said.recorder.ends).toEqual([{ kind: 'feed-error', message: 'gone: sid unknown' }]);
    let asked = 0;
    server.http = (_request, response) => {
      asked += 1;
      if (asked < 3) response.writeHead(200, { 'Content-Type': 'text/plain' }).end('0');
      else response.writeHead(400).end('sid unknown');
    };
    const { recorder } = open(() => ({ endsWith }));
    await recorder.until(({ ends }) => ends.length > 0);
    expect(recorder.ends).toEqual([{ kind: 'feed-error', message: 'gone: sid unknown' }]);
  });

  it('says nothing more once the session is left', async () => {
    onPost = () => {};
    const { recorder, session } = open(sends);
    await recorder.until(({ log }) => log.includes('frame'));
    session.send('one', () => {});
    session.send('two', () => {});
    await expect.poll(() => posts.length, patient).toBe(1);
    session.destroy();
    expect(session.send('three', () => {})).toBe(false);
    // One that is idle may be kept for the next request.
    await expect.poll(() => server.sockets.size, patient).toBeLessThan(2);
    expect(posts).toHaveLength(1);
    expect(recorder.ends).toEqual([]);
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
