import type { Gap } from '../../../shared/gap';
import type { Position } from '../../../shared/position';
import { noCounters } from '../../../shared/view';
import type { AlertRuleState } from '../core/alerts';
import type { CheckpointStep, DeliveryCheckpoint } from '../core/delivery';
import type { RestoredSource } from '../core/journal';
import type { SourceCommit } from './messages';

/**
 * What is stored of a source once what was handed over is stored too. A source that begins anew while the journal is
 * paused (an edit) goes on from there: what waits will be stored, so a place before it would give its numbers twice.
 */
export function withUnstored(stored: RestoredSource | null, commits: readonly SourceCommit[]): RestoredSource | null {
  return commits.reduce(withCommit, stored);
}

function withCommit(stored: RestoredSource | null, commit: SourceCommit): RestoredSource {
  const { checkpoint: step, counters, gaps, transitions, alerts, eventAt } = commit;
  const states = new Map<string, AlertRuleState>(stored?.alertStates.map((state) => [state.rule, state]));
  for (const { rule, state } of alerts?.states ?? []) {
    if (state) states.set(rule, state);
    else states.delete(rule);
  }
  const place = stored?.checkpoint ?? null;
  const moved = step ? withStep(place, step) : place;
  return {
    ...stored,
    checkpoint: moved && { ...moved, openGaps: openAfter(moved.openGaps, gaps) },
    counters: counters ?? stored?.counters ?? noCounters,
    lastTransition: transitions[transitions.length - 1] ?? stored?.lastTransition ?? null,
    lastSeenAt: stored?.lastSeenAt ?? null,
    lastEventAt: eventAt ?? stored?.lastEventAt ?? null,
    alertStates: [...states.values()],
  };
}

function withStep(place: DeliveryCheckpoint | null, step: CheckpointStep): DeliveryCheckpoint {
  const positions = Object.assign(
    Object.create(null) as Record<string, Position>,
    step.whole ? null : place?.resume.positions,
    step.positions,
  );
  const { keys } = step;
  const kept = keys?.mode === 'replace' ? [] : (place?.recentKeys ?? []);
  const all = keys === null ? kept : [...kept, ...keys.keys];
  return {
    resume: { positions, token: step.token },
    openGaps: place?.openGaps ?? [],
    recentKeys: keys === null ? all : all.slice(Math.max(0, all.length - keys.size)),
    nextOrdinal: step.nextOrdinal,
    pastEpochs: step.pastEpochs ?? place?.pastEpochs ?? [],
  };
}

function openAfter(open: readonly Gap[], changed: readonly Gap[]): readonly Gap[] {
  const gaps = new Map(open.map((gap) => [gap.id, gap]));
  for (const gap of changed) {
    if (gap.status === 'open') gaps.set(gap.id, gap);
    else gaps.delete(gap.id);
  }
  return [...gaps.values()];
}
