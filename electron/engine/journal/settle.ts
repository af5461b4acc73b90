import type { SourceCounters } from '../../../shared/view';
import { CheckpointSum } from '../core/checkpoint-sum';
import type { CheckpointStep } from '../core/delivery';
import type { RollupIncrement } from '../core/journal';
import type { EncodedBlock } from './block';
import type { BlockEncoder } from './block-encoder';
import { BlockReader } from './block-reader';
import type { SourceBlock } from './messages';
import type { HeldGroup } from './unsettled';

/** What several groups together do to the rows of one source, what was written at once left out. */
export interface Settlement {
  readonly source: string;
  readonly blocks: readonly EncodedBlock[];
  readonly rollups: readonly RollupIncrement[];
  readonly checkpoint: CheckpointStep | null;
  readonly counters: SourceCounters | null;
  /** When bytes came last, as far as the groups tell; wall clock, epoch ms. */
  readonly seenAt: number;
}

interface Sum {
  blocks: SourceBlock[];
  rollups: RollupIncrement[];
  readonly checkpoint: CheckpointSum;
  counters: SourceCounters | null;
  seenAt: number;
}

/** Adds groups up by source, in order. `encoder`: with nothing in it. */
export function settlementsOf(groups: readonly HeldGroup[], encoder: BlockEncoder): readonly Settlement[] {
  const sums = new Map<string, Sum>();
  const sumOf = (source: string, at: number): Sum => {
    let sum = sums.get(source);
    if (!sum) {
      sum = { blocks: [], rollups: [], checkpoint: new CheckpointSum(), counters: null, seenAt: at };
      sums.set(source, sum);
    }
    return sum;
  };
  for (const { at, blocks, sources } of groups) {
    for (const block of blocks) sumOf(block.source, at).blocks.push(block);
    for (const { source, rollups, checkpoint, counters } of sources) {
      const sum = sumOf(source, at);
      for (const rollup of rollups) sum.rollups.push(rollup);
      if (checkpoint) sum.checkpoint.add(checkpoint);
      if (counters === null) continue;
      if (sum.counters !== null && counters.bytes > sum.counters.bytes) sum.seenAt = at;
      sum.counters = counters;
    }
  }
  return [...sums].map(([source, { blocks, rollups, checkpoint, counters, seenAt }]) => ({
    source,
    blocks: merged(blocks, encoder),
    rollups,
    checkpoint: checkpoint.take(),
    counters,
    seenAt,
  }));
}

function merged(blocks: readonly SourceBlock[], encoder: BlockEncoder): readonly EncodedBlock[] {
  if (blocks.length <= 1) return blocks;
  const whole: EncodedBlock[] = [];
  for (const { head, text } of blocks) {
    const block = new BlockReader(head, text);
    for (let at = 0; at < block.count; at++) {
      if (encoder.full) whole.push(encoder.finish());
      encoder.add(block.event(at));
    }
  }
  if (encoder.count > 0) whole.push(encoder.finish());
  return whole;
}
