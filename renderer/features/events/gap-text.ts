import type { Gap, GapCause } from '../../../shared/gap';
import { grouped } from '../../ui/format/number';
import { clockMs } from '../../ui/format/time';

const causes: Readonly<Record<GapCause, string>> = {
  missed: 'the numbers jumped',
  retention: 'the server no longer keeps them',
  'epoch-changed': 'the server began a new numbering',
  'no-replay': 'this feed cannot send again',
  'too-large': 'over the size limit',
  'decode-error': 'they could not be decoded',
  'journal-paused': 'the journal was paused',
  'journal-damaged': 'they were stored in a file that was damaged and set aside',
  'not-running': 'Wirewatch was not running',
};

/** The numbers a gap covers: `88 412 – 88 426`. */
export function gapRange({ from, to }: Gap): string {
  if (to === null) return `${grouped(from)} – ?`;
  return from === to ? grouped(from) : `${grouped(from)} – ${grouped(to)}`;
}

/** How many events are missing, why, and what became of it. */
export function gapText(gap: Gap): string {
  const { from, to, status, cause, closedAt } = gap;
  const count =
    to === null ? 'An unknown number of events' : `${grouped(to - from + 1)} ${to === from ? 'event' : 'events'}`;
  const when = closedAt === null ? '' : ` at ${clockMs(closedAt)}`;
  switch (status) {
    case 'open':
      return `${count} missing: ${causes[cause]} · being asked for`;
    case 'filled':
      return `${count} missed: ${causes[cause]} · filled${when}`;
    case 'lost':
      return `${count} lost: ${causes[cause]} · given up${when}`;
  }
}
