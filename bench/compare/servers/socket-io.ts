import { Server } from 'socket.io';
import { waits } from '../pace';
import { bodyOf, type FeedServer } from './feed-server';
import { startHttpHost } from './http-host';
import { createTamper } from './tamper';

/**
 * A Socket.IO server with connection state recovery (https://socket.io/docs/v4/connection-state-recovery) and, where
 * that fails, replay after the offset the client sends, as its tutorial does
 * (https://socket.io/docs/v4/tutorial/step-7, "Server delivery"). A client that sends none begins with what is new.
 */
export async function startSocketIoFeed(): Promise<FeedServer> {
  let head = 0;
  let io: Server | null = null;
  const tamper = createTamper();

  const host = await startHttpHost((server) => {
    const mine = new Server(server, {
      // The duration of the documentation's example. The in-memory adapter is one that supports recovery.
      connectionStateRecovery: { maxDisconnectionDuration: 2 * 60_000, skipMiddlewares: true },
      pingInterval: waits.socketIoPingIntervalMs,
      pingTimeout: waits.socketIoPingTimeoutMs,
      upgradeTimeout: waits.socketIoUpgradeTimeoutMs,
      connectTimeout: waits.socketIoConnectTimeoutMs,
      serveClient: false,
    });
    io = mine;
    mine.on('connection', (socket) => {
      if (socket.recovered) return;
      const offset: unknown = socket.handshake.auth.serverOffset;
      if (typeof offset !== 'number') return;
      for (let n = offset + 1; n <= head; n += 1) socket.emit('event', bodyOf(n), n);
    });
    return {
      end() {
        io = null;
        void mine.close();
      },
    };
  });

  return {
    port: host.port,
    publish(count) {
      const numbers = Array.from({ length: count }, (_, index) => head + 1 + index);
      head += count;
      if (!io) return;
      const events = io.engine.clientsCount === 0 ? numbers : tamper.live(numbers);
      for (const n of events) io.emit('event', bodyOf(n), n);
    },
    repeatNext: tamper.repeatNext,
    reorderNext: tamper.reorderNext,
    restart: host.restart,
    close: host.close,
  };
}
