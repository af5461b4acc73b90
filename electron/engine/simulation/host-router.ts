import type { FakeServer } from './fake-server';

/** A server of several feeds: the first part of a path names the feed, which sees the rest. */
export function createHostRouter(feeds: ReadonlyMap<string, FakeServer>): FakeServer {
  function find(url: string): { readonly server: FakeServer | null; readonly url: string } {
    const parsed = new URL(url);
    const [, name = '', ...rest] = parsed.pathname.split('/');
    parsed.pathname = `/${rest.join('/')}`;
    return { server: feeds.get(name) ?? null, url: parsed.href };
  }

  return {
    alive(address) {
      const { server, url } = find(address);
      return server?.alive?.(url) ?? true;
    },
    exchange(exchange) {
      const { server, url } = find(exchange.request.url);
      if (server) server.exchange({ ...exchange, request: { ...exchange.request, url } });
      else {
        exchange.head(404, []);
        exchange.end();
      }
    },
    socket(socket) {
      const { server, url } = find(socket.request.url);
      if (server) server.socket({ ...socket, request: { ...socket.request, url } });
      else socket.refuse(404, [], '');
    },
    stream(stream) {
      const { server, url } = find(stream.request.url);
      if (server?.stream) server.stream({ ...stream, request: { url } });
      else stream.end();
    },
  };
}
