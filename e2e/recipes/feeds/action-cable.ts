import { adapters, createConsumer } from '@rails/actioncable';
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
  until,
  watchBy,
} from '../kit';

const identifier = '{"channel":"PricesChannel","room":"1"}';
const watchCable = (host: string) => watchBy('action-cable', 'websocket', `ws://${host}/cable`, { identifier });
const price = (n: number) => ({ identifier, message: { price: n } });

/** A Rails application: it greets, beats, and says these to whoever subscribed. */
function cable(
  messages: readonly unknown[],
  said: unknown[] = [],
  whenSubscribed: (socket: Socket) => void = () => {},
) {
  return (socket: Socket): void => {
    const tell = (message: unknown): void => socket.send(JSON.stringify(message));
    tell({ type: 'welcome' });
    tell({ type: 'ping', message: 1_760_000_000 });
    socket.on('message', (data) => {
      const command = JSON.parse(String(data));
      said.push(command);
      if (command.command !== 'subscribe') return;
      if (!command.identifier.includes('PricesChannel')) {
        tell({ identifier: command.identifier, type: 'reject_subscription' });
        return;
      }
      tell({ identifier: command.identifier, type: 'confirm_subscription' });
      for (const one of messages) tell(one);
      whenSubscribed(socket);
    });
  };
}

/** https://docs.anycable.io/misc/action_cable_protocol and https://guides.rubyonrails.org/action_cable_overview.html */
export const actionCable: Trials = {
  recipe: 'action-cable',
  cases: {
    async heartbeat() {
      const said: unknown[] = [];
      const feed = await serve(onlyUpgrades, cable([], said));
      const watched = await watchCable(feed.host);
      await until('live by a ping', () => live(watched) && (watched.view()?.lastHeartbeatAt ?? null) !== null);
      same('said', said, [{ command: 'subscribe', identifier }]);
      same(
        'subprotocols',
        feed.asked[0]?.headers['sec-websocket-protocol'],
        'actioncable-v1-json,actioncable-unsupported',
      );
      same('bodies', watched.bodies(), []);
    },
    async 'planned end'() {
      const cut = held();
      const restart = (socket: Socket) => () => {
        socket.send('{"type":"disconnect","reason":"server_restart","reconnect":true}');
        socket.close(1000);
      };
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          cable([price(1)], [], (socket) => cut.on(restart(socket))),
          cable([price(2)]),
        ),
      );
      const watched = await watchCable(feed.host);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      same('bodies', watched.bodies(), ['{"price":1}', '{"price":2}']);
      same('stream', watched.events[0]?.stream, identifier);
      same('gaps', lost(watched), ['lost no-replay']);
    },
    async error() {
      const feed = await serve(onlyUpgrades, (socket) => {
        socket.send('{"type":"disconnect","reason":"unauthorized","reconnect":false}');
        socket.close(1000);
      });
      const watched = await watchCable(feed.host);
      await until('a refused login is no reason to try again', () => watched.view()?.state.kind === 'stopped');
      const other = await serve(onlyUpgrades, cable([]));
      const refused = await watchBy('action-cable', 'websocket', `ws://${other.host}/cable`, {
        identifier: '{"channel":"NoChannel"}',
      });
      await until(
        'a refused subscription is no live feed',
        () => refused.states.includes('waiting') || refused.view()?.state.kind === 'stopped',
      );
      same(
        'live',
        refused.states.some((state) => state.startsWith('live current')),
        false,
      );
    },
    async resume() {
      const cut = held();
      const said: unknown[] = [];
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          cable([price(1)], said, (socket) => cut.on(() => socket.terminate())),
          cable([price(3)], said),
        ),
      );
      const watched = await watchCable(feed.host);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      // It subscribed again; the protocol has no way to ask for what was missed.
      same('said', said.length, 2);
      same('gaps', lost(watched), ['lost no-replay']);
    },
  },
  /** The client that comes with Rails. */
  async client() {
    const feed = await serve(onlyUpgrades, cable([price(1), price(2)]));
    adapters.WebSocket = WebSocket;
    // It wants to know whether its page is looked at.
    Object.assign(globalThis, {
      addEventListener() {},
      removeEventListener() {},
      document: { visibilityState: 'visible' },
    });
    const consumer = createConsumer(`ws://${feed.host}/cable`);
    const got: unknown[] = [];
    consumer.subscriptions.create(JSON.parse(identifier), { received: (message: unknown) => void got.push(message) });
    await until('both at the client', () => got.length === 2);
    consumer.disconnect();
    same('what it got', got, [{ price: 1 }, { price: 2 }]);
  },
};
