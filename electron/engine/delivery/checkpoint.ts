import type { Gap } from '../../../shared/gap';
import type { Position, ResumePoint } from '../../../shared/position';
import type { DeliveryCheckpoint } from '../core/delivery';
import type { RecentKeys } from './dedupe';
import type { StreamSequencer } from './stream-sequencer';
import type { Tokens } from './tokens';

/**
 * Builds checkpoints: immutable, once per step, and only what moved is built anew. What is held out of order is not
 * part of one: after a restart it comes again from the cursor.
 */
export class CheckpointBuilder {
  private positions: Record<string, Position> = record({});
  private gaps: readonly Gap[] = [];
  private readonly unseen = new Set<StreamSequencer>();
  private readonly touched = new Set<StreamSequencer>();
  private gapsTouched = false;

  constructor(
    private readonly streams: ReadonlyMap<string, StreamSequencer>,
    private readonly tokens: Tokens,
    private readonly keys: RecentKeys,
  ) {}

  /** Whether any stream's cursor may have moved away from the quick path. */
  touch(stream: StreamSequencer): void {
    this.touched.add(stream);
    this.unseen.add(stream);
  }

  touchGaps(): void {
    this.gapsTouched = true;
  }

  /** Streams touched since the last call, whether or not their positions were read meanwhile. */
  takeUnseen(): Iterable<StreamSequencer> {
    if (this.unseen.size === 0) return [];
    const unseen = [...this.unseen];
    this.unseen.clear();
    return unseen;
  }

  get resume(): ResumePoint {
    this.refresh();
    return { positions: this.positions, token: this.tokens.current };
  }

  build(nextOrdinal: number): DeliveryCheckpoint {
    const resume = this.resume;
    if (this.gapsTouched) {
      this.gapsTouched = false;
      const all: Gap[] = [];
      for (const stream of this.streams.values()) if (stream.gaps.size > 0) all.push(...stream.gaps.records());
      this.gaps = all;
    }
    return { resume, openGaps: this.gaps, recentKeys: this.keys.list(), nextOrdinal };
  }

  private refresh(): void {
    if (this.touched.size === 0) return;
    const positions = record(this.positions);
    for (const stream of this.touched) {
      if (stream.epoch !== null) positions[stream.name] = { epoch: stream.epoch, seq: stream.cursor };
    }
    this.positions = positions;
    this.touched.clear();
  }
}

/** A copy without a prototype, since a feed may call a stream `__proto__`. */
function record(positions: Record<string, Position>): Record<string, Position> {
  return Object.assign(Object.create(null) as Record<string, Position>, positions);
}
