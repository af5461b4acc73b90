import type { Fixture, Peer } from '../../testing/peer';

/**
 * A Phoenix server with channels, `vsn` 2.0.0, written from https://hexdocs.pm/phoenix/writing_a_channels_client.html and
 * https://hexdocs.pm/phoenix/Phoenix.Channel.html: any topic may be joined, but those that begin with `secret:`; the event `ask` is answered, `wrong` is refused, others are not answered. The client
 * of `phoenix` must work against it.
 *
 * Hooks: `heard` (`join TOPIC`, `push TOPIC EVENT`, `heartbeat`), `broadcast`, `tell` (`phx_close`, `phx_error` to whoever has joined), `close`.
 */
export function createPhoenixFixture() {
  const peers = new Map<Peer, Map<string, string | null>>();
  const heard: string[] = [];
  const say = (
    peer: Peer,
    join: string | null,
    ref: string | null,
    topic: string,
    event: string,
    payload: unknown,
  ): void => peer.send(JSON.stringify([join, ref, topic, event, payload]));

  function answer(peer: Peer, joined: Map<string, string | null>, text: string): void {
    const [join, ref, topic, event] = JSON.parse(text) as [string | null, string, string, string, unknown];
    const reply = (status: string, response: unknown): void =>
      say(peer, join, ref, topic, 'phx_reply', { status, response });
    if (topic === 'phoenix' && event === 'heartbeat') {
      heard.push('heartbeat');
      reply('ok', {});
    } else if (event === 'phx_join') {
      heard.push(`join ${topic}`);
      if (topic.startsWith('secret:')) reply('error', { reason: 'unauthorized' });
      else {
        joined.set(topic, join);
        reply('ok', {});
      }
    } else if (joined.get(topic) === join && event !== 'phx_leave') {
      heard.push(`push ${topic} ${event}`);
      if (event === 'ask') reply('ok', { n: 1 });
      if (event === 'wrong') reply('error', { reason: 'not so' });
    } else if (event === 'phx_leave') {
      joined.delete(topic);
      reply('ok', {});
      say(peer, join, ref, topic, 'phx_close', {});
    }
  }

  const fixture: Fixture = {
    serve(peer) {
      const joined = new Map<string, string | null>();
      const url = new URL(peer.path, 'ws://h');
      if (!url.pathname.endsWith('/websocket') || url.searchParams.get('vsn') !== '2.0.0')
        return peer.close(1008, 'vsn');
      peers.set(peer, joined);
      peer.onClosed(() => peers.delete(peer));
      peer.onMessage((text) => answer(peer, joined, text));
    },
  };

  const each = (topic: string, tell: (peer: Peer, join: string | null) => void): void => {
    for (const [peer, joined] of peers) if (joined.has(topic)) tell(peer, joined.get(topic) ?? null);
  };

  return {
    ...fixture,
    heard,
    broadcast: (topic: string, event: string, payload: unknown) =>
      each(topic, (peer) => say(peer, null, null, topic, event, payload)),
    tell: (topic: string, event: 'phx_close' | 'phx_error') =>
      each(topic, (peer, join) => say(peer, join, join, topic, event, {})),
    close(code: number) {
      for (const peer of peers.keys()) peer.close(code, '');
    },
  };
}
