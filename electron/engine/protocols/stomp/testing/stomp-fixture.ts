import type { Fixture, Peer } from '../../testing/peer';

/**
 * A STOMP 1.2 broker over WebSocket, written from https://stomp.github.io/stomp-specification-1.2.html: whoever logs in as
 * `ada` with `right`, or not at all, is let in; `/secret/…` is refused. The client of `@stomp/stompjs` must work against it.
 */
export function createStompFixture() {
  const peers = new Map<Peer, Map<string, string>>();
  const heard: string[] = [];
  /** Bodies of what was sent. */
  const taken: string[] = [];
  /** `mute`: it gives no receipt for what is sent. */
  const hooks = { mute: false };
  const say = (peer: Peer, command: string, headers: readonly string[], body = ''): void =>
    peer.send(`${[command, ...headers].join('\n')}\n\n${body}\u0000`);

  function receive(peer: Peer, receipt: string | undefined): void {
    if (receipt !== undefined) say(peer, 'RECEIPT', [`receipt-id:${receipt}`]);
  }

  function answer(peer: Peer, subscribed: Map<string, string>, text: string): void {
    if (/^\r?\n$/.test(text)) return void heard.push('beat');
    const [head = ''] = text.split('\n\n', 1);
    const [command = '', ...lines] = head.split('\n');
    const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
    const destination = (headers.get('destination') ?? '').replaceAll('\\c', ':');
    heard.push(`${command} ${destination}`.trim());
    if (command === 'CONNECT' || command === 'STOMP') {
      const [login, passcode] = [headers.get('login') ?? '', headers.get('passcode') ?? ''];
      if (login !== '' && !(login === 'ada' && passcode === 'right')) {
        say(peer, 'ERROR', ['message:Bad CONNECT', 'content-type:text/plain'], 'Access refused for user');
        peer.close(1002, 'Access refused');
        return;
      }
      say(peer, 'CONNECTED', ['version:1.2', 'heart-beat:5000,10000', 'server:fixture/1']);
    } else if (command === 'SUBSCRIBE') {
      if (destination.startsWith('/secret/')) {
        say(peer, 'ERROR', ['message:not allowed'], `read ${destination}`);
        peer.close(1002, '');
        return;
      }
      subscribed.set(destination, headers.get('id') ?? '');
      receive(peer, headers.get('receipt'));
    } else if (command === 'SEND') {
      if (destination.startsWith('/secret/')) {
        say(peer, 'ERROR', ['message:not allowed', `receipt-id:${headers.get('receipt')}`], `write ${destination}`);
        peer.close(1002, '');
        return;
      }
      taken.push(text.slice(text.indexOf('\n\n') + 2, -1));
      if (!hooks.mute) receive(peer, headers.get('receipt'));
    }
  }

  const fixture: Fixture = {
    subprotocols: ['v12.stomp'],
    serve(peer) {
      const subscribed = new Map<string, string>();
      peers.set(peer, subscribed);
      peer.onClosed(() => peers.delete(peer));
      peer.onMessage((text) => answer(peer, subscribed, text));
    },
  };
  let sent = 0;
  return {
    ...fixture,
    heard,
    taken,
    hooks,
    publish(destination: string, body: string): void {
      for (const [peer, subscribed] of peers) {
        const id = subscribed.get(destination);
        if (id === undefined) continue;
        sent += 1;
        const headers = [`subscription:${id}`, `message-id:m\\c${sent}`, `destination:${destination}`];
        say(peer, 'MESSAGE', [...headers, 'content-type:application/json'], body);
      }
    },
    /** A receipt that comes late. */
    receipt(id: string): void {
      for (const peer of peers.keys()) receive(peer, id);
    },
    beat(): void {
      for (const peer of peers.keys()) peer.send('\n');
    },
    close(code: number, reason: string): void {
      for (const peer of peers.keys()) peer.close(code, reason);
    },
  };
}
