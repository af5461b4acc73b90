import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Server } from 'socket.io';

/**
 * Socket.IO's own server in a process of its own, at `/socket.io/`. `POST /publish?from=1&count=5` publishes `tick` of 1 to 5
 * and answers with how many clients there are; `POST /cut` cuts every connection without a word; `GET /heard` is what was said
 * to it. The event `ask` is answered. Arguments: port, `recovery` or `plain`.
 */

const [port = '0', recovery = 'plain'] = process.argv.slice(2);
const heard: unknown[] = [];
const connections = new Set<Socket>();

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://h');
  if (url.pathname.startsWith('/socket.io/')) return;
  if (url.pathname === '/publish') {
    const from = Number(url.searchParams.get('from'));
    const count = Number(url.searchParams.get('count'));
    for (let n = from; n < from + count; n += 1) io.emit('tick', { n });
  }
  if (url.pathname === '/cut')
    for (const connection of connections) if (connection !== request.socket) connection.destroy();
  response.end(url.pathname === '/heard' ? JSON.stringify(heard) : String(io.of('/').sockets.size));
});
const io = new Server(server, recovery === 'recovery' ? { connectionStateRecovery: {} } : {});
server.on('connection', (connection: Socket) => {
  connections.add(connection);
  connection.on('close', () => connections.delete(connection));
});
io.of('/closed').use((_socket, next) => next(new Error('invalid token')));
io.on('connection', (socket) => {
  const { name = null }: { readonly name?: unknown } = socket.handshake.auth;
  heard.push(name);
  socket.onAny((...said) => heard.push(said));
  socket.on('ask', (value: unknown, answer: (said: unknown) => void) => answer({ got: value }));
});
server.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`);
});
