import {
  held,
  inTurnOn,
  livesWithoutNews,
  lost,
  onlyUpgrades,
  type Socket,
  same,
  serve,
  type Trials,
  tellsOfError,
  until,
  watchBy,
} from '../kit';

const trade = (symbol: string, id: number) => ({
  stream: `${symbol.toLowerCase()}@trade`,
  data: {
    e: 'trade',
    E: 1_760_000_000_000 + id,
    s: symbol,
    t: id,
    p: '60000.10',
    q: '0.25000000',
    T: 1,
    m: true,
    M: true,
  },
});

/** Answers a subscribe message, and says these behind it. */
function subscribed(socket: Socket, ...messages: readonly unknown[]): void {
  socket.once('message', (data) => {
    const { method, params, id } = JSON.parse(String(data));
    const known = method === 'SUBSCRIBE' && params.length > 0;
    socket.send(JSON.stringify(known ? { result: null, id } : { error: { code: 2, msg: 'Invalid request' }, id }));
    for (const message of messages) socket.send(JSON.stringify(message));
  });
}

const watchStreams = (host: string) =>
  watchBy('binance-combined', 'websocket', `ws://${host}/stream`, { streams: '"btcusdt@trade","ethusdt@trade"' });

/** https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams: combined streams, subscribing, serverShutdown. */
export const binanceCombined: Trials = {
  recipe: 'binance-combined',
  cases: {
    async heartbeat() {
      const feed = await serve(onlyUpgrades, (socket) => {
        subscribed(socket);
        socket.ping('1760000000000');
      });
      await livesWithoutNews(await watchStreams(feed.host));
    },
    async 'planned end'() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          (socket) => {
            subscribed(socket, trade('BTCUSDT', 1), {
              stream: '',
              data: { e: 'serverShutdown', E: 1_760_000_000_000 },
            });
            cut.on(() => socket.close(1001));
          },
          (socket) => subscribed(socket, trade('ETHUSDT', 9)),
        ),
      );
      const watched = await watchStreams(feed.host);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      const { stream, type, sentAt, measures } = watched.events[0] ?? {};
      same('the first', [stream, type, sentAt], ['btcusdt@trade', 'trade', 1_760_000_000_001]);
      same('measured', measures, [
        { name: 'price', labels: [['symbol', 'BTCUSDT']], value: 60000.1, unit: null },
        { name: 'quantity', labels: [['symbol', 'BTCUSDT']], value: 0.25, unit: null },
      ]);
      same('gaps', lost(watched), ['lost no-replay']);
    },
    async error() {
      const cut = held();
      const feed = await serve(onlyUpgrades, (socket) => {
        subscribed(socket, { error: { code: 3, msg: 'Too many messages' }, id: 7 });
        cut.on(() => socket.send(JSON.stringify(trade('BTCUSDT', 1))));
      });
      const watched = await watchStreams(feed.host);
      await tellsOfError(watched, 'Too many messages', cut.now);
      same(
        'types',
        watched.events.map(({ type }) => type),
        ['trade'],
      );
    },
    async resume() {
      const cut = held();
      const asked: string[] = [];
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          (socket) => {
            socket.once('message', (data) => asked.push(String(data)));
            subscribed(socket, trade('BTCUSDT', 1));
            cut.on(() => socket.terminate());
          },
          (socket) => {
            socket.once('message', (data) => asked.push(String(data)));
            subscribed(socket, trade('BTCUSDT', 5));
          },
        ),
      );
      const watched = await watchStreams(feed.host);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      // It subscribed again, and what was missed is told.
      const subscribe = '{"method":"SUBSCRIBE","params":["btcusdt@trade","ethusdt@trade"],"id":1}';
      same('said', asked, [subscribe, subscribe]);
      same('gaps', lost(watched), ['lost no-replay']);
    },
  },
};
