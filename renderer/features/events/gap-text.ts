import type { Gap, GapCause } from '../../../shared/gap';
import type { Numbering } from '../../../shared/source';
import { grouped } from '../../ui/format/number';
import { clockMs } from '../../ui/format/time';

const causes: Readonly<Record<GapCause, string>> = {
  missed: 'the numbers jumped',
  retention: 'the server no longer keeps them',
  'epoch-changed': 'the server began a new numbering',
  'no-replay': 'this feed cannot send again',
  'not-resumed': 'the server did not resume where it was asked to',
  'too-large': 'over the size limit',
  'decode-error': 'they could not be decoded',
  'journal-paused': 'the journal was paused',
  'journal-damaged': 'they were stored in a file that was damaged and set aside',
  // After a kill on a full disk nothing tells the one from the other.
  'not-running': 'Wirewatch was not running, or could not store them',
  'page-rolled-over': 'the list moved on by more than a page between two polls',
};

/** What a cause looks like once the events have come all the same. */
const filledCauses: Readonly<Partial<Record<GapCause, string>>> = {
  'epoch-changed': 'the server went to another numbering and came back',
  'not-resumed': 'the server sent newer ones first',
};

/** The numbers a gap covers: `88 412 – 88 426`; nothing where the feed has none. */
export function gapRange({ from, to, cause }: Gap, numbering: Numbering): string {
  if (numbering === 'none' && (cause !== 'not-resumed' || to === null)) return '';
  if (to === null) return `${grouped(from)} – ?`;
  return from === to ? grouped(from) : `${grouped(from)} – ${grouped(to)}`;
}

/** Causes that are about single events, whatever their numbers mean. */
const ofEach: readonly GapCause[] = ['too-large', 'decode-error'];

/** How many events a gap stands for; null where the numbers do not say it. */
function countOf({ from, to, cause }: Gap, numbering: Numbering): number | null {
  if (to === null) return null;
  // Its ids were seen to count its events.
  if (numbering !== 'contiguous' && cause !== 'not-resumed') return to === from && ofEach.includes(cause) ? 1 : null;
  return to - from + 1;
}

/** How many events are missing, why, and what became of it. Only numbers that are contiguous count events. */
export function gapText(gap: Gap, numbering: Numbering): string {
  const { status, cause, closedAt } = gap;
  const known = countOf(gap, numbering);
  const count =
    known === null ? 'An unknown number of events' : `${grouped(known)} ${known === 1 ? 'event' : 'events'}`;
  const when = closedAt === null ? '' : ` at ${clockMs(closedAt)}`;
  switch (status) {
    case 'open':
      return `${count} missing: ${causes[cause]} · being asked for`;
    case 'filled':
      // The end of a numbering that goes on where it was left.
      if (gap.to === null) return `No event missed after all: ${filledCauses[cause] ?? causes[cause]} · closed${when}`;
      return `${count} missed: ${filledCauses[cause] ?? causes[cause]} · filled${when}`;
    case 'lost':
      return `${count} lost: ${causes[cause]} · given up${when}`;
  }
}
