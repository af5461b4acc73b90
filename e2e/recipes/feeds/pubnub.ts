import type { IncomingMessage, ServerResponse } from 'node:http';
import PubNub from 'pubnub';
import { answer, held, inTurn, live, lost, same, serve, type Trials, tellsOfError, until, watchBy } from '../kit';

const path = '/v2/subscribe/demo/prices/0?tt=0&uuid=wirewatch';
/** Timetokens count tenths of a microsecond: no float holds one. */
const token = (n: number) => `1760000000000000${n}`;
const message = (n: number) => ({
  a: '1',
  f: 0,
  i: 'publisher',
  s: n,
  p: { t: token(n), r: 12 },
  k: 'demo',
  c: 'prices',
  d: { price: n },
  b: 'prices',
});
const messages = (...numbers: readonly number[]) => ({
  t: { t: token(numbers.at(-1) ?? 0), r: 12 },
  m: numbers.map(message),
});

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Says where it stands to whoever asks for the first time, then these; further requests are held. */
function queue(...answers: readonly Handle[]): Handle {
  const hold: Handle = () => {};
  return inTurn((_request, response) => answer(response, messages()), ...answers, hold);
}

const tokenOf = ({ url }: { readonly url?: string | undefined }) =>
  new URL(url ?? '/', 'http://h').searchParams.get('tt');

/** https://www.pubnub.com/docs/sdks/rest-api/subscribe-v-2 */
export const pubnub: Trials = {
  recipe: 'pubnub',
  cases: {
    async heartbeat() {
      // A held request that brought nothing is answered with the same token, and asked again.
      const feed = await serve(queue((_request, response) => answer(response, messages())));
      const watched = await watchBy('pubnub', 'long-poll', `http://${feed.host}${path}`);
      await until('asked again from the same place', () => feed.asked.length > 2 && live(watched));
      same('asked from', feed.asked.slice(0, 3).map(tokenOf), ['0', token(0), token(0)]);
      same('bodies', watched.bodies(), []);
    },
    async 'planned end'() {
      const feed = await serve(
        queue(
          (_request, response) => answer(response, messages(1, 2)),
          (_request, response) => answer(response, messages(3)),
        ),
      );
      const watched = await watchBy('pubnub', 'long-poll', `http://${feed.host}${path}`);
      await until('both answers', () => watched.events.length === 3 && feed.asked.length === 4);
      same('asked from', feed.asked.map(tokenOf), ['0', token(0), token(2), token(3)]);
      const { stream, id, sentAt } = watched.events[0] ?? {};
      same('the first', [stream, id, sentAt], ['prices', token(1), 1_760_000_000_000]);
      same('bodies', watched.bodies(), ['{"price":1}', '{"price":2}', '{"price":3}']);
      same('gaps', lost(watched), []);
    },
    async error() {
      const cut = held();
      const feed = await serve(
        queue(
          (_request, response) => answer(response, { status: 400, error: true, message: 'Invalid Timetoken' }),
          (_request, response) => cut.on(() => answer(response, messages(1))),
        ),
      );
      const watched = await watchBy('pubnub', 'long-poll', `http://${feed.host}${path}`);
      const goOn = () => void until('the next request', () => feed.asked.length > 2).then(cut.now);
      await tellsOfError(watched, 'Invalid Timetoken', goOn);
      same('bodies', watched.bodies(), ['{"price":1}']);
    },
    async resume() {
      const feed = await serve(
        queue(
          (_request, response) => answer(response, messages(1)),
          (_request, response) => void response.destroy(),
          (_request, response) => answer(response, messages(2, 3)),
        ),
      );
      const watched = await watchBy('pubnub', 'long-poll', `http://${feed.host}${path}`);
      await until('all three', () => watched.events.length === 3);
      same('bodies', watched.bodies(), ['{"price":1}', '{"price":2}', '{"price":3}']);
      same('asked from', feed.asked.slice(0, 4).map(tokenOf), ['0', token(0), token(1), token(1)]);
      same('gaps', lost(watched), []);
    },
  },
  /** PubNub's own client. */
  async client() {
    const feed = await serve((request, response) => {
      if (!request.url?.startsWith('/v2/subscribe/')) return answer(response, { status: 200, message: 'OK' });
      const from = tokenOf(request);
      // It leaves the token out at first.
      if (from === null) answer(response, messages());
      else if (from === token(0)) answer(response, messages(1, 2));
    });
    const client = new PubNub({ subscribeKey: 'demo', userId: 'judge', origin: feed.host, ssl: false });
    const got: string[] = [];
    client.addListener({ message: ({ timetoken, message: body }) => void got.push(`${timetoken} ${body.price}`) });
    client.subscribe({ channels: ['prices'] });
    await until('both at the client', () => got.length === 2);
    client.stop();
    same('what it got', got, [`${token(1)} 1`, `${token(2)} 2`]);
  },
};
