import type { Position, ResumePoint } from '../../../shared/position';
import type { CheckpointStep } from '../core/delivery';
import type { RecentKeys } from './dedupe';
import type { EpochMemory } from './epochs';
import type { StreamSequencer } from './stream-sequencer';
import type { Tokens } from './tokens';

/**
 * Builds checkpoints: what moved since the one before, so that a step costs what moved in it. What is held out of order
 * is not part of one: after a restart it comes again from the cursor.
 */
export class CheckpointBuilder {
  private readonly moved = new Set<StreamSequencer>();
  private readonly unseen = new Set<StreamSequencer>();
  private readonly unread = new Set<StreamSequencer>();
  private positions: Record<string, Position> = record();
  private whole = false;

  constructor(
    private readonly streams: ReadonlyMap<string, StreamSequencer>,
    private readonly tokens: Tokens,
    private readonly keys: RecentKeys,
    private readonly epochs: EpochMemory,
  ) {}

  /** A stream's cursor may have moved, or its gaps. */
  touch(stream: StreamSequencer): void {
    this.moved.add(stream);
    this.unseen.add(stream);
    this.unread.add(stream);
  }

  /** The journal lost some of what it was given: the next checkpoint names everything. */
  startOver(): void {
    this.whole = true;
  }

  /** Streams touched since the last call, whether or not their positions were read meanwhile. */
  takeUnseen(): Iterable<StreamSequencer> {
    if (this.unseen.size === 0) return [];
    const unseen = [...this.unseen];
    this.unseen.clear();
    return unseen;
  }

  /** Where everything stands. Copied only when something moved since it was read last. */
  get resume(): ResumePoint {
    if (this.unread.size > 0) {
      const positions = Object.assign(record(), this.positions);
      for (const stream of this.unread) note(positions, stream);
      this.unread.clear();
      this.positions = positions;
    }
    return { positions: this.positions, token: this.tokens.current };
  }

  build(nextOrdinal: number): CheckpointStep {
    const positions = record();
    const { whole } = this;
    for (const stream of whole ? this.streams.values() : this.moved) note(positions, stream);
    this.moved.clear();
    this.whole = false;
    return {
      positions,
      whole,
      token: this.tokens.current,
      keys: this.keys.takeChange(whole),
      pastEpochs: this.epochs.takeChange(whole),
      nextOrdinal,
    };
  }
}

function note(positions: Record<string, Position>, stream: StreamSequencer): void {
  if (stream.epoch !== null) positions[stream.name] = { epoch: stream.epoch, seq: stream.cursor };
}

/** Without a prototype, since a feed may call a stream `__proto__`. */
function record(): Record<string, Position> {
  return Object.create(null) as Record<string, Position>;
}
