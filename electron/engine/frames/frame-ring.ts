import type { Frame } from '../core/frame';
import { ownText } from '../core/own-text';

export interface FrameRingLimits {
  /** Frames kept. */
  readonly frames: number;
  /** Bytes kept, as received, with their names and ids, over all frames. */
  readonly bytes: number;
}

/** Of one source: enough for the moments before a fault; little enough for a thousand sources. */
const shipped: FrameRingLimits = { frames: 1_000, bytes: 256 * 1024 };

/** A kept frame. */
export interface KeptFrame {
  /** Grows by one per frame of this run. */
  readonly number: number;
  readonly frame: Frame;
}

/** Frames that give way together. */
const partFrames = 50;
/** A frame takes at most this part of the room. Of a larger one the beginning is kept, so that it drives no other out. */
const share = 8;
/** So much of it, bytes or characters: as much as is ever shown of a frame. */
const cutLength = 4_096;

interface Part {
  readonly frames: Frame[];
  bytes: number;
}

/**
 * The newest raw frames of one source, bounded by count and bytes: the oldest give way, a part at a time, and are
 * counted. Of a large frame the beginning is kept, beside its true size. Runs for every frame there is: frames are gathered in short arrays, which are young like their frames, since
 * writing into one long-lived array costs V8 a note per write; and an old frame is never looked at again.
 */
export class FrameRing {
  /** Frames that gave way. */
  evicted = 0;
  private parts: Part[] = [];
  private current: Part = { frames: [], bytes: 0 };
  private size = 0;
  private bytes = 0;
  private number = 0;

  constructor(private readonly limits: FrameRingLimits = shipped) {}

  add(frame: Frame): void {
    const { current, limits } = this;
    const large = frame.bytes > limits.bytes / share;
    const kept = large ? beginningOf(frame, Math.min(cutLength, limits.bytes / share)) : frame;
    const names = (frame.event?.length ?? 0) + (frame.id?.length ?? 0) + roomOf(frame.headers);
    const bytes = names + (large ? kept.data.length : frame.bytes);
    this.number += 1;
    this.size += 1;
    this.bytes += bytes;
    current.frames.push(kept);
    current.bytes += bytes;
    if (current.frames.length < partFrames && current.bytes < limits.bytes / share) {
      if (this.bytes > limits.bytes || this.size > limits.frames) this.shrink();
      return;
    }
    this.parts.push(current);
    this.current = { frames: [], bytes: 0 };
    this.shrink();
  }

  /** The newest `limit` frames, oldest first. */
  newest(limit: number): readonly KeptFrame[] {
    const kept: KeptFrame[] = [];
    let number = this.number - this.size;
    for (const { frames } of [...this.parts, this.current]) {
      for (const frame of frames) {
        number += 1;
        kept.push({ number, frame });
      }
    }
    return kept.slice(-limit);
  }

  private shrink(): void {
    while (this.size > this.limits.frames || this.bytes > this.limits.bytes) {
      const part = this.parts.shift() ?? this.current;
      if (part === this.current) this.current = { frames: [], bytes: 0 };
      this.size -= part.frames.length;
      this.bytes -= part.bytes;
      this.evicted += part.frames.length;
    }
  }
}

/** A poll's answer brings its headers along, and a server may send many. */
function roomOf(headers: Frame['headers']): number {
  let room = 0;
  for (const [name, value] of headers) room += name.length + value.length;
  return room;
}

/** The frame with its first `length` bytes or characters as a copy: a slice would keep the whole of it. */
function beginningOf(frame: Frame, length: number): Frame {
  const { data } = frame;
  if (typeof data !== 'string') return { ...frame, data: new Uint8Array(data.subarray(0, length)) };
  return { ...frame, data: ownText(data.slice(0, length)) };
}
