import type { Socket } from 'node:net';

/** Stops and starts the reading of a socket that a library reads with `read()`. */
export interface ReadGate {
  hold(): void;
  release(): void;
}

/**
 * undici reads on 'readable' and has no pause of its own before the head; its parser's pause fails an assertion when
 * the connection is reset meanwhile. So the socket itself gives nothing while it is held: its buffer fills, then
 * the kernel's window, and the server feels it.
 */
export function gateOf(socket: Socket): ReadGate {
  const read = socket.read.bind(socket);
  let held = false;
  socket.read = (size?: number) => (held ? null : read(size));
  return {
    hold() {
      held = true;
    },
    release() {
      if (!held) return;
      held = false;
      setImmediate(() => {
        if (!held && !socket.destroyed) socket.emit('readable');
      });
    },
  };
}
