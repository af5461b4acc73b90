import { Centrifuge } from 'centrifuge';
import WebSocket from 'ws';
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

const token = 'secret-token';
const watchChannel = (host: string, channel = 'prices') =>
  watchBy('centrifugo', 'websocket', `ws://${host}/connection/websocket`, { token, channel });
const price = (n: number) => ({
  push: { channel: 'prices', pub: { data: { price: n }, offset: n, tags: { from: 'test' } } },
});

interface Command {
  readonly id?: number;
  readonly connect?: { readonly token?: string };
  readonly subscribe?: { readonly channel: string };
}

/** Answers what is asked, several a frame where several came, and says these in one frame to who subscribed. */
function server(
  messages: readonly unknown[],
  said: Command[] = [],
  whenSubscribed: (socket: Socket) => void = () => {},
) {
  return (socket: Socket): void => {
    const tell = (...replies: readonly unknown[]): void =>
      socket.send(replies.map((reply) => JSON.stringify(reply)).join('\n'));
    const answered = (command: Command): unknown => {
      const { id, connect, subscribe } = command;
      if (connect !== undefined) {
        if (connect.token !== token) return { id, error: { code: 109, message: 'token expired' } };
        return { id, connect: { client: '4c1f', version: '6.0.0', ping: 25, pong: true } };
      }
      if (subscribe === undefined) return null;
      if (subscribe.channel !== 'prices') return { id, error: { code: 103, message: 'permission denied' } };
      return { id, subscribe: { recoverable: true, epoch: 'xyzA', offset: 4, positioned: true } };
    };
    socket.on('message', (data) => {
      const commands = String(data)
        .split('\n')
        .map((line) => JSON.parse(line) as Command);
      said.push(...commands);
      const replies = commands.map(answered).filter((reply) => reply !== null);
      if (replies.length > 0) tell(...replies);
      if (!commands.some(({ subscribe }) => subscribe?.channel === 'prices')) return;
      // A ping of the server's.
      tell({});
      if (messages.length > 0) tell(...messages);
      whenSubscribed(socket);
    });
  };
}

/**
 * https://centrifugal.dev/docs/transports/client_protocol (commands, replies, pushes, lines of JSON, pings) and
 * https://centrifugal.dev/docs/server/codes (errors, disconnects).
 */
export const centrifugo: Trials = {
  recipe: 'centrifugo',
  cases: {
    async heartbeat() {
      const said: Command[] = [];
      const feed = await serve(onlyUpgrades, server([], said));
      const watched = await watchChannel(feed.host);
      await until('live by a ping', () => live(watched) && (watched.view()?.lastHeartbeatAt ?? null) !== null);
      // The ping was answered, or the server would end the connection.
      await until('a pong', () => said.some((command) => Object.keys(command).length === 0));
      same('said', said, [
        { id: 1, connect: { token, name: 'wirewatch' } },
        { id: 2, subscribe: { channel: 'prices' } },
        {},
      ]);
      same('bodies', watched.bodies(), []);
    },
    async 'planned end'() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          server([price(5), price(6)], [], (socket) => cut.on(() => socket.close(3001, 'shutdown'))),
          server([price(9)]),
        ),
      );
      const watched = await watchChannel(feed.host);
      await until('what comes before', () => watched.events.length === 2);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 3);
      same('bodies', watched.bodies(), ['{"price":5}', '{"price":6}', '{"price":9}']);
      same('stream', watched.events[0]?.stream, 'prices');
    },
    async error() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        server(
          [{ push: { channel: 'prices', unsubscribe: { code: 2500, reason: 'insufficient state' } } }],
          [],
          (socket) => cut.on(() => socket.send(JSON.stringify(price(1)))),
        ),
      );
      await tellsOfError(await watchChannel(feed.host), 'insufficient state', cut.now);
      const refused = await watchChannel(feed.host, 'other');
      await until(
        'a refused subscription is no live feed',
        () => refused.view()?.state.kind === 'waiting' || refused.view()?.state.kind === 'stopped',
      );
      const url = `ws://${feed.host}/connection/websocket`;
      const expired = await watchBy('centrifugo', 'websocket', url, { token: 'old', channel: 'prices' });
      await until('a refused login stops it', () => expired.view()?.state.kind === 'stopped');
      same('bodies', [...refused.bodies(), ...expired.bodies()], []);
    },
    async resume() {
      const cut = held();
      const said: Command[] = [];
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          server([price(5)], said, (socket) => cut.on(() => socket.terminate())),
          server([price(9)], said),
        ),
      );
      const watched = await watchChannel(feed.host);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      // It subscribed again, and what was missed is told: no history is asked for.
      same('subscribed', said.filter(({ subscribe }) => subscribe).length, 2);
      same('gaps', lost(watched), ['lost no-replay']);
    },
  },
  /** The official client for JavaScript. */
  async client() {
    const said: Command[] = [];
    const feed = await serve(onlyUpgrades, server([price(5), price(6)], said));
    const client = new Centrifuge(`ws://${feed.host}/connection/websocket`, { token, websocket: WebSocket });
    const got: unknown[] = [];
    const subscription = client.newSubscription('prices');
    subscription.on('publication', ({ data, offset }) => void got.push([data, offset]));
    subscription.subscribe();
    client.connect();
    await until('both at the client', () => got.length === 2);
    await until('a pong of the client', () => said.some((command) => Object.keys(command).length === 0));
    client.disconnect();
    same('what it got', got, [
      [{ price: 5 }, 5],
      [{ price: 6 }, 6],
    ]);
  },
};
