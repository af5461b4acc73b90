import type { AlertCondition } from '../../../shared/alert';
import { type Gap, type GapCause, isOfUnknownSize } from '../../../shared/gap';
import type { RuleCourse } from './course';
import type { AlertLimits } from './limits';
import type { RuleWatch } from './watch';

/** Lost gaps remembered, so that one told again is not counted again. */
const remembered = 256;

/**
 * Watches for events that are lost for good, and where it is asked to for resumes that nothing proves. Time in which this
 * application did not run is not the feed's loss.
 */
export function watchGap(
  course: RuleCourse,
  condition: Extract<AlertCondition, { readonly kind: 'gap' }>,
  { gapQuietMs }: AlertLimits,
): RuleWatch {
  const counted = new Set<string>();
  /** Unproven resumes that were told, or came before the rule; null before the first second. */
  let told: number | null = null;

  function lost(wall: number, cause: string, text: () => string): void {
    course.lastAt = wall;
    if (course.active) course.again();
    else course.raise(wall, cause, null, text);
  }

  return {
    course,
    gaps(gaps, wall) {
      for (const gap of gaps) {
        if (gap.status !== 'lost' || gap.cause === 'not-running' || counted.has(gap.id)) continue;
        counted.add(gap.id);
        if (counted.size > remembered) for (const oldest of counted) if (counted.delete(oldest)) break;
        lost(wall, `gap-${gap.id}`, () => textOf(gap));
      }
    },
    tick({ wall, unproven }) {
      const before = told ?? unproven;
      // One that is proven later is taken back: the next one is new again.
      told = unproven;
      if (condition.unproven === true && unproven > before) lost(wall, `unproven-${wall}`, () => unprovenText);
      if (!course.active || course.lastAt === null) return;
      if (wall < course.lastAt) {
        course.lastAt = wall;
        course.touch();
      } else if (wall - course.lastAt >= gapQuietMs) course.end(course.lastAt + gapQuietMs);
    },
  };
}

const unprovenText =
  'The feed was cut, and nothing shows whether it went on where it was asked to: events may be lost.';

function textOf(gap: Gap): string {
  const { stream, from, to, cause } = gap;
  if (isOfUnknownSize(gap))
    return `An unknown number of events${stream === '' ? '' : ` of ${stream}`} is lost: ${causes[cause]}.`;
  const which = to === null ? `Events from ${from} on` : to === from ? `Event ${from}` : `Events ${from} to ${to}`;
  return `${which} of ${stream} ${to === from ? 'is' : 'are'} lost: ${causes[cause]}.`;
}

const causes: Readonly<Record<GapCause, string>> = {
  missed: 'they never came',
  retention: 'the server no longer has them',
  'epoch-changed': 'the server began its numbering anew',
  'no-replay': 'the server cannot be asked again',
  'not-resumed': 'the server did not resume where it was asked to',
  'too-large': 'it is larger than can be taken',
  'decode-error': 'it cannot be read',
  'journal-paused': 'they came while nothing could be stored',
  'journal-damaged': 'they were in a journal file that was damaged and set aside',
  'not-running': 'this application did not run, or could not store them',
  'page-rolled-over': 'the list moved on further than one page between two polls',
};
