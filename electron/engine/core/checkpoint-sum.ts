import type { Position } from '../../../shared/position';
import type { CheckpointStep, KeyChange } from './delivery';

/** Adds steps up into one that does what all of them do, in order. Adding costs what moved in the step. */
export class CheckpointSum {
  private positions: Record<string, Position> = withoutPrototype();
  private whole = false;
  private keys: KeyChange | null = null;
  private pastEpochs: CheckpointStep['pastEpochs'] = null;
  private last: CheckpointStep | null = null;

  get empty(): boolean {
    return this.last === null;
  }

  add(step: CheckpointStep): void {
    if (step.whole) {
      this.positions = withoutPrototype();
      this.whole = true;
    }
    for (const stream in step.positions) {
      const position = step.positions[stream];
      if (position !== undefined) this.positions[stream] = position;
    }
    if (step.keys !== null) this.keys = this.keys === null ? step.keys : addKeys(this.keys, step.keys);
    this.pastEpochs = step.pastEpochs ?? this.pastEpochs;
    this.last = step;
  }

  /** The sum so far; null when nothing was added. */
  peek(): CheckpointStep | null {
    const { last, positions, whole, keys, pastEpochs } = this;
    if (last === null) return null;
    return { positions, whole, token: last.token, keys, pastEpochs, nextOrdinal: last.nextOrdinal };
  }

  /** The sum, and begins anew; null when nothing was added. */
  take(): CheckpointStep | null {
    const sum = this.peek();
    if (sum === null) return null;
    this.positions = withoutPrototype();
    this.whole = false;
    this.keys = null;
    this.pastEpochs = null;
    this.last = null;
    return sum;
  }
}

function addKeys(before: KeyChange, later: KeyChange): KeyChange {
  if (later.mode === 'replace') return later;
  const keys = lastOf([...before.keys, ...later.keys], later.size);
  return { mode: before.mode, keys, size: later.size };
}

function lastOf(keys: readonly string[], size: number): readonly string[] {
  return keys.length > size ? keys.slice(keys.length - size) : keys;
}

function withoutPrototype(): Record<string, Position> {
  return Object.create(null) as Record<string, Position>;
}
