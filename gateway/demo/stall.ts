import type { Socket } from 'node:net';
import type { StreamInfo } from '../backplane/backplane';
import type { FollowedLog } from '../delivery/hub';
import { type Report, tellAll } from '../tell';

/** The gateway stands still: its connections stay open, not one byte goes out, and it hears nothing new. */
export interface Stall {
  /** Knows a connection from its beginning on. */
  opened(socket: Socket): void;
  /** Lets this one connection speak from now on, whatever stands still. */
  exempt(socket: Socket): void;
  /** What is appended is told when the stall ends. */
  followed(log: FollowedLog): FollowedLog;
  set(on: boolean): void;
  /** Resets every connection. */
  resetAll(): void;
}

/** See `Stall`. */
export function createStall(report: Report): Stall {
  let on = false;
  const sockets = new Set<Socket>();
  const exempted = new WeakSet<Socket>();
  const resumes = new Set<() => void>();

  function cork(socket: Socket): void {
    if (exempted.has(socket)) return;
    socket.cork();
    // The end of an HTTP answer takes every cork out (`OutgoingMessage.end`): meanwhile none comes out.
    socket.uncork = () => undefined;
  }

  function uncork(socket: Socket): void {
    Reflect.deleteProperty(socket, 'uncork');
    while (socket.writableCorked > 0) socket.uncork();
  }

  return {
    opened(socket) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      if (on) cork(socket);
    },
    exempt(socket) {
      exempted.add(socket);
      uncork(socket);
    },
    followed: (log) => ({
      open: (stream) => log.open(stream),
      info: (stream) => log.info(stream),
      follow(stream, follower) {
        let begun: StreamInfo | null = null;
        let newest: (() => void) | null = null;
        const resume = (): void => {
          const [tellBegun, tellNewest] = [begun, newest];
          begun = null;
          newest = null;
          if (tellBegun !== null) follower.epoch(tellBegun);
          // The newest is enough: what lies between is a hole to whoever hears it, and read from the log.
          tellNewest?.();
        };
        resumes.add(resume);
        const end = log.follow(stream, {
          entries(entries) {
            if (on) newest = () => follower.entries(entries);
            else follower.entries(entries);
          },
          epoch(info) {
            newest = null;
            if (on) begun = info;
            else follower.epoch(info);
          },
        });
        return () => {
          resumes.delete(resume);
          end();
        };
      },
    }),
    set(value) {
      if (on === value) return;
      on = value;
      for (const socket of sockets) (on ? cork : uncork)(socket);
      if (!on) tellAll(resumes, (resume) => resume(), report);
    },
    resetAll() {
      for (const socket of [...sockets]) socket.resetAndDestroy();
    },
  };
}
