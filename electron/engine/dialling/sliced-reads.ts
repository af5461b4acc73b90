import type { Socket } from 'node:net';
import type { Clock } from '../core/clock';
import { createPortions } from './portions';

/** Stops and starts what a socket's listeners get of it. */
export interface SlicedReads {
  hold(): void;
  /** To be called after the socket was resumed. */
  release(): void;
  drop(): void;
}

/**
 * Gives what a socket reads to its listeners in portions: `ws` takes all frames of a read in one go, and a read of 64 KB can
 * have 32,000 of them.
 */
export function sliceReads(socket: Socket, clock: Clock): SlicedReads {
  const emit = socket.emit.bind(socket);
  let held = false;
  /** The socket stands still because of what waits here. */
  let full = false;
  const portions = createPortions(clock, {
    give: (bytes) => void emit('data', bytes),
    onFull() {
      full = true;
      socket.pause();
    },
    onRoom() {
      full = false;
      if (!held) socket.resume();
    },
  });
  const sliced = (event: string | symbol, ...args: unknown[]): boolean => {
    const [data] = args;
    if (event === 'data' && Buffer.isBuffer(data)) {
      portions.add(data);
      return true;
    }
    // What came before belongs before it.
    if (event === 'end' || event === 'close' || event === 'error') portions.flush();
    return emit(event, ...args);
  };
  socket.emit = sliced;
  return {
    hold() {
      held = true;
      portions.hold();
    },
    release() {
      held = false;
      if (full) socket.pause();
      portions.release();
    },
    drop: () => portions.drop(),
  };
}
