import type { Socket } from 'node:net';

/** Connections that no request has been let in on yet: whoever reaches the port can open them. */
export interface Strangers {
  opened(socket: Socket): void;
  /** A request on it was let in: it is bounded by what holds for all. */
  admitted(socket: Socket): void;
  has(socket: Socket): boolean;
}

/**
 * Keeps those few that have shown nothing: of more than `most` the oldest is closed, so that who floods closes its own
 * first and locks out nobody, and each is closed `withinMs` after it was opened, whatever it sent until then.
 */
export function createStrangers(most: number, withinMs: number): Strangers {
  const deadlines = new Map<Socket, NodeJS.Timeout>();

  function forget(socket: Socket): void {
    clearTimeout(deadlines.get(socket));
    deadlines.delete(socket);
  }

  return {
    opened(socket) {
      deadlines.set(
        socket,
        setTimeout(() => socket.destroy(), withinMs),
      );
      socket.once('close', () => forget(socket));
      const [oldest] = deadlines.keys();
      if (deadlines.size <= most || oldest === undefined) return;
      forget(oldest);
      oldest.destroy();
    },
    admitted: forget,
    has: (socket) => deadlines.has(socket),
  };
}
