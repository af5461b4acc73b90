import type { IncomingMessage } from 'node:http';
import { afterAll, describe, expect, it } from 'vitest';
import { type FixtureServer, serveFixture } from '../engine/probe/testing/fixture-server';
import { type HttpFixture, httpFixtures, type SocketFixture, socketFixtures } from '../engine/probe/testing/fixtures';
import { readWatchOptions } from './watch-options';
import { watch } from './watch-run';

const servers: FixtureServer[] = [];

afterAll(() => {
  for (const server of servers.splice(0)) server.close();
});

const from = { env: { TOKEN: 's3cret-token' }, readFile: () => Buffer.alloc(0), readStdin: () => '' };

type Line = Record<string, unknown>;

/** All that a terminal writes, each line parsed, up to where `done` is true of it. */
async function watched(
  done: (lines: readonly Line[]) => boolean,
  ...args: readonly string[]
): Promise<readonly Line[]> {
  const options = readWatchOptions([...args, '--json', '--for', '40'], from);
  if (options === 'help' || 'error' in options) throw new Error(JSON.stringify(options));
  const lines: Line[] = [];
  const stop = new AbortController();
  function write(line: string): void {
    lines.push(JSON.parse(line) as Line);
    if (done(lines)) stop.abort();
  }
  await watch(options, write, stop.signal);
  return lines;
}

const anything = (): boolean => true;
const events = (wanted: number) => (lines: readonly Line[]) =>
  lines.filter(({ kind }) => kind === 'event').length >= wanted;
const stopped = (lines: readonly Line[]) => lines.some(({ state }) => state === 'stopped');

async function serve(http: HttpFixture | null, socket: SocketFixture | null = null): Promise<FixtureServer> {
  const server = await serveFixture(http, socket);
  servers.push(server);
  return server;
}

/** A server whose answer depends on what it is asked. */
async function serveAnswers(answer: (request: IncomingMessage) => HttpFixture): Promise<FixtureServer> {
  const server = await serveFixture(answer);
  servers.push(server);
  return server;
}

/** A WebSocket that says `first`, and then what `answer` has to say to each message. */
async function serveTalk(
  answer: (text: string, say: (text: string) => void) => void,
  first: readonly string[] = [],
): Promise<FixtureServer> {
  const server = await serveFixture(null, { says: first }, answer);
  servers.push(server);
  return server;
}

/** From the address alone: where it is, and what it is called, read as and asked by. */
const list: readonly (readonly [string, HttpFixture | null, SocketFixture | null, string, string])[] = [
  ['our gateway', httpFixtures.gatewayPoll, null, 'http:/v1/orders', 'Wirewatch gateway, gateway, websocket, certain'],
  [
    'our gateway by its WebSocket',
    null,
    socketFixtures.gatewaySocket,
    'ws:/v1/orders/ws',
    'Wirewatch gateway, gateway, websocket, certain',
  ],
  ['nchan', httpFixtures.nchanSse, socketFixtures.nchanSocket, 'http:/sub', 'nchan, nchan, websocket, certain'],
  ['Prometheus', httpFixtures.prometheus, null, 'http:/metrics', 'Prometheus, prometheus, poll, certain'],
  ['Alertmanager', httpFixtures.alertmanager, null, 'http:/api/v2/alerts', 'Alertmanager, json, poll, certain'],
  ['NDJSON', httpFixtures.ndjson, null, 'http:/lines', 'Lines of JSON, json, poll, certain'],
  ['plain SSE', httpFixtures.plainSse, null, 'http:/live', 'Event stream, json, sse, certain'],
  ['JSON value', httpFixtures.jsonValue, null, 'http:/status', 'JSON value, json, poll, certain'],
  ['JSON list', httpFixtures.jsonList, null, 'http:/things', 'JSON list, json, poll, certain'],
  [
    'Kubernetes watch',
    httpFixtures.kubernetesWatch,
    null,
    'http:/api/v1/pods?watch=1',
    'Kubernetes watch, json, poll, certain',
  ],
  ['Mastodon', httpFixtures.mastodon, null, 'http:/api/v1/streaming/public', 'Mastodon, json, sse, certain'],
  ['LLM stream', httpFixtures.languageModel, null, 'http:/stream', 'Stream of a language model, json, sse, certain'],
  [
    'JSON WebSocket that speaks',
    null,
    socketFixtures.speaks,
    'ws:/prices',
    'JSON WebSocket that speaks, json, websocket, certain',
  ],
  [
    'JSON WebSocket that waits',
    null,
    socketFixtures.silent,
    'ws:/feed',
    'JSON WebSocket that waits for a subscribe message, json, websocket, guess',
  ],
  [
    'WebSocket that greets',
    null,
    socketFixtures.greets,
    'ws:/feed',
    'JSON WebSocket that waits for a subscribe message, json, websocket, likely',
  ],
  [
    'Home Assistant',
    null,
    socketFixtures.homeAssistant,
    'ws:/api/websocket',
    'Home Assistant, json, websocket, certain',
  ],
  [
    'Socket.IO',
    null,
    socketFixtures.socketIo,
    'ws:/socket.io/?EIO=4&transport=websocket',
    'Socket.IO, socket-io, websocket, certain',
  ],
  ['graphql-ws', null, socketFixtures.graphql, 'ws:/graphql', 'GraphQL over WebSocket, graphql-ws, websocket, certain'],
  ['MQTT', null, socketFixtures.mqtt, 'ws:/mqtt', 'MQTT, mqtt, websocket, certain'],
];

describe.concurrent('npm run watch -- <url> --json', () => {
  it('names protocol, confidence and why of everything on the list of detection, in its first line', async () => {
    const said = await Promise.all(
      list.map(async ([name, http, socket, at]) => {
        const { host } = await serve(http, socket);
        const [scheme = '', path = ''] = at.split(/:(.*)/s);
        const [first] = await watched(anything, `${scheme}://${host}${path}`);
        const { kind, title, protocol, transport, confidence, why } = first ?? {};
        expect(kind, name).toBe('detected');
        expect(why, name).not.toHaveLength(0);
        return [name, [title, protocol, transport, confidence].join(', ')];
      }),
    );
    expect(said).toEqual(list.map(([name, , , , verdict]) => [name, verdict]));
  });

  it('says why what answers is no feed, and goes by the address then', async () => {
    const { host } = await serve(httpFixtures.htmlLogin);
    const lines = await watched(stopped, `http://${host}/app`);
    expect(lines[0]).toMatchObject({ kind: 'detected', title: null, confidence: null });
    expect(lines[0]?.problem).toContain('web page');
    expect(lines.at(-1)).toMatchObject({ kind: 'end', wasLive: false });
  });

  it.each([
    ['a greeting', '{"event":"info","version":2,"serverId":"a-b","platform":{"status":1}}'],
    ['the hello of Discord', '{"t":null,"s":null,"op":10,"d":{"heartbeat_interval":41250}}'],
  ])('%s alone is no sign that the feed speaks', async (_what, first) => {
    const { host } = await serveTalk(() => {}, [first]);
    const lines = await watched(events(1), `ws://${host}/`, '--no-detect');
    expect(lines.some(({ code }) => code === 'first-event')).toBe(false);
    expect(lines.at(-1)).toMatchObject({ kind: 'end', wasLive: false });
  });

  it('watches what it found: events of a list that an address alone would take for a stream', async () => {
    const { host } = await serve(httpFixtures.jsonList);
    const lines = await watched(events(2), `http://${host}/events`);
    expect(lines.filter(({ kind }) => kind === 'event')).toHaveLength(2);
    expect(lines.at(-1)).toMatchObject({ kind: 'end', wasLive: true });
  });

  it('asks nothing first where it was told what it is', async () => {
    for (const told of [['--no-detect'], ['--kind', 'poll', '--every', '5'], ['--protocol', 'json']]) {
      const { host, asked } = await serve(httpFixtures.jsonValue);
      const lines = await watched(events(1), `http://${host}/status.json`, ...told);
      expect(
        lines.some(({ kind }) => kind === 'detected'),
        told.join(' '),
      ).toBe(false);
      expect(asked).toHaveLength(1);
    }
  });

  it('asks as a curl command does, whose secret is nowhere in what it writes', async () => {
    const { host, asked } = await serve(httpFixtures.jsonValue);
    const command = `curl 'http://${host}/status' -H 'Authorization: Bearer s3cret' -H 'X-Team: ops' -k`;
    const lines = await watched(events(1), '--curl', command);
    expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret', 'x-team': 'ops' });
    expect(lines[0]).toMatchObject({ kind: 'detected', title: 'JSON value' });
    expect(lines[1]).toMatchObject({ kind: 'finding', text: expect.stringContaining('fingerprint') });
    expect(JSON.stringify(lines)).not.toContain('s3cret');
  });

  it('sends on open what it was told to, with the secret in it, to a feed that waits for that', async () => {
    const heard: string[] = [];
    const { host } = await serveTalk((text, say) => {
      heard.push(text);
      if (text.includes('subscribe')) say('{"type":"price","n":1.5}');
    });
    const login = '{"type":"auth","token":"*secret.KEY*"}';
    const args = ['--send-on-open', login, '--send-on-open', '{"type":"subscribe"}', '--secret-env', 'KEY=TOKEN'];
    const lines = await watched(events(1), `ws://${host}/feed`, ...args);
    expect(lines[0]).toMatchObject({ kind: 'detected', confidence: 'guess' });
    expect(heard.slice(0, 2)).toEqual(['{"type":"auth","token":"s3cret-token"}', '{"type":"subscribe"}']);
    expect(lines.filter(({ kind }) => kind === 'event')).toMatchObject([{ body: '{"type":"price","n":1.5}' }]);
    expect(JSON.stringify(lines)).not.toContain('s3cret-token');
  });

  it('speaks a shipped recipe once its variables are said', async () => {
    const { host } = await serveTalk(
      (text, say) => {
        const { id, type, access_token: token } = JSON.parse(text) as Readonly<Record<string, unknown>>;
        if (type === 'auth') say(token === 's3cret-token' ? '{"type":"auth_ok"}' : '{"type":"auth_invalid"}');
        if (type !== 'subscribe_events') return;
        say(`{"id":${id},"type":"result","success":true,"result":null}`);
        say(
          '{"id":1,"type":"event","event":{"event_type":"state_changed","time_fired":"2026-01-01T12:00:00Z","data":{}}}',
        );
      },
      ['{"type":"auth_required","ha_version":"2026.1.0"}'],
    );
    const args = ['--recipe', 'home-assistant', '--secret-env', 'token=TOKEN'];
    const lines = await watched(events(1), `ws://${host}/api/websocket`, ...args);
    expect(lines[0]).toMatchObject({ title: 'Home Assistant', confidence: 'certain' });
    expect(lines.filter(({ kind }) => kind === 'event')).toMatchObject([{ type: 'state_changed' }]);
  });

  it.each([
    ['message_stop', httpFixtures.anthropicWhole],
    ['finish_reason stop', httpFixtures.finishStop],
    ['response.completed', httpFixtures.openAiResponse],
    ['[DONE]', httpFixtures.languageModel],
  ])('asks a model by GET once to look and once to watch, and not again behind %s', async (_end, fixture) => {
    const { host, asked } = await serve(fixture);
    const lines = await watched(stopped, `http://${host}/stream`);
    expect(lines[0]).toMatchObject({ title: 'Stream of a language model', confidence: 'certain' });
    expect(asked).toHaveLength(2);
    expect(lines.filter(({ state }) => state === 'stopped')).toMatchObject([{ code: 'answer-complete' }]);
    expect(lines.filter(({ kind }) => kind === 'gap')).toEqual([]);
  });

  it('sends the POST of a command once, by the watch', async () => {
    const { host, asked } = await serve(httpFixtures.jsonValue);
    const lines = await watched(events(1), '--curl', `curl http://${host}/query --json '{"q":1}'`, '--post');
    expect(asked.map(({ method }) => method)).toEqual(['POST']);
    expect(lines.some(({ kind, text }) => kind === 'finding' && String(text).includes('not sent twice'))).toBe(true);
  });

  it('waits for as long as a server asks that was asked too often, and says so', async () => {
    const { host, asked } = await serve({ status: 429, headers: { 'retry-after': '30' }, body: '' });
    const told = (lines: readonly Line[]) => lines.some(({ text }) => String(text).includes('again in 30 s'));
    const lines = await watched(told, `http://${host}/state`);
    expect(lines[0]?.problem).toContain('left alone for 30 s');
    expect(told(lines)).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it('asks an address of the form of ours before anything beside it', async () => {
    const { host, asked } = await serve(httpFixtures.jsonValue);
    const lines = await watched(events(1), `http://${host}/api/v1/pods`);
    expect(lines[0]).toMatchObject({ title: 'JSON value' });
    expect(new Set(asked.map(({ url }) => url))).toEqual(new Set(['/api/v1/pods']));
  });

  it('opens no connection of its own to look where a recipe was given for a WebSocket', async () => {
    const { host, asked } = await serveTalk((_text, say) => say('{"n":1}'), []);
    const args = ['--recipe', 'home-assistant', '--secret-env', 'token=TOKEN'];
    const lines = await watched(anything, `ws://${host}/api/websocket`, ...args);
    expect(lines[0]).toMatchObject({ kind: 'detected', title: 'Home Assistant', confidence: 'certain' });
    expect(asked).toHaveLength(0);
  });

  it.each([
    ['plain-sse', httpFixtures.plainSse, 'Server-Sent Events'],
    ['ndjson', httpFixtures.ndjson, 'Lines of JSON'],
    ['list-poll-etag', httpFixtures.jsonList, 'Polled list with ETag'],
    ['generic-json', httpFixtures.plainSse, 'JSON messages'],
  ])('asks nothing before the watch where a recipe was named: %s', async (recipe, fixture, title) => {
    const { host, asked } = await serve(fixture);
    // The address looks like that of our gateway, and of a JSON file.
    const lines = await watched(events(1), `http://${host}/v1/state`, '--recipe', recipe);
    expect(lines[0]).toMatchObject({ kind: 'detected', title, protocol: 'json', confidence: 'certain' });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toBe('/v1/state');
  });

  it('sends the POST of a curl command to a model once, with its key, and not again when the answer has ended', async () => {
    const { host, asked } = await serve(httpFixtures.languageModel);
    const body = '{"model":"m","stream":true,"messages":[]}';
    const command = `curl http://${host}/v1/chat/completions -H 'Authorization: Bearer s3cret-token' --json '${body}'`;
    const lines = await watched(stopped, '--curl', command, '--post');
    expect(asked.map(({ method, headers }) => [method, headers.authorization])).toEqual([
      ['POST', 'Bearer s3cret-token'],
    ]);
    expect(lines.filter(({ kind }) => kind === 'event')).toHaveLength(1);
    expect(lines.filter(({ state }) => state === 'stopped')).toHaveLength(1);
  });

  it('watches with what it learnt: a server that gives JSON only to who asks for nothing else', async () => {
    const server = await serveAnswers(({ headers }) =>
      headers.accept === 'application/json'
        ? httpFixtures.jsonValue
        : { status: 406, headers: { 'content-type': 'text/plain' }, body: 'Not Acceptable' },
    );
    const lines = await watched(events(1), `http://${server.host}/state`);
    expect(lines[0]).toMatchObject({ title: 'JSON value', confidence: 'certain' });
    expect(lines.filter(({ kind }) => kind === 'event')).toHaveLength(1);
    expect(lines.at(-1)).toMatchObject({ wasLive: true });
  });

  it.each([
    ['an event stream', 'text/event-stream', httpFixtures.plainSse, 'Event stream'],
    ['JSON', 'application/json', httpFixtures.jsonValue, 'JSON value'],
  ])('finds %s behind a page that is answered to everybody else', async (_what, accept, fixture, title) => {
    const server = await serveAnswers(({ headers }) => (headers.accept === accept ? fixture : httpFixtures.htmlLogin));
    const lines = await watched(events(1), `http://${server.host}/live`);
    expect(lines[0]).toMatchObject({ title, confidence: 'certain' });
    expect(lines.some(({ kind }) => kind === 'event')).toBe(true);
  });

  it('reads JSON and lines that are called a page, as it said that it would', async () => {
    const html = { 'content-type': 'text/html; charset=UTF-8' };
    for (const fixture of [
      { ...httpFixtures.jsonValue, headers: html },
      { ...httpFixtures.jsonList, headers: html },
      { ...httpFixtures.ndjson, headers: html },
    ]) {
      const { host } = await serve(fixture);
      const lines = await watched(events(1), `http://${host}/data.php`);
      expect(lines[0]).toMatchObject({ kind: 'detected', confidence: 'likely', problem: null });
      expect(
        lines.some(({ kind }) => kind === 'event'),
        fixture.body,
      ).toBe(true);
    }
  });

  it.each([
    ['a page', '<!doctype html><html><title>Sign in</title></html>'],
    ['a page behind blank lines', '\r\n\n  <html></html>'],
    ['JSON', '{"error":"no"}'],
  ])('takes %s that is called an event stream for no feed: never live, and no gap', async (_what, body) => {
    const { host } = await serve({ headers: { 'content-type': 'text/event-stream' }, body });
    const lines = await watched(stopped, `http://${host}/live`);
    expect(lines[0]).toMatchObject({ kind: 'detected', title: null });
    expect(lines.filter(({ state, kind }) => state === 'live' || kind === 'gap')).toEqual([]);
    expect(lines.at(-1)).toMatchObject({ kind: 'end', wasLive: false });
  });
});
