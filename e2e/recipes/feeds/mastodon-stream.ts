import {
  inTurn,
  inTurnOn,
  live,
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

const status = (id: string) => JSON.stringify({ id, created_at: '2026-01-01T00:00:00.000Z', content: `<p>${id}</p>` });
const wrapped = (event: string, payload?: string) => JSON.stringify({ stream: ['public'], event, payload });

/** https://docs.joinmastodon.org/methods/streaming: the event stream with `:thump`, and the WebSocket with its payload as text. */
export const mastodonStream: Trials = {
  recipe: 'mastodon-stream',
  cases: {
    async heartbeat() {
      const feed = await serve((_request, response) => stream(response, 'text/event-stream', ':)\n', ':thump\n'));
      await livesWithoutNews(await watchBy('mastodon-stream', 'sse', `http://${feed.host}/api/v1/streaming/public`));
    },
    async 'planned end'() {
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, 'text/event-stream', `event: update\ndata: ${status('1')}\n\n`);
            setTimeout(() => response.end(), 100);
          },
          (_request, response) => stream(response, 'text/event-stream', 'event: delete\ndata: 1\n\n'),
        ),
      );
      const watched = await watchBy('mastodon-stream', 'sse', `http://${feed.host}/api/v1/streaming/public`);
      await until('news of the second stream', () => watched.bodies().length === 2);
      same(
        'types',
        watched.events.map(({ type }) => type),
        ['update', 'delete'],
      );
      same('gaps', lost(watched), ['lost no-replay']);
    },
    async error() {
      const feed = await serve(onlyUpgrades, (socket) => {
        socket.send('{"error":"Unknown stream type","status":400}');
        socket.send(wrapped('update', status('1')));
      });
      const watched = await watchBy('mastodon-stream', 'websocket', `ws://${feed.host}/api/v1/streaming?stream=x`);
      await until('the event behind the error', () => watched.bodies().length === 1);
      same('bodies', watched.bodies(), [status('1')]);
      same('live', live(watched), true);
    },
    async resume() {
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          (socket) => {
            socket.send(wrapped('update', status('1')));
            setTimeout(() => socket.terminate(), 100);
          },
          (socket) => socket.send(wrapped('filters_changed')),
        ),
      );
      const watched = await watchBy('mastodon-stream', 'websocket', `ws://${feed.host}/api/v1/streaming?stream=public`);
      await until('news of the second connection', () => watched.bodies().length === 2);
      same(
        'types',
        watched.events.map(({ type }) => type),
        ['update', 'filters_changed'],
      );
      // It cannot be asked for what was missed: that is told.
      same('gaps', lost(watched), ['lost no-replay']);
    },
  },
};
