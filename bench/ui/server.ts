import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/**
 * A gateway's event streams at a rate that the gateway itself would need a core for: frames made of fixed parts, a
 * process of its own. Streams are `/v1/<name>/ws`; each client gets `perSecond` events a second from number 1 on.
 */
export interface FromServer {
  readonly url: string;
}

const perSecond = Number(process.argv[2]);
const tickMs = 20;
const hosts = 20;

const http = createServer((_request, answer) => {
  answer.statusCode = 404;
  answer.end();
});
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false });

sockets.on('connection', (socket, request) => {
  const stream = /^\/v1\/([^/]+)\/ws/.exec(request.url ?? '')?.[1] ?? 'none';
  serve(socket, stream);
});

function serve(socket: WebSocket, stream: string): void {
  const begun = performance.now();
  const hello = {
    kind: 'hello',
    stream,
    epoch: `bench-${process.pid}-${begun}`,
    from: 0,
    head: 0,
    spreadMs: 1000,
    heartbeatMs: 15_000,
    instance: 'bench',
    time: Date.now(),
  };
  socket.send(JSON.stringify(hello));
  let seq = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) * perSecond) / 1000);
    const time = Date.now();
    for (; seq < due; ) {
      seq += 1;
      const type = seq % 3 === 0 ? 'cpu' : 'memory';
      socket.send(
        `{"kind":"event","stream":"${stream}","epoch":"${hello.epoch}","seq":${seq},"time":${time},"type":"${type}","data":{"host":"web-${seq % hosts}","percent":${((seq * 7919) % 10_007) / 100},"note":"nothing to report, sample ${seq}"}}`,
      );
    }
  }, tickMs);
  socket.on('close', () => clearInterval(timer));
}

process.on('disconnect', () => process.exit(0));
http.listen(0, '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo;
  process.send?.({ url: `http://127.0.0.1:${port}` } satisfies FromServer);
});
