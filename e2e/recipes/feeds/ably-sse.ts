import { EventSource } from 'eventsource';
import { held, inTurn, livesWithoutNews, lost, same, serve, stream, type Trials, until, watchBy } from '../kit';

const sse = 'text/event-stream';
const path = '/sse?v=1.2&channels=prices';
const place = (n: number) => `e026fVXsABgp8N@1760000000000-${n}`;
const message = (n: number) =>
  `id: ${place(n)}\nevent: message\ndata: ${JSON.stringify({
    id: `Ft5xyz:${n}:0`,
    timestamp: 1_760_000_000_000 + n,
    encoding: 'json',
    channel: 'prices',
    data: `{"price":${n}}`,
    name: 'tick',
  })}\n\n`;
const failed = (code: number, statusCode: number, text: string) =>
  `event: error\ndata: ${JSON.stringify({ message: text, code, statusCode, href: `https://help.ably.io/error/${code}` })}\n\n`;

/** https://ably.com/docs/protocols/sse */
export const ablySse: Trials = {
  recipe: 'ably-sse',
  cases: {
    async heartbeat() {
      const feed = await serve((_request, response) => stream(response, sse, ':keepalive\n\n'));
      await livesWithoutNews(await watchBy('ably-sse', 'sse', `http://${feed.host}${path}`));
    },
    async 'planned end'() {
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, sse, message(1));
            cut.on(() => response.end());
          },
          (_request, response) => stream(response, sse, message(2)),
        ),
      );
      const watched = await watchBy('ably-sse', 'sse', `http://${feed.host}${path}`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      const { stream: name, type, sentAt } = watched.events[0] ?? {};
      same('the first', [name, type, sentAt], ['prices', 'tick', 1_760_000_000_001]);
      same('bodies', watched.bodies(), ['{"price":1}', '{"price":2}']);
      same('gaps', lost(watched), []);
    },
    async error() {
      // A token that has run out is told as an event, and the stream ends.
      const feed = await serve((_request, response) => {
        stream(response, sse, failed(40142, 401, 'Token expired'));
        response.end();
      });
      const watched = await watchBy('ably-sse', 'sse', `http://${feed.host}${path}`);
      await until('a refused login is no reason to try again', () => watched.view()?.state.kind === 'stopped');
      same('bodies', watched.bodies(), []);
    },
    async resume() {
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, sse, message(1), message(2));
            cut.on(() => response.destroy());
          },
          (_request, response) => stream(response, sse, message(3)),
        ),
      );
      const watched = await watchBy('ably-sse', 'sse', `http://${feed.host}${path}`);
      await until('what comes before', () => watched.events.length === 2);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 3);
      same(
        'asked from',
        feed.asked.map(({ headers }) => headers['last-event-id'] ?? null),
        [null, place(2)],
      );
      same('gaps', lost(watched), []);
    },
  },
  /** Ably's own library speaks another protocol: of its event streams the documentation says to use EventSource. */
  async client() {
    const feed = await serve((_request, response) => stream(response, sse, message(1)));
    const client = new EventSource(`http://${feed.host}${path}`);
    const got: string[] = [];
    client.onmessage = ({ data }) => void got.push(JSON.parse(data).data);
    await until('a message at the client', () => got.length === 1);
    client.close();
    same('what it got', got, ['{"price":1}']);
  },
};
