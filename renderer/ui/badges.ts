import type { Badge } from '../../shared/connection';
import type { StateSpan } from '../../shared/meters';
import type { SourceView } from '../../shared/view';

/** What a colour means; one meaning each. */
export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'idle';

export interface BadgeLook {
  /** The word on the pill. */
  readonly word: string;
  /** After a count, in the header. */
  readonly summary: string;
  readonly tone: Tone;
  /** Asks for a look: its card gets a coloured border. */
  readonly trouble: boolean;
}

/** How every state is worded and coloured, in the order in which they are shown: trouble first. */
export const badgeLooks: Readonly<Record<Badge, BadgeLook>> = {
  stopped: { word: 'Stopped', summary: 'needs you', tone: 'bad', trouble: true },
  waiting: { word: 'Waiting', summary: 'waiting', tone: 'warn', trouble: true },
  stale: { word: 'Stale', summary: 'stale', tone: 'warn', trouble: true },
  throttled: { word: 'Throttled', summary: 'throttled', tone: 'warn', trouble: true },
  degraded: { word: 'Degraded', summary: 'degraded', tone: 'warn', trouble: true },
  silent: { word: 'Open, silent', summary: 'open, silent', tone: 'info', trouble: false },
  connecting: { word: 'Connecting', summary: 'connecting', tone: 'info', trouble: false },
  'catching-up': { word: 'Catching up', summary: 'catching up', tone: 'info', trouble: false },
  offline: { word: 'Offline', summary: 'offline', tone: 'idle', trouble: false },
  quiet: { word: 'Quiet', summary: 'quiet', tone: 'idle', trouble: false },
  live: { word: 'Live', summary: 'live', tone: 'ok', trouble: false },
  recording: { word: 'Recording', summary: 'playing a recording', tone: 'info', trouble: false },
  paused: { word: 'Paused', summary: 'paused', tone: 'idle', trouble: false },
};

const orderedBadges = Object.keys(badgeLooks) as readonly Badge[];

/** All badges, trouble first. */
export function badgesByTrouble(): readonly Badge[] {
  return orderedBadges;
}

/**
 * The state a source is in trouble with. One that tries again is as much in trouble as while it waits to: it would
 * leave its place and come back with every attempt.
 */
function troubleBadge({ badge, state }: Pick<SourceView, 'badge' | 'state'>): Badge {
  return state.kind === 'connecting' && state.attempt > 1 ? 'waiting' : badge;
}

/** Place in the order of trouble: 0 needs a person. */
export function troubleRank(view: Pick<SourceView, 'badge' | 'state'>): number {
  return orderedBadges.indexOf(troubleBadge(view));
}

/** Colour of a source in trouble; undefined where there is none. */
export function troubleTone(view: Pick<SourceView, 'badge' | 'state'>): Tone | undefined {
  const { trouble, tone } = badgeLooks[troubleBadge(view)];
  return trouble ? tone : undefined;
}

/** Colour of a span of the state ribbon. What is nobody's failure is no trouble. */
export function spanTone({ state, excused }: Pick<StateSpan, 'state' | 'excused'>): Tone {
  if (excused) return state === 'connecting' ? 'info' : 'idle';
  switch (state) {
    case 'live':
      return 'ok';
    case 'degraded':
      return 'warn';
    case 'catching-up':
    case 'silent':
      return 'info';
    case 'connecting':
    case 'waiting':
    case 'stopped':
      return 'bad';
    case 'offline':
    case 'paused':
    case 'not-running':
      return 'idle';
  }
}

/** The word for a span of the state ribbon. */
export function spanWord(state: StateSpan['state']): string {
  return state === 'not-running' ? 'Not running' : badgeLooks[state].word;
}
