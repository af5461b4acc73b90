import type { Socket } from 'node:net';
import type { Clock } from '../core/clock';
import { createTurn } from './turn';

/** Stops and starts the reading of a socket that a library reads with `read()`. */
export interface ReadGate {
  hold(): void;
  release(): void;
}

/** Read at once, bytes: of chunks of one byte each that is some thousands, each a call. */
const portionBytes = 32 * 1024;

/**
 * undici reads on 'readable' and has no pause of its own before the head; its parser's pause fails an assertion when
 * the connection is reset meanwhile. So the socket itself gives nothing while it is held: its buffer fills, then
 * the kernel's window, and the server feels it. And it would read all there is in one go, however long that takes.
 */
export function gateOf(socket: Socket, clock: Clock): ReadGate {
  const read = socket.read.bind(socket);
  let held = false;
  const turnIsOver = createTurn();
  let resting = false;

  function goOn(): void {
    setImmediate(() => {
      resting = false;
      if (!held && !socket.destroyed) socket.emit('readable');
    });
  }

  socket.read = (size?: number) => {
    if (held || resting) return null;
    if (turnIsOver(clock.now())) {
      resting = true;
      goOn();
      return null;
    }
    return size === undefined && socket.readableLength > portionBytes ? read(portionBytes) : read(size);
  };
  return {
    hold() {
      held = true;
    },
    release() {
      if (!held) return;
      held = false;
      goOn();
    },
  };
}
