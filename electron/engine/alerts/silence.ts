import type { AlertCondition } from '../../../shared/alert';
import { clock, zone } from '../../../shared/time-text';
import type { RuleCourse } from './course';
import type { AlertLimits } from './limits';
import type { RuleWatch } from './watch';

/** A tick that comes later than this was held up by something of ours, ms: no more of it counts. */
const mostOfATickMs = 2_000;
const silent = 'No event for three times as long as events usually take.';
const openAndSilent =
  'Open and silent: nothing that was expected has come. What usually helps: a message on open that subscribes, a subprotocol, or a credential.';
/** No rung takes longer to find out that nothing comes, ms. */
const longestSilenceMs = 120_000;

/**
 * Watches for a source that is not live. Counted is only time in which it could have been: not our sleep, a lost network,
 * a pause, nor the moments after them. It begins with the last sign of life.
 */
export function watchDown(
  course: RuleCourse,
  condition: Extract<AlertCondition, { kind: 'down' }>,
  { graceMs }: AlertLimits,
): RuleWatch {
  let counting = false;
  /** Below zero in a time of grace. */
  let downMs = -graceMs;
  let lookedAt = 0;
  let why = '';
  let downSince: number | null = null;

  return {
    course,
    transition({ from, to, text, at, since }, now, lastByteAt) {
      why = text;
      downSince = since ?? null;
      switch (to.kind) {
        case 'live':
          counting = false;
          downMs = 0;
          course.end(at);
          return;
        case 'idle':
          counting = false;
          downMs = -graceMs;
          if (to.cause === 'paused') course.end(at);
          return;
        case 'offline':
          counting = false;
          downMs = -graceMs;
          return;
        case 'connecting':
        case 'waiting':
        case 'stopped':
          if (counting) return;
          counting = true;
          lookedAt = now;
          if (from.kind === 'live' && lastByteAt !== null)
            downMs = Math.min(Math.max(0, at - lastByteAt), longestSilenceMs);
          return;
        case 'closed':
          counting = false;
      }
    },
    tick({ now, wall }) {
      if (!counting) return;
      downMs += Math.min(now - lookedAt, mostOfATickMs);
      lookedAt = now;
      if (course.active || downMs < condition.seconds * 1000) return;
      const held = condition.seconds > 0 ? `Not live for ${condition.seconds} s` : 'Not live';
      const began = downSince === null ? '' : `, down since ${clock(downSince)} ${zone(downSince)}`;
      course.raise(wall, `down-${Math.round(wall)}`, null, () => `${held}${began}: ${why}`);
    },
  };
}

/** Watches for silence of a live source; an event ends it, or a pause. */
export function watchStale(course: RuleCourse): RuleWatch {
  return {
    course,
    heard: (wall) => course.end(wall),
    transition({ to, at }) {
      if (to.kind === 'idle' && to.cause === 'paused') course.end(at);
    },
    tick({ stale, openSilent, wall }) {
      if (!(stale || openSilent) || course.active) return;
      course.raise(wall, `stale-${Math.round(wall)}`, null, () => (stale ? silent : openAndSilent));
    },
  };
}
