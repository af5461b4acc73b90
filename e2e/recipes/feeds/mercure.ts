import type { IncomingMessage, ServerResponse } from 'node:http';
import { EventSource } from 'eventsource';
import { held, inTurn, live, livesWithoutNews, lost, same, serve, stream, type Trials, until, watchBy } from '../kit';

const sse = 'text/event-stream';
const path = '/.well-known/mercure?topic=https%3A%2F%2Fexample.com%2Fbooks%2F%7Bid%7D';
const urn = (n: number) => `urn:uuid:5e94c686-2c0b-4f9b-958c-92ccc3bbb4e${n}`;
const update = (n: number) => `id: ${urn(n)}\ndata: {"n":${n}}\n\n`;

/**
 * A hub that has these updates: it begins behind the one that is asked for, or, where it has it no longer, with its oldest,
 * and says in its answer's header which it was.
 */
function hub(updates: readonly number[], then: (response: ServerResponse) => void = () => {}) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const asked = request.headers['last-event-id'];
    const from = updates.findIndex((n) => urn(n) === asked);
    response.writeHead(200, {
      'content-type': sse,
      ...(asked === undefined ? {} : { 'last-event-id': from === -1 ? 'earliest' : urn(updates[from] ?? 0) }),
    });
    response.write(':\n\n');
    for (const n of updates.slice(from + 1)) response.write(update(n));
    then(response);
  };
}

/** https://mercure.rocks/spec#reconciliation: `Last-Event-ID` asked and answered, `earliest` where the hub has it no longer. */
export const mercure: Trials = {
  recipe: 'mercure',
  cases: {
    async heartbeat() {
      const feed = await serve((_request, response) => stream(response, sse, ':\n\n', ':\n\n'));
      await livesWithoutNews(await watchBy('mercure', 'sse', `http://${feed.host}${path}`));
    },
    async 'planned end'() {
      const cut = held();
      // A hub ends connections after its write timeout, and asks for a pause of its own.
      const feed = await serve(
        inTurn(
          hub([1, 2], (response) => cut.on(() => response.end('retry: 100\n\n'))),
          hub([1, 2, 3]),
        ),
      );
      const watched = await watchBy('mercure', 'sse', `http://${feed.host}${path}`);
      await until('what comes before', () => watched.events.length === 2);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 3);
      same('bodies', watched.bodies(), ['{"n":1}', '{"n":2}', '{"n":3}']);
      same(
        'asked from',
        feed.asked.map(({ headers }) => headers['last-event-id'] ?? null),
        [null, urn(2)],
      );
      same('gaps', lost(watched), []);
    },
    async error() {
      const cut = held();
      // What it has forgotten is not told by what comes, but by the header alone.
      const feed = await serve(
        inTurn(
          hub([1, 2], (response) => cut.on(() => response.destroy())),
          hub([5, 6]),
        ),
      );
      const watched = await watchBy('mercure', 'sse', `http://${feed.host}${path}`);
      await until('what comes before', () => watched.events.length === 2);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 4);
      same('bodies', watched.bodies(), ['{"n":1}', '{"n":2}', '{"n":5}', '{"n":6}']);
      same('gaps', lost(watched), ['lost no-replay']);
    },
    async resume() {
      const cut = held();
      const feed = await serve(
        inTurn(
          hub([1, 2], (response) => cut.on(() => response.destroy())),
          hub([1, 2, 3, 4]),
        ),
      );
      const watched = await watchBy('mercure', 'sse', `http://${feed.host}${path}`);
      await until('what comes before', () => watched.events.length === 2);
      cut.now();
      await until('all four', () => watched.events.length === 4);
      same('bodies', watched.bodies(), ['{"n":1}', '{"n":2}', '{"n":3}', '{"n":4}']);
      same('gaps', lost(watched), []);
      same('live', live(watched), true);
    },
  },
  /** The client that the specification uses. */
  async client() {
    const feed = await serve(hub([1, 2]));
    const client = new EventSource(`http://${feed.host}${path}`);
    const got: string[] = [];
    client.onmessage = ({ lastEventId }) => void got.push(lastEventId);
    await until('both at the client', () => got.length === 2);
    client.close();
    same('its places', got, [urn(1), urn(2)]);
  },
};
