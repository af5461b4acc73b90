import {
  held,
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
  tellsOfError,
  until,
  watchBy,
} from '../kit';

const status = (id: string) => JSON.stringify({ id, created_at: '2026-01-01T00:00:00.000Z', content: `<p>${id}</p>` });
/** More digits than a float holds. */
const postId = '113502879431620841';
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
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            stream(response, 'text/event-stream', `event: update\ndata: ${status('1')}\n\n`);
            cut.on(() => response.end());
          },
          (_request, response) => stream(response, 'text/event-stream', `event: delete\ndata: ${postId}\n\n`),
        ),
      );
      const watched = await watchBy('mastodon-stream', 'sse', `http://${feed.host}/api/v1/streaming/public`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second stream', () => watched.bodies().length === 2);
      same(
        'types',
        watched.events.map(({ type }) => type),
        ['update', 'delete'],
      );
      same('the deleted one', watched.bodies()[1], postId);
      same('gaps', lost(watched), ['lost no-replay']);
    },
    async error() {
      const cut = held();
      const feed = await serve(onlyUpgrades, (socket) => {
        socket.send('{"error":"Unknown stream type","status":400}');
        cut.on(() => socket.send(wrapped('update', status('1'))));
      });
      const watched = await watchBy('mastodon-stream', 'websocket', `ws://${feed.host}/api/v1/streaming?stream=x`);
      await tellsOfError(watched, 'Unknown stream type', cut.now);
      same('bodies', watched.bodies(), [status('1')]);
      same('live', live(watched), true);
    },
    async resume() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          (socket) => {
            socket.send(wrapped('update', status('1')));
            cut.on(() => socket.terminate());
          },
          (socket) => {
            socket.send(wrapped('filters_changed'));
            socket.send(wrapped('delete', postId));
          },
        ),
      );
      const watched = await watchBy('mastodon-stream', 'websocket', `ws://${feed.host}/api/v1/streaming?stream=public`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.bodies().length === 3);
      same(
        'types',
        watched.events.map(({ type }) => type),
        ['update', 'filters_changed', 'delete'],
      );
      same('the deleted one', watched.bodies()[2], postId);
      // It cannot be asked for what was missed: that is told.
      same('gaps', lost(watched), ['lost no-replay']);
    },
  },
};
