import type { Fixture, Peer } from '../../testing/peer';

/**
 * A server of GraphQL over WebSocket, in the form of today, written from
 * https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md; with `older` in the form of
 * https://github.com/apollographql/subscriptions-transport-ws/blob/master/PROTOCOL.md. It parses no GraphQL: a query with
 * `unknown` in it is refused. The client of `graphql-ws` must work against it.
 *
 * Hooks: `heard` (types of what the client said), `publish` (a result to every subscription), `tell` (any message to
 * everybody), `complete` (every subscription), `close`. `wants`: the token that the greeting must carry. `takesFirst`, with
 * `older`: it takes the first subprotocol that is offered, and closes where that was not the older one.
 */
export function createGraphqlFixture({
  older = false,
  takesFirst = false,
  wants = null,
}: {
  older?: boolean;
  takesFirst?: boolean;
  wants?: string | null;
} = {}) {
  const peers = new Map<Peer, Set<string>>();
  const heard: string[] = [];
  const say = (peer: Peer, message: object): void => peer.send(JSON.stringify(message));

  function answer(peer: Peer, subscribed: Set<string>, text: string): void {
    const {
      type,
      id = '',
      payload,
    } = JSON.parse(text) as {
      readonly type: string;
      readonly id?: string;
      readonly payload?: { readonly query?: string; readonly token?: string };
    };
    heard.push(type);
    if (type === 'connection_init') {
      if (wants !== null && payload?.token !== wants) {
        if (older) say(peer, { type: 'connection_error', payload: { message: 'Wrong token' } });
        else peer.close(4403, 'Forbidden');
        return;
      }
      say(peer, { type: 'connection_ack' });
      if (older) say(peer, { type: 'ka' });
      return;
    }
    if (type === 'ping') say(peer, { type: 'pong' });
    if (type === 'complete' || type === 'stop') subscribed.delete(id);
    if (type !== (older ? 'start' : 'subscribe')) return;
    if (payload?.query?.includes('unknown')) {
      const error = { message: 'Cannot query field "unknown" on type "Subscription".' };
      say(peer, { type: 'error', id, payload: older ? error : [error] });
    } else subscribed.add(id);
  }

  const each = (tell: (peer: Peer, id: string) => void): void => {
    for (const [peer, subscribed] of peers) for (const id of subscribed) tell(peer, id);
  };
  const fixture: Fixture = {
    subprotocols: [...(older ? ['graphql-ws'] : []), ...(older && !takesFirst ? [] : ['graphql-transport-ws'])],
    serve(peer) {
      if (takesFirst && peer.subprotocol !== 'graphql-ws') {
        peer.close(1002, '');
        return;
      }
      const subscribed = new Set<string>();
      peers.set(peer, subscribed);
      peer.onClosed(() => peers.delete(peer));
      peer.onMessage((text) => answer(peer, subscribed, text));
    },
  };

  return {
    ...fixture,
    heard,
    publish: (data: unknown, errors?: unknown) =>
      each((peer, id) => say(peer, { type: older ? 'data' : 'next', id, payload: { data, errors } })),
    complete: () => each((peer, id) => say(peer, { type: 'complete', id })),
    tell(message: object) {
      for (const peer of peers.keys()) say(peer, message);
    },
    close(code: number, reason: string) {
      for (const peer of peers.keys()) peer.close(code, reason);
    },
  };
}
