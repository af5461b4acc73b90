import type { ResumePoint } from '../../../shared/position';
import type { RungConfig } from '../../../shared/source';
import type { Protocol } from '../core/protocol';
import type { SessionOpening } from '../delivery/sequencer';

/** What the sequencer must know of a session that asks to resume from `resume`. */
export function openingOf(protocol: Protocol, rung: RungConfig, resume: ResumePoint): SessionOpening {
  const polls = rung.transport === 'poll' || rung.transport === 'long-poll';
  // A feed of several transports carries its place only where the request has room for one.
  const carries = protocol.resumable || rung.transport === 'sse';
  return { polls, resumedFrom: carries && resume.token !== null ? (protocol.placeOf?.(resume.token) ?? null) : null };
}

/** Where an answer says that it resumes. */
export function placeIn(headers: readonly (readonly [string, string])[]): string | null {
  return headers.find(([name]) => name.toLowerCase() === 'last-event-id')?.[1] ?? null;
}
