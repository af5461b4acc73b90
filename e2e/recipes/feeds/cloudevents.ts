import {
  held,
  inTurn,
  inTurnOn,
  livesWithoutNews,
  lost,
  onlyUpgrades,
  same,
  serve,
  stream,
  type Trials,
  until,
  watchBy,
} from '../kit';

const event = (n: number, source = '/machines/7') =>
  JSON.stringify({
    specversion: '1.0',
    id: `${n}`,
    source,
    type: 'com.example.temperature',
    time: `2026-01-01T00:00:0${n}Z`,
    datacontenttype: 'application/json',
    data: { celsius: 20 + n },
  });

/**
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md (batches: its section 4) and
 * …/bindings/websockets-protocol-binding.md: it has no sign of life but the WebSocket's own, no errors and no resume.
 */
export const cloudevents: Trials = {
  recipe: 'cloudevents',
  cases: {
    async heartbeat() {
      const feed = await serve(onlyUpgrades, (socket) => socket.ping());
      await livesWithoutNews(await watchBy('cloudevents', 'websocket', `ws://${feed.host}/`));
      same('subprotocol', feed.asked[0]?.headers['sec-websocket-protocol'], 'cloudevents.json');
    },
    async 'planned end'() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          (socket) => {
            socket.send(event(1));
            cut.on(() => socket.close(1001));
          },
          (socket) => socket.send(event(2)),
        ),
      );
      const watched = await watchBy('cloudevents', 'websocket', `ws://${feed.host}/`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      const { stream: source, type, id, sentAt } = watched.events[0] ?? {};
      same(
        'the first',
        [source, type, id, sentAt],
        ['/machines/7', 'com.example.temperature', '1', Date.UTC(2026, 0, 1, 0, 0, 1)],
      );
      same('gaps', lost(watched), ['lost no-replay']);
    },
    async error() {
      // A batch, an empty one, and what is no CloudEvent.
      const feed = await serve(onlyUpgrades, (socket) => {
        for (const text of [`[${event(1)},${event(1, '/machines/8')}]`, '[]', '{"specversion":']) socket.send(text);
      });
      const watched = await watchBy('cloudevents', 'websocket', `ws://${feed.host}/`);
      await until('all that came', () => watched.events.length === 4);
      same(
        'streams',
        watched.events.slice(0, 2).map(({ stream: source, id }) => `${source} ${id}`),
        ['/machines/7 1', '/machines/8 1'],
      );
    },
    async resume() {
      const cut = held();
      // Over an event stream the ids of that are where to go on.
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, 'text/event-stream', `id: a\ndata: ${event(1)}\n\n`);
            cut.on(() => response.destroy());
          },
          (_request, response) => stream(response, 'text/event-stream', `id: b\ndata: ${event(2)}\n\n`),
        ),
      );
      const watched = await watchBy('cloudevents', 'sse', `http://${feed.host}/`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      same(
        'asked from',
        feed.asked.map(({ headers }) => headers['last-event-id'] ?? null),
        [null, 'a'],
      );
      same('gaps', lost(watched), []);
    },
  },
};
