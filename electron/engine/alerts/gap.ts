import type { Gap, GapCause } from '../../../shared/gap';
import type { RuleCourse } from './course';
import type { AlertLimits } from './limits';
import type { RuleWatch } from './watch';

/** Lost gaps remembered, so that one told again is not counted again. */
const remembered = 256;

/** Watches for events that are lost for good. Time in which this application did not run is not the feed's loss. */
export function watchGap(course: RuleCourse, { gapQuietMs }: AlertLimits): RuleWatch {
  const counted = new Set<string>();

  return {
    course,
    gaps(gaps, wall) {
      for (const gap of gaps) {
        if (gap.status !== 'lost' || gap.cause === 'not-running' || counted.has(gap.id)) continue;
        counted.add(gap.id);
        if (counted.size > remembered) for (const oldest of counted) if (counted.delete(oldest)) break;
        course.lastAt = wall;
        if (course.active) course.again();
        else course.raise(wall, `gap-${gap.id}`, null, () => textOf(gap));
      }
    },
    tick({ wall }) {
      if (!course.active || course.lastAt === null) return;
      if (wall < course.lastAt) {
        course.lastAt = wall;
        course.touch();
      } else if (wall - course.lastAt >= gapQuietMs) course.end(course.lastAt + gapQuietMs);
    },
  };
}

function textOf({ stream, epoch, from, to, cause }: Gap): string {
  if (epoch === '' && cause !== 'not-resumed')
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
  'not-running': 'this application did not run',
  'page-rolled-over': 'the list moved on further than one page between two polls',
};
