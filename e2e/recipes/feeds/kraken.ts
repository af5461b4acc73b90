import {
  held,
  inTurnOn,
  live,
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

const trade = (id: number) => ({
  symbol: 'BTC/USD',
  side: 'buy',
  price: 60_000 + id,
  qty: 0.5,
  ord_type: 'market',
  trade_id: id,
  timestamp: `2026-01-01T00:00:00.${String(id).padStart(6, '0')}Z`,
});
const trades = (type: 'snapshot' | 'update', ...ids: readonly number[]) => ({
  channel: 'trade',
  type,
  data: ids.map(trade),
});
const status = {
  channel: 'status',
  type: 'update',
  data: [
    { api_version: 'v2', connection_id: 13_834_774_380_200_032_777n.toString(), system: 'online', version: '2.0.10' },
  ],
};

/** Says its status, answers a subscription, and says these behind it. */
function market(
  messages: readonly unknown[],
  said: string[] = [],
  whenSubscribed: (socket: Socket) => void = () => {},
) {
  return (socket: Socket): void => {
    const tell = (message: unknown): void => socket.send(JSON.stringify(message));
    tell(status);
    socket.on('message', (data) => {
      said.push(String(data));
      const { method, params, req_id } = JSON.parse(String(data));
      const known = method === 'subscribe' && params.symbol.includes('BTC/USD');
      const result = { channel: params.channel, snapshot: true, symbol: 'BTC/USD' };
      tell(
        known
          ? { method, req_id, result, success: true, time_in: '2026-01-01T00:00:00Z', time_out: '2026-01-01T00:00:00Z' }
          : { error: 'Currency pair not supported', method, req_id, success: false },
      );
      if (!known) return;
      for (const one of messages) tell(one);
      whenSubscribed(socket);
    });
  };
}

const watchTrades = (host: string, symbols = '"BTC/USD"') =>
  watchBy('kraken', 'websocket', `ws://${host}/v2`, { symbols });

/** https://docs.kraken.com/api/docs/websocket-v2/trade, …/heartbeat, …/status and https://docs.kraken.com/exchange/guides/websockets/reconnection */
export const kraken: Trials = {
  recipe: 'kraken',
  cases: {
    async heartbeat() {
      const feed = await serve(onlyUpgrades, market([{ channel: 'heartbeat' }]));
      const watched = await watchTrades(feed.host);
      await until('live by a sign of life', () => live(watched) && (watched.view()?.lastHeartbeatAt ?? null) !== null);
      same('bodies', watched.bodies(), []);
    },
    async 'planned end'() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          market([trades('snapshot', 3, 4), trades('update', 5)], [], (socket) => cut.on(() => socket.close(1001))),
          // The newest ones come again, and fill what was missed.
          market([trades('snapshot', 5, 6, 7), trades('update', 8)]),
        ),
      );
      const watched = await watchTrades(feed.host);
      await until('what comes before', () => watched.events.length === 3);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 6);
      same(
        'numbers',
        watched.events.map(({ position }) => position?.seq),
        [3, 4, 5, 6, 7, 8],
      );
      const { stream, type, measures } = watched.events[0] ?? {};
      same('the first', [stream, type], ['BTC/USD', 'trade']);
      same(
        'measured',
        measures?.map(({ name, value }) => `${name} ${value}`),
        ['price 60003', 'quantity 0.5'],
      );
      same('gaps', lost(watched), []);
    },
    async error() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        market([{ error: 'Exceeded msg rate', success: false }], [], (socket) =>
          cut.on(() => socket.send(JSON.stringify(trades('update', 1)))),
        ),
      );
      const watched = await watchTrades(feed.host);
      await tellsOfError(watched, 'Exceeded msg rate', cut.now);
      const refused = await watchTrades(feed.host, '"NO/PAIR"');
      await until(
        'a refused subscription is no live feed',
        () => refused.view()?.state.kind === 'waiting' || refused.view()?.state.kind === 'stopped',
      );
      same('bodies', refused.bodies(), []);
    },
    async resume() {
      const cut = held();
      const said: string[] = [];
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          market([trades('snapshot', 3), trades('update', 4)], said, (socket) => cut.on(() => socket.terminate())),
          market([trades('snapshot', 60, 61), trades('update', 62)], said),
        ),
      );
      const watched = await watchTrades(feed.host);
      await until('what comes before', () => watched.events.length === 2);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 5);
      const subscribe =
        '{"method":"subscribe","params":{"channel":"trade","symbol":["BTC/USD"],"snapshot":true},"req_id":1}';
      same('said', said, [subscribe, subscribe]);
      // More was missed than comes again: a gap with both its ends.
      same('gaps', lost(watched), ['lost no-replay to 59']);
    },
  },
};
