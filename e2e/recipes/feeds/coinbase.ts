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

const match = (id: number, type = 'match') => ({
  type,
  trade_id: id,
  maker_order_id: 'ac928c66-ca53-498f-9c13-a110027a60e8',
  taker_order_id: '132fb6ae-456b-4654-b4e0-d681ac05cea1',
  side: 'sell',
  size: '5.23512',
  price: `${60_000 + id}.23`,
  product_id: 'BTC-USD',
  sequence: 1000 + 10 * id,
  time: `2026-01-01T00:00:00.${String(id).padStart(6, '0')}Z`,
});
const ticker = (id: number) => ({
  type: 'ticker',
  sequence: 1000 + 10 * id,
  product_id: 'BTC-USD',
  price: `${60_000 + id}.23`,
  open_24h: '59000.00',
  volume_24h: '245532.79',
  best_bid: '60000.01',
  best_ask: '60000.02',
  side: 'buy',
  time: `2026-01-01T00:00:00.${String(id).padStart(6, '0')}Z`,
  trade_id: id,
  last_size: '0.1',
});
const heartbeat = {
  type: 'heartbeat',
  sequence: 90,
  last_trade_id: 20,
  product_id: 'BTC-USD',
  time: '2026-01-01T00:00:00.000000Z',
};

/** Answers a subscription, and says these behind it. */
function exchange(
  messages: readonly unknown[],
  said: string[] = [],
  whenSubscribed: (socket: Socket) => void = () => {},
) {
  return (socket: Socket): void => {
    const tell = (message: unknown): void => socket.send(JSON.stringify(message));
    socket.once('message', (data) => {
      said.push(String(data));
      const { type, product_ids, channels } = JSON.parse(String(data));
      if (type !== 'subscribe' || !product_ids.includes('BTC-USD')) {
        tell({ type: 'error', message: 'Failed to subscribe', reason: `${product_ids} is not a valid product` });
        return;
      }
      tell({
        type: 'subscriptions',
        channels: channels.map((name: string) => ({ name, product_ids, account_ids: null })),
      });
      for (const one of messages) tell(one);
      whenSubscribed(socket);
    });
  };
}

const numbers = ({ events }: Awaited<ReturnType<typeof watchBy>>) => events.map(({ position }) => position?.seq);

/** https://docs.cdp.coinbase.com/exchange/websocket-feed/overview and …/websocket-feed/channels */
function trialsOf(
  recipe: 'coinbase' | 'coinbase-ticker',
  news: (id: number) => object,
  numberOf: (id: number) => number,
  gap: string,
): Trials {
  const watchProducts = (host: string, products = '"BTC-USD"') =>
    watchBy(recipe, 'websocket', `ws://${host}/`, { products });
  return {
    recipe,
    cases: {
      async heartbeat() {
        const feed = await serve(onlyUpgrades, exchange([heartbeat]));
        const watched = await watchProducts(feed.host);
        await until(
          'live by a sign of life',
          () => live(watched) && (watched.view()?.lastHeartbeatAt ?? null) !== null,
        );
        same('bodies', watched.bodies(), []);
      },
      async 'planned end'() {
        const cut = held();
        const feed = await serve(
          onlyUpgrades,
          inTurnOn(
            exchange([news(1), heartbeat, news(2)], [], (socket) => cut.on(() => socket.close(1001))),
            exchange([news(2), news(3)]),
          ),
        );
        const watched = await watchProducts(feed.host);
        await until('what comes before', () => watched.events.length === 2);
        cut.now();
        await until('news of the second connection', () => watched.events.length === 3);
        same('numbers', numbers(watched), [1, 2, 3].map(numberOf));
        same('price', watched.events[0]?.measures?.[0], {
          name: 'price',
          labels: [['product', 'BTC-USD']],
          value: 60001.23,
          unit: null,
        });
      },
      async error() {
        const cut = held();
        const feed = await serve(
          onlyUpgrades,
          exchange([{ type: 'error', message: 'rate limit exceeded' }], [], (socket) =>
            cut.on(() => socket.send(JSON.stringify(news(1)))),
          ),
        );
        const watched = await watchProducts(feed.host);
        await tellsOfError(watched, 'rate limit exceeded', cut.now);
        const refused = await watchProducts(feed.host, '"NO-PAIR"');
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
            exchange([news(1), news(2)], said, (socket) => cut.on(() => socket.terminate())),
            exchange([news(7), news(8)], said),
          ),
        );
        const watched = await watchProducts(feed.host);
        await until('what comes before', () => watched.events.length === 2);
        cut.now();
        await until('news of the second connection', () => watched.events.length === 4);
        same('said', said.length, 2);
        same('numbers', numbers(watched), [1, 2, 7, 8].map(numberOf));
        // It cannot be asked for what was missed.
        same('gaps', lost(watched), [gap]);
      },
    },
  };
}

/** Trades are numbered without holes, so that what is missing has both its ends; the newest one comes first as `last_match`. */
export const coinbase = trialsOf(
  'coinbase',
  (id) => match(id, id === 7 ? 'last_match' : 'match'),
  (id) => id,
  'lost no-replay to 6',
);

/** The numbers of tickers have holes: nobody knows what is missing. */
export const coinbaseTicker = trialsOf('coinbase-ticker', ticker, (id) => 1000 + 10 * id, 'lost no-replay');
