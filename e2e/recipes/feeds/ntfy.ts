import {
  held,
  inTurn,
  inTurnOn,
  live,
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

const type = 'application/x-ndjson; charset=utf-8';
const line = (event: string, id: string, more: object = {}) =>
  JSON.stringify({ id, time: 1_760_000_000, expires: 1_760_043_200, event, topic: 'alerts', ...more });
const open = line('open', 'SLiKI64DOt');
const message = (n: number) => line('message', `hwQ2YpKdm${n}`, { message: `disk ${n}`, priority: n });
const lines = (...texts: readonly string[]) => texts.map((text) => `${text}\n`);
const since = ({ url }: { readonly url?: string | undefined }) =>
  new URL(url ?? '/', 'http://h').searchParams.get('since');

/** https://docs.ntfy.sh/subscribe/api/: the three streams, `since=` and the kinds of messages. */
export const ntfy: Trials = {
  recipe: 'ntfy',
  cases: {
    async heartbeat() {
      const feed = await serve((_request, response) =>
        stream(response, type, ...lines(open, line('keepalive', 'QNkwMiQKD7'))),
      );
      const watched = await watchBy('ntfy', 'poll', `http://${feed.host}/alerts/json`);
      await until('live by a sign of life', () => live(watched) && (watched.view()?.lastHeartbeatAt ?? null) !== null);
      same('bodies', watched.bodies(), []);
    },
    async 'planned end'() {
      const cut = held();
      const feed = await serve(
        inTurn(
          (_request, response) => {
            // The id of a keepalive is no place: the server would not find it, and send all that it has.
            stream(response, type, ...lines(open, message(1), line('keepalive', 'QNkwMiQKD7')));
            cut.on(() => response.end());
          },
          (_request, response) => stream(response, type, ...lines(open, message(2))),
        ),
      );
      const watched = await watchBy('ntfy', 'poll', `http://${feed.host}/alerts/json`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      const { stream: name, type: kind, id, sentAt, measures } = watched.events[0] ?? {};
      same('the first', [name, kind, id, sentAt], ['alerts', 'message', 'hwQ2YpKdm1', 1_760_000_000_000]);
      same('measured', measures, [{ name: 'priority', labels: [], value: 1, unit: null }]);
      same('asked from', feed.asked.map(since), [null, 'hwQ2YpKdm1']);
      same('gaps', lost(watched), []);
    },
    async error() {
      const cut = held();
      const feed = await serve(onlyUpgrades, (socket) => {
        socket.send('{"code":42901,"http":429,"error":"limit reached: too many requests"}');
        cut.on(() => socket.send(message(1)));
      });
      const watched = await watchBy('ntfy', 'websocket', `ws://${feed.host}/alerts/ws`);
      await tellsOfError(watched, 'limit reached', cut.now);
      same('bodies', watched.bodies(), [message(1)]);
    },
    async resume() {
      const cut = held();
      const feed = await serve(
        onlyUpgrades,
        inTurnOn(
          (socket) => {
            for (const text of [open, message(1)]) socket.send(text);
            cut.on(() => socket.terminate());
          },
          (socket) => {
            // What was sent before may come again, and is the same message.
            for (const text of [open, message(1), message(2)]) socket.send(text);
          },
        ),
      );
      const watched = await watchBy('ntfy', 'websocket', `ws://${feed.host}/alerts/ws`);
      await until('what comes before', () => watched.events.length === 1);
      cut.now();
      await until('news of the second connection', () => watched.events.length === 2);
      same('bodies', watched.bodies(), [message(1), message(2)]);
      same('asked from', feed.asked.map(since), [null, 'hwQ2YpKdm1']);
      same('gaps', lost(watched), []);
    },
  },
};
