import type { Fixture, Peer } from '../../testing/peer';

const separator = '\u001e';

/**
 * A SignalR hub with the JSON protocol, written from
 * https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md, for clients that skip the
 * negotiation (.../specs/TransportProtocols.md). Methods: `Join(room)`, `Ticks(…)` which streams, `Broken()` which
 * fails. `@microsoft/signalr` must work against it.
 *
 * Hooks: `heard` (`handshake`, `call Join`, `stream Ticks`, `ping`, `result`), `invoke` (a method of every client), `item`
 * (of every stream), `complete` (every stream), `together` (any messages in one frame), `ping`, `close`
 * (with its last message).
 */
export function createSignalrFixture() {
  interface Client {
    shaken: boolean;
    readonly streams: Set<string>;
  }
  const clients = new Map<Peer, Client>();
  const heard: string[] = [];
  const say = (peer: Peer, message: object): void => peer.send(JSON.stringify(message) + separator);

  function answer(peer: Peer, client: Client, text: string): void {
    const message = JSON.parse(text) as Record<string, unknown>;
    const { type, invocationId, target } = message;
    if (!client.shaken) {
      if (message.protocol !== 'json' || message.version !== 1) {
        say(peer, { error: `Requested protocol '${String(message.protocol)}' is not available.` });
        peer.close(1000, '');
        return;
      }
      client.shaken = true;
      heard.push('handshake');
      say(peer, {});
      return;
    }
    if (type === 6) heard.push('ping');
    if (type === 3) heard.push('result');
    if (type === 1) {
      heard.push(`call ${String(target)}`);
      const error = target === 'Join' ? null : `Failed to invoke '${String(target)}'.`;
      if (invocationId !== undefined)
        say(peer, { type: 3, invocationId, ...(error === null ? { result: null } : { error }) });
    }
    if (type === 4) {
      heard.push(`stream ${String(target)}`);
      client.streams.add(String(invocationId));
    }
  }

  const each = (tell: (peer: Peer, client: Client) => void): void => {
    for (const [peer, client] of clients) if (client.shaken) tell(peer, client);
  };
  const fixture: Fixture = {
    serve(peer) {
      const client: Client = { shaken: false, streams: new Set() };
      clients.set(peer, client);
      peer.onClosed(() => clients.delete(peer));
      peer.onMessage((text) => {
        for (const record of text.split(separator).slice(0, -1)) answer(peer, client, record);
      });
    },
  };

  return {
    ...fixture,
    heard,
    invoke: (target: string, list: readonly unknown[], invocationId?: string) =>
      each((peer) => say(peer, { type: 1, target, arguments: list, ...(invocationId ? { invocationId } : {}) })),
    item: (item: unknown) =>
      each((peer, { streams }) => {
        for (const invocationId of streams) say(peer, { type: 2, invocationId, item });
      }),
    complete: () =>
      each((peer, { streams }) => {
        for (const invocationId of streams) say(peer, { type: 3, invocationId });
        streams.clear();
      }),
    together: (...messages: readonly object[]) =>
      each((peer) => peer.send(messages.map((message) => JSON.stringify(message) + separator).join(''))),
    ping: () => each((peer) => say(peer, { type: 6 })),
    close: (last: object | null, code = 1000) =>
      each((peer) => {
        if (last !== null) say(peer, { type: 7, ...last });
        peer.close(code, '');
      }),
  };
}
