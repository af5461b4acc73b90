import { io } from 'socket.io-client';
import { waits } from '../pace';
import { notebook, orderOf } from './client';

/**
 * socket.io-client with connection state recovery (the server switches it on) and, for when that fails, the offset of
 * its tutorial: `socket.auth.serverOffset = serverOffset` with every event
 * (https://socket.io/docs/v4/tutorial/step-7, "Server delivery"). Transports are the default, polling first and then
 * an upgrade, which is its answer to blocked WebSockets. Delays are the defaults of
 * https://socket.io/docs/v4/client-options, squeezed.
 */
const order = orderOf(process.argv);
const book = notebook(order);
const auth: { serverOffset?: number } = {};

const socket = io(`http://${order.host}`, {
  auth,
  reconnectionDelay: waits.socketIoDelayMs,
  reconnectionDelayMax: waits.socketIoDelayMaxMs,
  randomizationFactor: 0.5,
  timeout: waits.socketIoTimeoutMs,
});
book.attempt();
socket.io.on('reconnect_attempt', () => book.attempt());
socket.on('connect', () => book.open());
socket.on('event', (event: { readonly n: number }, serverOffset: number) => {
  book.heard(event.n);
  auth.serverOffset = serverOffset;
});
