import { describe, expect, it } from 'vitest';
import { classify } from './classify';
import type { HttpSeen, SocketSeen } from './seen';
import { type HttpFixture, httpFixtures, type SocketFixture, socketFixtures } from './testing/fixtures';

function answered(fixture: HttpFixture, url = 'http://h.test/x'): HttpSeen {
  const headers = Object.entries(fixture.headers);
  const bytes = Buffer.byteLength(fixture.body);
  return {
    kind: 'http',
    url,
    head: { status: fixture.status ?? 200, headers },
    text: fixture.body,
    bytes,
    ended: !fixture.open,
  };
}

function opened(fixture: SocketFixture, offered: readonly string[] = []): SocketSeen {
  const subprotocol = fixture.chooses !== undefined && offered.includes(fixture.chooses) ? fixture.chooses : '';
  const messages = fixture.says.map((data, at) => ({ data, bytes: data.length, afterMs: at * 100 }));
  const head = { status: 101, headers: [] };
  const closed = fixture.closes ?? null;
  return { kind: 'socket', url: 'ws://h.test/x', head, offered, subprotocol, messages, closed, listenedMs: 4000 };
}

const best = (seen: Parameters<typeof classify>[0]) => {
  const [first] = classify(seen).verdicts;
  return first ? `${first.title}: ${first.confidence}` : 'nothing';
};

/** Each fixture against each verdict: the whole table, so that what is taken for something else is seen. */
const httpVerdicts: Readonly<Record<keyof typeof httpFixtures, string>> = {
  gatewayPoll: 'Wirewatch gateway: certain',
  gatewaySse: 'Wirewatch gateway: certain',
  nchanSse: 'nchan: likely',
  prometheus: 'Prometheus: certain',
  prometheusCut: 'Prometheus: likely',
  prometheusCutNumber: 'Prometheus: likely',
  prometheusCutFirst: 'Prometheus: likely',
  openMetricsCut: 'OpenMetrics: likely',
  openMetrics: 'OpenMetrics: certain',
  alertmanager: 'Alertmanager: certain',
  alertGroups: 'Alertmanager (groups): certain',
  ndjson: 'Lines of JSON: certain',
  linesUnnamed: 'Lines of JSON: likely',
  plainSse: 'Event stream: certain',
  sseWithIds: 'Event stream with ids: certain',
  jsonValue: 'JSON value: certain',
  jsonList: 'JSON list: certain',
  kubernetesWatch: 'Kubernetes watch: certain',
  kubernetesList: 'Kubernetes list: likely',
  mastodon: 'Mastodon: certain',
  languageModel: 'Stream of a language model: certain',
  anthropic: 'Stream of a language model: certain',
  anthropicWhole: 'Stream of a language model: certain',
  finishStop: 'Stream of a language model: certain',
  openAiResponse: 'Stream of a language model: certain',
  prometheusQuery: 'Prometheus query: likely',
  socketIoPoll: 'Socket.IO: certain',
  jsonCut: 'nothing',
  jsonGuarded: 'nothing',
  jsonEmpty: 'nothing',
  htmlLogin: 'nothing',
  htmlAsJson: 'nothing',
  unauthorized: 'nothing',
  forbidden: 'nothing',
  captivePortal: 'nothing',
  errorAs200: 'JSON value: guess',
  alertsObject: 'JSON value: certain',
  alertsWebhook: 'JSON value: certain',
  fewFingerprints: 'JSON list: certain',
  emptyList: 'JSON list: certain',
  almostPrometheus: 'Plain text: guess',
  textNumbers: 'Prometheus: guess',
  logLines: 'Plain text: guess',
  jsonAsSse: 'nothing',
  sseError: 'Event stream: guess',
  sseAsJson: 'nothing',
  nchanLikeIds: 'Event stream with ids: certain',
  prettyJson: 'JSON value: certain',
  watchLookalike: 'Lines of JSON: likely',
  choicesOfAnother: 'Event stream: certain',
  chatRoom: 'Event stream: certain',
  textOfWords: 'Prometheus: guess',
  mastodonLikeNames: 'Event stream: certain',
  xml: 'nothing',
  image: 'nothing',
  noContent: 'nothing',
  valueOpen: 'JSON value: likely',
  nanJson: 'JSON value: certain',
  graphqlError: 'JSON value: guess',
  codeError: 'JSON value: guess',
  detailError: 'JSON value: guess',
  problemJson: 'JSON value: guess',
  kubernetesStatus: 'JSON value: guess',
  statusCodes: 'JSON value: certain',
  fakeHello: 'JSON value: certain',
};

const socketVerdicts: Readonly<Record<keyof typeof socketFixtures, string>> = {
  gatewaySocket: 'Wirewatch gateway: certain',
  speaks: 'JSON WebSocket that speaks: certain',
  silent: 'JSON WebSocket that waits for a subscribe message: guess',
  greets: 'JSON WebSocket that waits for a subscribe message: likely',
  homeAssistant: 'Home Assistant: certain',
  asksLogin: 'JSON WebSocket that waits for a subscribe message: likely',
  mastodonSocket: 'Mastodon: certain',
  combined: 'Combined stream, as Binance has it: likely',
  socketIo: 'Socket.IO: certain',
  pusher: 'Pusher: certain',
  graphql: 'JSON WebSocket that waits for a subscribe message: guess',
  mqtt: 'JSON WebSocket that waits for a subscribe message: guess',
  nchanSocket: 'JSON WebSocket that waits for a subscribe message: guess',
  errorOnly: 'JSON WebSocket that waits for a subscribe message: guess',
  closesAtOnce: 'JSON WebSocket that waits for a subscribe message: guess',
  plainText: 'WebSocket of plain text: likely',
  cable: 'Action Cable: likely',
  pingsOnly: 'JSON WebSocket that waits for a subscribe message: guess',
  kraken: 'JSON WebSocket that waits for a subscribe message: likely',
  methodBeats: 'JSON WebSocket that waits for a subscribe message: guess',
  sessionBeats: 'JSON WebSocket that speaks: likely',
  streamerBeats: 'JSON WebSocket that speaks: likely',
  barePings: 'JSON WebSocket that waits for a subscribe message: guess',
  pingTimes: 'JSON WebSocket that speaks: certain',
  orders: 'JSON WebSocket that speaks: certain',
};

describe('what is seen at an address', () => {
  it.each(Object.entries(httpVerdicts))('%s is taken for: %s', (name, verdict) => {
    expect(best([answered(Reflect.get(httpFixtures, name) as HttpFixture)])).toBe(verdict);
  });

  it.each(Object.entries(socketVerdicts))('%s is taken for: %s', (name, verdict) => {
    expect(best([opened(Reflect.get(socketFixtures, name) as SocketFixture)])).toBe(verdict);
  });

  it('every reading says why, and what is none says what is wrong', () => {
    const all = [
      ...Object.values<HttpFixture>(httpFixtures).map((one) => answered(one)),
      ...Object.values<SocketFixture>(socketFixtures).map((one) => opened(one)),
    ];
    for (const seen of all) {
      const { verdicts, problem } = classify([seen]);
      expect(verdicts.length > 0).toBe(problem === null);
      for (const { why, ladder, title } of verdicts) {
        expect(why.length, title).toBeGreaterThan(0);
        expect(ladder.length, title).toBeGreaterThan(0);
      }
      if (problem !== null) expect(problem).toMatch(/^[A-Z].*\.$/s);
    }
  });

  it.each([
    ['graphql', 'GraphQL over WebSocket: certain'],
    ['mqtt', 'MQTT: certain'],
  ] as const)('%s is named by the subprotocol that it chooses: %s', (name, verdict) => {
    const tried = ['wirewatch.nobody', 'graphql-transport-ws', 'mqtt'];
    expect(best([opened(socketFixtures[name]), opened(socketFixtures[name], tried)])).toBe(verdict);
  });

  it('what is spoken here is read as that, and told what it wants; what is only named says so', () => {
    const read = (name: keyof typeof socketFixtures, tried?: readonly string[]) => {
      const [found] = classify([opened(socketFixtures[name], tried ? [...tried] : undefined)]).verdicts;
      return [found?.protocol, found?.wants.join(' ')];
    };
    expect(read('pusher')).toEqual(['pusher', 'Name the channels to subscribe to.']);
    expect(read('graphql', ['wirewatch.nobody', 'graphql-transport-ws'])).toEqual([
      'graphql-ws',
      'Enter the subscription.',
    ]);
    expect(read('cable')).toEqual(['json', expect.stringContaining('is not spoken by Wirewatch yet')]);
  });

  it('a server that takes the first subprotocol it is offered has said nothing by it', () => {
    const taking: SocketFixture = { says: [], chooses: 'wirewatch.nobody' };
    expect(best([opened(taking, ['wirewatch.nobody', 'mqtt'])])).toMatch(/: guess$/);
    const own: SocketFixture = { says: [], chooses: 'mqtt' };
    expect(best([opened(own, ['mqtt'])])).toBe('MQTT: likely');
  });

  it('nchan is certain once its WebSocket has confirmed it, with what the event stream said as the sample', () => {
    const { verdicts } = classify([
      answered(httpFixtures.nchanSse),
      opened(socketFixtures.nchanSocket, ['ws+meta.nchan']),
    ]);
    expect(verdicts[0]).toMatchObject({ title: 'nchan', protocol: 'nchan', confidence: 'certain' });
    expect(verdicts[0]?.frames).toHaveLength(2);
    expect(verdicts[0]?.sampled).toMatchObject({ transport: 'sse' });
  });

  it('nchan is not certain by its subprotocol alone: who takes anything takes that as well', () => {
    const alone = opened(socketFixtures.nchanSocket, ['ws+meta.nchan']);
    expect(best([opened(socketFixtures.silent), alone])).toBe('nchan: likely');
    const message = 'Server sent an invalid subprotocol';
    const failure = { phase: 'handshake', code: 'X', message, certificate: null, proxy: null } as const;
    const offered = ['wirewatch.nobody', 'mqtt'];
    const refused = { kind: 'failed', url: 'ws://h.test/x', failure, waitedMs: 1, offered } as const;
    expect(best([opened(socketFixtures.silent), refused, alone])).toBe('nchan: certain');
  });

  it('what another host answers after a redirect is never certain', () => {
    const seen = answered(httpFixtures.alertmanager);
    expect(best([{ ...seen, head: { ...seen.head, elsewhere: true } }])).toBe('Alertmanager: likely');
  });

  it('nor is a WebSocket that a redirect led to', () => {
    const seen = opened(socketFixtures.speaks);
    expect(best([{ ...seen, head: { ...seen.head, elsewhere: true } }])).toMatch(/: likely$/);
  });

  it('the address of Alertmanager is a guess where there is no alert', () => {
    const { verdicts } = classify([answered(httpFixtures.emptyList, 'http://h.test/api/v2/alerts?active=true')]);
    expect(verdicts.map(({ title, confidence }) => `${title}: ${confidence}`)).toEqual([
      'JSON list: certain',
      'Alertmanager: guess',
    ]);
  });

  it('no text of any length or shape throws or takes long', () => {
    const endless = ['[', '{"a":', '# TYPE a', 'data: ', '{}\n', 'a{b="', 'id: 1:1\n', '0{"sid":"', '"'].map((part) =>
      part.repeat(30_000),
    );
    for (const type of [
      'application/json',
      'text/plain; version=0.0.4',
      'text/event-stream',
      'application/x-ndjson',
      '',
    ]) {
      for (const body of endless) {
        for (const open of [undefined, true] as const) {
          const fixture = {
            headers: { 'content-type': type },
            body: body.slice(0, 256 * 1024),
            ...(open ? { open } : {}),
          };
          expect(() => classify([answered(fixture)])).not.toThrow();
        }
      }
    }
  });
});
