import {
  held,
  inTurnOn,
  live,
  livesWithoutNews,
  lost,
  onlyUpgrades,
  same,
  serve,
  type Trials,
  until,
  watchBy,
} from '../kit';

/** JSON over a WebSocket as countless back ends send it: no numbers, no resume, signs of life as messages (RFC 6455). */
export const genericJson: Trials = {
  recipe: 'generic-json',
  cases: {
    async heartbeat() {
      const feed = await serve(onlyUpgrades, (socket) => {
        socket.send('{"type":"heartbeat"}');
        socket.send('ping');
      });
      await livesWithoutNews(await watchBy('generic-json', 'websocket', `ws://${feed.host}/`));
    },
    async 'planned end'() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          (socket) => {
            socket.send('{"n":1}');
            cut.on(() => socket.close(1001, 'going away'));
          },
          (socket) => socket.send('{"n":2}\n{"n":3}'),
        ),
      );
      const watched = await watchBy('generic-json', 'websocket', `ws://${feed.host}/`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.bodies().length === 3);
      same('bodies', watched.bodies(), ['{"n":1}', '{"n":2}', '{"n":3}']);
      same('gaps', lost(watched), ['lost no-replay']);
    },
    async error() {
      const feed = await serve(onlyUpgrades, (socket) => {
        socket.send('{"n":1}');
        socket.send('{"n":');
        socket.send('{"loss":NaN,"n":2}');
      });
      const watched = await watchBy('generic-json', 'websocket', `ws://${feed.host}/`);
      await until('all that came', () => watched.bodies().length === 3);
      same(
        'types',
        watched.events.map(({ type }) => type),
        ['message', 'text', 'message'],
      );
      same('live', live(watched), true);
    },
    async resume() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          (socket) => {
            socket.send('{"n":1}');
            cut.on(() => socket.terminate());
          },
          (socket) => socket.send('{"n":1}'),
        ),
      );
      const watched = await watchBy('generic-json', 'websocket', `ws://${feed.host}/`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      // It cannot be asked for what was missed, and a change is no repeat.
      await until('news of the second connection', () => watched.bodies().length === 2);
      same('gaps', lost(watched), ['lost no-replay']);
    },
  },
};
