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

const head = (n: number) => ({
  number: `0x${n.toString(16)}`,
  hash: `0x${String(n).padStart(64, '0')}`,
  parentHash: `0x${String(n - 1).padStart(64, '0')}`,
  gasUsed: '0x9f759',
  timestamp: '0x68e77800',
});
const told = (n: number, subscription = '0xcd0c3e8af590364c09d0fa6a1210faf5') =>
  JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params: { subscription, result: head(n) } });

/** Takes a subscription, and says these behind it. */
function node(messages: readonly string[], said: string[] = [], whenSubscribed: (socket: Socket) => void = () => {}) {
  return (socket: Socket): void => {
    socket.once('message', (data) => {
      said.push(String(data));
      const { id, method, params } = JSON.parse(String(data));
      const known = method === 'eth_subscribe' && params[0] === 'newHeads';
      const answer = known
        ? { result: '0xcd0c3e8af590364c09d0fa6a1210faf5' }
        : { error: { code: -32_601, message: 'no "nothing" subscription in eth namespace' } };
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
      if (!known) return;
      for (const message of messages) socket.send(message);
      whenSubscribed(socket);
    });
  };
}

const watchHeads = (host: string, params = '"newHeads"') =>
  watchBy('json-rpc-subscription', 'websocket', `ws://${host}/`, { params });

/** https://geth.ethereum.org/docs/interacting-with-geth/rpc/pubsub and https://www.jsonrpc.org/specification */
export const jsonRpcSubscription: Trials = {
  recipe: 'json-rpc-subscription',
  cases: {
    async heartbeat() {
      // JSON-RPC has none: the WebSocket's own is what there is.
      const feed = await serve(
        onlyUpgrades,
        node([], [], (socket) => socket.ping()),
      );
      await livesWithoutNews(await watchHeads(feed.host));
    },
    async 'planned end'() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          node([told(1)], [], (socket) => cut.on(() => socket.close(1001))),
          // A subscription has another name on each connection, and is the same stream.
          node([told(2, '0x9ce59a13059e417087c02d3236a0b1cc')]),
        ),
      );
      const watched = await watchHeads(feed.host);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      same(
        'streams',
        watched.events.map(({ stream, type }) => `${stream} ${type}`),
        ['main eth_subscription', 'main eth_subscription'],
      );
      same(
        'bodies',
        watched.bodies(),
        [head(1), head(2)].map((one) => JSON.stringify(one)),
      );
      same('gaps', lost(watched), ['lost no-replay']);
    },
    async error() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        node(['{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Invalid Request"}}'], [], (socket) =>
          cut.on(() => socket.send(told(1))),
        ),
      );
      const watched = await watchHeads(feed.host);
      await tellsOfError(watched, 'Invalid Request', cut.now);
      const refused = await watchHeads(feed.host, '"nothing"');
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
          node([told(1)], said, (socket) => cut.on(() => socket.terminate())),
          node([told(4)], said),
        ),
      );
      const watched = await watchHeads(feed.host);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      const subscribe = '{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}';
      same('said', said, [subscribe, subscribe]);
      same('gaps', lost(watched), ['lost no-replay']);
    },
  },
};
