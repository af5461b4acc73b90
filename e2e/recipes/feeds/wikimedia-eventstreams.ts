import { EventSource } from 'eventsource';
import {
  held,
  inTurn,
  livesWithoutNews,
  lost,
  same,
  serve,
  stream,
  type Trials,
  tellsOfError,
  until,
  watchBy,
} from '../kit';

const sse = 'text/event-stream; charset=utf-8';
const path = '/v2/stream/recentchange';

/** Where every partition stands behind this event, as KafkaSSE writes it. */
const place = (offset: number) =>
  JSON.stringify([
    { topic: 'eqiad.mediawiki.recentchange', partition: 0, timestamp: 1_760_000_000_000 + offset },
    { topic: 'codfw.mediawiki.recentchange', partition: 0, offset: -1 },
  ]);

const change = (offset: number, domain = 'en.wikipedia.org') =>
  `event: message\nid: ${place(offset)}\ndata: ${JSON.stringify({
    $schema: '/mediawiki/recentchange/1.0.0',
    meta: {
      id: `b8d4e0f2-0000-4000-8000-00000000000${offset}`,
      dt: `2026-01-01T00:00:0${offset}.000Z`,
      domain,
      stream: 'mediawiki.recentchange',
      topic: 'eqiad.mediawiki.recentchange',
      partition: 0,
      offset,
    },
    id: 1_900_000_000 + offset,
    type: 'edit',
    title: `Page ${offset}`,
    timestamp: 1_760_000_000,
    length: { old: 100, new: 100 + offset },
    wiki: 'enwiki',
  })}\n\n`;

/** https://wikitech.wikimedia.org/wiki/Event_Platform/EventStreams_HTTP_Service and https://github.com/wikimedia/KafkaSSE */
export const wikimediaEventstreams: Trials = {
  recipe: 'wikimedia-eventstreams',
  cases: {
    async heartbeat() {
      // A canary is sent so that nobody mistakes silence for health, and is no change of anything.
      const feed = await serve((_request, response) => stream(response, sse, ':ok\n\n', change(1, 'canary')));
      await livesWithoutNews(await watchBy('wikimedia-eventstreams', 'sse', `http://${feed.host}${path}`));
    },
    async 'planned end'() {
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, sse, ':ok\n\n', change(1), change(2));
            cut.on(() => response.end());
          },
          (_request, response) => stream(response, sse, ':ok\n\n', change(3)),
        ),
      );
      const watched = await watchBy('wikimedia-eventstreams', 'sse', `http://${feed.host}${path}`);
      await until('what comes before', () => watched.events.length === 2);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 3);
      const { stream: name, type, sentAt, measures } = watched.events[0] ?? {};
      same('the first', [name, type, sentAt], ['mediawiki.recentchange', 'edit', Date.UTC(2026, 0, 1, 0, 0, 1)]);
      same('measured', measures, [{ name: 'length', labels: [['wiki', 'enwiki']], value: 101, unit: 'B' }]);
      same(
        'asked from',
        feed.asked.map(({ headers }) => headers['last-event-id'] ?? null),
        [null, place(2)],
      );
      same('gaps', lost(watched), []);
    },
    async error() {
      const cut = held();
      const feed = await serve((_request, response) => {
        stream(response, sse, ':ok\n\n', 'event: error\ndata: {"message":"Broker transport failure"}\n\n');
        cut.on(() => response.write(change(1)));
      });
      const watched = await watchBy('wikimedia-eventstreams', 'sse', `http://${feed.host}${path}`);
      await tellsOfError(watched, 'Broker transport failure', cut.now);
      same('events', watched.events.length, 1);
    },
    async resume() {
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, sse, ':ok\n\n', change(1), change(2));
            cut.on(() => response.destroy());
          },
          // Of several partitions some events come again: each has an id of its own.
          (_request, response) => stream(response, sse, ':ok\n\n', change(2), change(3)),
        ),
      );
      const watched = await watchBy('wikimedia-eventstreams', 'sse', `http://${feed.host}${path}`);
      await until('what comes before', () => watched.events.length === 2);
      cut.now();
      await until('news of the second connection', () => watched.events.length >= 3);
      same(
        'titles',
        watched.bodies().map((body) => /Page \d/.exec(String(body))?.[0]),
        ['Page 1', 'Page 2', 'Page 3'],
      );
      same('asked from', feed.asked[1]?.headers['last-event-id'], place(2));
      same('gaps', lost(watched), []);
    },
  },
  /** The client that the documentation uses. */
  async client() {
    const feed = await serve((_request, response) => stream(response, sse, ':ok\n\n', change(1)));
    const client = new EventSource(`http://${feed.host}${path}`);
    const got: string[] = [];
    client.onmessage = ({ lastEventId }) => void got.push(lastEventId);
    await until('a change at the client', () => got.length === 1);
    client.close();
    same('its place', got, [place(1)]);
  },
};
