import { WebSocket } from 'ws';
import type { Dialled } from './dial';
import { Expansion } from './expansion';

/** Whether what a compressed connection's messages unfold to is more than its bytes can mean. */
export function bombWatch(connection: Dialled): (bytes: number) => boolean {
  const expansion = new Expansion();
  let read = 0;
  return (bytes) => {
    const now = connection.bytesRead();
    expansion.came(now - read);
    read = now;
    return !expansion.unfolded(bytes);
  };
}

/**
 * Answers pings, the newest where several came before the last answer had left (RFC 6455 §5.5.3): a peer that pings and
 * reads nothing makes no queue here.
 */
export function answerPings(socket: WebSocket): (data: Buffer) => void {
  let waiting: Buffer | null = null;
  let leaving = false;
  const send = (data: Buffer): void => {
    leaving = true;
    socket.pong(data, undefined, () => {
      leaving = false;
      const next = waiting;
      waiting = null;
      if (next !== null && socket.readyState === WebSocket.OPEN) send(next);
    });
  };
  return (data) => {
    if (leaving) waiting = data;
    else if (socket.readyState === WebSocket.OPEN) send(data);
  };
}

/** Of what comes in one read, the first is told. */
export function oncePerRead(tell: () => void): () => void {
  let told = false;
  return () => {
    if (told) return;
    told = true;
    queueMicrotask(() => {
      told = false;
    });
    tell();
  };
}
