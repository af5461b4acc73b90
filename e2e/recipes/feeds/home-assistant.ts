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

const changed = (entity: string, state: string, n: number) => ({
  id: 2,
  type: 'event',
  event: {
    event_type: 'state_changed',
    time_fired: `2026-01-01T00:00:0${n}.265429+00:00`,
    origin: 'LOCAL',
    data: { entity_id: entity, new_state: { entity_id: entity, state, attributes: {} } },
  },
});

type Said = { readonly id?: number; readonly type: string; readonly access_token?: string };

/** A server that asks for a login, and has these to say to whoever subscribed. */
function home(messages: readonly unknown[], said: Said[] = [], whenSubscribed: (socket: Socket) => void = () => {}) {
  return (socket: Socket): void => {
    const tell = (message: unknown): void => socket.send(JSON.stringify(message));
    tell({ type: 'auth_required', ha_version: '2026.1.0' });
    socket.on('message', (data) => {
      const message: Said = JSON.parse(String(data));
      said.push(message);
      if (message.type === 'auth' && message.access_token === 'secret-home')
        tell({ type: 'auth_ok', ha_version: '2026.1.0' });
      else if (message.type === 'auth') {
        tell({ type: 'auth_invalid', message: 'Invalid access token or password' });
        socket.close();
      } else if (message.type === 'ping') tell({ id: message.id, type: 'pong' });
      else {
        tell({ id: message.id, type: 'result', success: true, result: null });
        for (const one of messages) tell(one);
        whenSubscribed(socket);
      }
    });
  };
}

const watchHome = (host: string, secret = 'home') =>
  watchBy('home-assistant', 'websocket', `ws://${host}/api/websocket`, { token: `*secret.${secret}*` });

/** https://developers.home-assistant.io/docs/api/websocket */
export const homeAssistant: Trials = {
  recipe: 'home-assistant',
  cases: {
    async heartbeat() {
      // As the answer to a ping of ours comes: a pong of the protocol's own, no news.
      const feed = await serve(onlyUpgrades, home([{ id: 3, type: 'pong' }]));
      const watched = await watchHome(feed.host);
      await until('live by a pong', () => live(watched) && (watched.view()?.lastHeartbeatAt ?? null) !== null);
      same('bodies', watched.bodies(), []);
    },
    async 'planned end'() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          home([changed('sensor.temp', '21.5', 1)], [], (socket) => cut.on(() => socket.close(1000))),
          home([changed('sensor.co2', '640', 2)]),
        ),
      );
      const watched = await watchHome(feed.host);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      same(
        'measured',
        watched.events.map(({ measures }) => measures),
        [
          [{ name: 'state', labels: [['entity', 'sensor.temp']], value: 21.5, unit: null }],
          [{ name: 'state', labels: [['entity', 'sensor.co2']], value: 640, unit: null }],
        ],
      );
      same('sent at', watched.events[0]?.sentAt, Date.UTC(2026, 0, 1, 0, 0, 1, 265));
      same('gaps', lost(watched), ['lost no-replay']);
    },
    async error() {
      const said: Said[] = [];
      const feed = await serve(onlyUpgrades, home([], said));
      const watched = await watchHome(feed.host, 'wrong');
      await until('a refused login is no reason to try again', () => watched.view()?.state.kind === 'stopped');
      same(
        'said',
        said.map(({ type }) => type),
        ['auth'],
      );
      same('bodies', watched.bodies(), []);
    },
    async resume() {
      const cut = held();
      const said: Said[] = [];
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          home([changed('light.hall', 'on', 1)], said, (socket) => cut.on(() => socket.terminate())),
          home([changed('light.hall', 'on', 3)], said),
        ),
      );
      const watched = await watchHome(feed.host);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      same(
        'said',
        said.map(({ type }) => type),
        ['auth', 'subscribe_events', 'auth', 'subscribe_events'],
      );
      same('gaps', lost(watched), ['lost no-replay']);
    },
  },
};
