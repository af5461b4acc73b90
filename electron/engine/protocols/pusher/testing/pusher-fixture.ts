import type { Fixture, Peer } from '../../testing/peer';

/**
 * A server of Pusher protocol 7, written from
 * https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/ (connection, events, error codes):
 * public channels; those that begin with `private-` want a signature that nobody has. `pusher-js` must work against it.
 *
 * Hooks: `heard` (the events of the client, newest last), `publish`, `tell` (any event to everybody), `end` (an error and
 * the close that follows it), `presence` (members of a channel come and go).
 */
export function createPusherFixture({ activitySeconds = 120, greets = true, key = 'key' } = {}) {
  const peers = new Map<Peer, Set<string>>();
  const heard: string[] = [];
  const say = (peer: Peer, event: string, data: unknown, channel?: string): void =>
    peer.send(JSON.stringify({ event, ...(channel === undefined ? {} : { channel }), data }));

  function answer(peer: Peer, channels: Set<string>, text: string): void {
    const { event, data } = JSON.parse(text) as { readonly event: string; readonly data: Record<string, unknown> };
    const channel = String(data.channel);
    heard.push(event === 'pusher:subscribe' || event === 'pusher:unsubscribe' ? `${event} ${channel}` : event);
    if (event === 'pusher:ping') say(peer, 'pusher:pong', '{}');
    if (event === 'pusher:unsubscribe') channels.delete(channel);
    if (event !== 'pusher:subscribe') return;
    if (channel.startsWith('private-')) {
      say(
        peer,
        'pusher:subscription_error',
        { type: 'AuthError', error: 'The signature is missing.', status: 401 },
        channel,
      );
      return;
    }
    channels.add(channel);
    say(peer, 'pusher_internal:subscription_succeeded', '{}', channel);
  }

  const fixture: Fixture = {
    serve(peer) {
      const url = new URL(peer.path, 'ws://h');
      const channels = new Set<string>();
      peers.set(peer, channels);
      peer.onClosed(() => peers.delete(peer));
      peer.onMessage((text) => answer(peer, channels, text));
      const refuse = (code: number, message: string): void => {
        say(peer, 'pusher:error', { code, message });
        peer.close(code, message);
      };
      if (!greets) return;
      if (url.pathname !== `/app/${key}`) return refuse(4001, 'App key is not in this cluster');
      if (!url.searchParams.has('protocol')) return refuse(4008, 'No protocol version supplied');
      if (Number(url.searchParams.get('protocol')) < 5) return refuse(4007, 'Unsupported protocol version');
      const greeting = { socket_id: '7.1', activity_timeout: activitySeconds };
      say(peer, 'pusher:connection_established', JSON.stringify(greeting));
    },
  };

  return {
    ...fixture,
    heard,
    connections: () => peers.size,
    publish(channel: string, event: string, data: unknown) {
      for (const [peer, channels] of peers) if (channels.has(channel)) say(peer, event, JSON.stringify(data), channel);
    },
    tell(event: string, data: unknown, channel?: string) {
      for (const peer of peers.keys()) say(peer, event, data, channel);
    },
    end(code: number, message: string) {
      for (const peer of peers.keys()) {
        say(peer, 'pusher:error', { code, message });
        peer.close(code, message);
      }
    },
  };
}
