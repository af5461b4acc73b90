import type { Frame } from '../core/frame';

export interface FrameRingLimits {
  /** Frames kept. */
  readonly frames: number;
  /** Bytes kept, as received, over all frames. */
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

interface Part {
  readonly frames: Frame[];
  bytes: number;
}

/**
 * The newest raw frames of one source, bounded by count and bytes: the oldest give way, a part at a time, and are
 * counted. Runs for every frame there is: frames are gathered in short arrays, which are young like their frames, since
 * writing into one long-lived array costs V8 a note per write; and an old frame is never looked at again.
 */
export class FrameRing {
  /** Frames that gave way, or were too large to keep. */
  evicted = 0;
  private parts: Part[] = [];
  private current: Part = { frames: [], bytes: 0 };
  private size = 0;
  private bytes = 0;
  private number = 0;

  constructor(private readonly limits: FrameRingLimits = shipped) {}

  add(frame: Frame): void {
    const { current, limits } = this;
    this.number += 1;
    this.size += 1;
    this.bytes += frame.bytes;
    current.frames.push(frame);
    current.bytes += frame.bytes;
    if (current.frames.length < partFrames && current.bytes < limits.bytes / 8) {
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
