import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** The worst of feeds: whatever it is shown it says back, in every place that an answer has. */
export interface EchoFeed {
  /** host:port */
  readonly host: string;
  /** All that it was shown, as text; what is base64 also as what it means. */
  readonly seen: string[];
  close(): void;
}

/** `issued`: the token that it gives to who asks for one; `own`: one that it names unasked, in every header. Paths: `/token`, `/refused…`, anything else is a feed. */
export async function openEchoFeed(issued: string, own: string): Promise<EchoFeed> {
  const seen: string[] = [];

  function note(request: IncomingMessage, body = ''): string {
    const shown = `${request.url} ${JSON.stringify(request.headers)} ${body}`;
    const logins = [...shown.matchAll(/Basic ([\w+/=]+)/g)].map(([, pair = '']) =>
      Buffer.from(pair, 'base64').toString(),
    );
    seen.push(shown, ...logins);
    return JSON.stringify({ type: 'auth_invalid', url: request.url, headers: request.headers, logins, body });
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const path = request.url ?? '/';
      const said = note(request, Buffer.concat(parts).toString());
      response.setHeader('content-type', 'application/json');
      if (/\/token(\?|$)/.test(path)) return void response.end(JSON.stringify({ access_token: issued }));
      if (!path.includes('/refused')) return void response.end(`[${said}]`);
      const headers = Object.entries(request.headers).map(([name, value]) => [`x-was-${name}`, String(value)] as const);
      response.writeHead(401, {
        ...Object.fromEntries(headers),
        location: `${path}#access_token=${own}`,
        link: `<http://me:${own}@h.test${path}>; rel="next"`,
        refresh: `5; url=/login?next=${encodeURIComponent(`/x?sig=${own}`)}`,
        'content-location': `/x?X-Goog-Signature=${own}`,
        'set-cookie': `${request.headers.cookie ?? 'a=b'}; ${own}`,
        'x-auth-token': own,
      });
      response.end(said);
    });
  }

  const server = createServer(answer);
  new WebSocketServer({ server, handleProtocols: (names) => [...names][0] ?? false }).on(
    'connection',
    (socket, request) => {
      socket.send(note(request));
      socket.on('message', (data: Buffer) => {
        seen.push(data.toString());
        socket.send(JSON.stringify({ type: 'auth_invalid', message: `no such login: ${data.toString()}` }));
        const said = /"access_token":"([^"]*)"/.exec(data.toString())?.[1] ?? '';
        socket.send(JSON.stringify({ type: 'event', again: said }));
        if (request.url?.includes('/refused')) socket.close(4401, `bad token ${said}`.slice(0, 120));
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
