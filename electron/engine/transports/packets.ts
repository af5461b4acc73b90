import { ByteQueue } from '../core/byte-queue';
import type { PacketReader } from '../core/packets';
import type { TransportEnd } from '../core/transport';

/** A beginning as short as this is looked at with each read: what follows may be slow, and looking costs nothing, bytes. */
const smallBytes = 1024;

interface Sink {
  /** A whole packet; it may be kept. */
  onPacket(bytes: Uint8Array): void;
  /** No packet begins here, or it is larger than the limit: nothing behind it can be read. */
  onEnd(end: TransportEnd): void;
}

export interface Packets {
  add(chunk: Uint8Array): void;
  /** Nothing of a packet is waiting for its rest. */
  empty(): boolean;
}

/**
 * Cuts a stream of bytes into packets, in time that grows with the bytes: the reader sees a long packet again only once it
 * is twice as long, or whole.
 */
export function createPackets(read: PacketReader, limit: number, sink: Sink): Packets {
  const queue = new ByteQueue();
  /** Fewer bytes than these cannot be a packet. */
  let wanted = 1;
  let over = false;

  function end(how: TransportEnd): void {
    over = true;
    queue.takeAll();
    sink.onEnd(how);
  }

  function tooLarge(bytes: number | null): void {
    end({ kind: 'too-large', bytes, limit });
  }

  /** `whole`: how long the packet will be, where that is known. */
  function wait(rest: Uint8Array, whole: number | null): void {
    if ((whole ?? rest.length) > limit) {
      tooLarge(whole);
      return;
    }
    queue.add(rest.slice());
    wanted = whole ?? (rest.length < smallBytes ? rest.length + 1 : Math.min(limit + 1, rest.length * 2));
  }

  function cut(all: Uint8Array): void {
    let at = 0;
    while (!over && at < all.length) {
      const rest = all.subarray(at);
      const found = read(rest);
      if (found.kind === 'more') {
        wait(rest, found.bytes);
        return;
      }
      if (found.kind === 'none') end({ kind: 'no-packet', found: found.why });
      else if (found.bytes > limit) tooLarge(found.bytes);
      else {
        at += Math.max(1, found.bytes);
        wanted = 1;
        sink.onPacket(rest.slice(0, found.bytes));
      }
    }
  }

  return {
    add(chunk) {
      if (over) return;
      queue.add(chunk);
      if (queue.length >= wanted) cut(queue.takeAll());
    },
    empty: () => queue.length === 0,
  };
}
