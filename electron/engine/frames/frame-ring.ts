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

/**
 * The newest raw frames of one source, bounded by count and bytes: the oldest give way and are counted. Runs for every
 * frame there is, so keeping one is two writes; a frame that alone is over the bytes is counted, not kept.
 */
export class FrameRing {
  /** Frames that gave way, or were too large to keep. */
  evicted = 0;
  private readonly frames: (Frame | null)[];
  private next = 0;
  private size = 0;
  private bytes = 0;
  private number = 0;

  constructor(private readonly limits: FrameRingLimits = shipped) {
    this.frames = new Array<Frame | null>(limits.frames).fill(null);
  }

  add(frame: Frame): void {
    this.number += 1;
    if (frame.bytes > this.limits.bytes) {
      // What is kept has no hole in it, so nothing from before it is.
      while (this.size > 0) this.drop();
      this.evicted += 1;
      return;
    }
    if (this.size === this.limits.frames) this.drop();
    this.frames[this.next] = frame;
    this.next = this.next + 1 === this.limits.frames ? 0 : this.next + 1;
    this.size += 1;
    this.bytes += frame.bytes;
    while (this.bytes > this.limits.bytes) this.drop();
  }

  /** The newest `limit` frames, oldest first. */
  newest(limit: number): readonly KeptFrame[] {
    const kept: KeptFrame[] = [];
    for (let back = Math.min(limit, this.size); back > 0; back--) {
      const frame = this.frames[(this.next - back + this.limits.frames) % this.limits.frames];
      if (frame) kept.push({ number: this.number - back + 1, frame });
    }
    return kept;
  }

  private drop(): void {
    const oldest = (this.next - this.size + this.limits.frames) % this.limits.frames;
    this.bytes -= this.frames[oldest]?.bytes ?? 0;
    this.frames[oldest] = null;
    this.size -= 1;
    this.evicted += 1;
  }
}
