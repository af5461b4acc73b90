import type { Position } from '../../../../shared/position';
import type { CheckpointStep, DeliveryCheckpoint } from '../../core/delivery';

/** The checkpoint after a step. Open gaps come from the deliveries, not from steps. */
export function applyStep(before: DeliveryCheckpoint | null, step: CheckpointStep): DeliveryCheckpoint {
  const positions = Object.assign(
    Object.create(null) as Record<string, Position>,
    step.whole ? null : before?.resume.positions,
    step.positions,
  );
  const { keys } = step;
  const kept = keys?.mode === 'replace' ? [] : (before?.recentKeys ?? []);
  return {
    resume: { positions, token: step.token },
    openGaps: before?.openGaps ?? [],
    recentKeys: keys === null ? kept : lastOf([...kept, ...keys.keys], keys.size),
    nextOrdinal: step.nextOrdinal,
    pastEpochs: step.pastEpochs ?? before?.pastEpochs ?? [],
  };
}

function lastOf(keys: readonly string[], size: number): readonly string[] {
  return keys.slice(Math.max(0, keys.length - size));
}
