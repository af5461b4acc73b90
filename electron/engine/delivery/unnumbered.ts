import type { DecodedEvent } from '../core/protocol';
import type { Breaks } from './breaks';
import type { ProtocolFacts } from './contract';
import type { RecentKeys } from './dedupe';
import type { ResumeProof } from './resume-proof';
import type { Session, Sessions } from './sessions';
import type { Step } from './step';

export interface UnnumberedContext {
  readonly facts: ProtocolFacts;
  readonly step: Step;
  readonly counters: { repeated: number };
  readonly keys: RecentKeys;
  readonly breaks: Breaks;
  readonly proof: ResumeProof;
  readonly sessions: Sessions;
  /** There is a token to resume from. */
  resumable(): boolean;
}

/**
 * Events without numbers. A change is no repeat: inside one push session nothing is dropped by what it says. Only what
 * a resume, an overlap of two sessions or a page of a list explains is dropped, by id and body.
 */
export class Unnumbered {
  constructor(private readonly context: UnnumberedContext) {}

  event(session: Session, event: DecodedEvent): void {
    const { facts, step, counters, keys, breaks, proof } = this.context;
    breaks.stream = event.stream;
    if (event.id === null || !(facts.uniqueIds || this.context.resumable())) {
      step.deliver(event, false);
      return;
    }
    const key = keys.keyOf(event);
    const had = keys.has(key, session.id);
    if (proof.pending(session.id)) proof.heard(session.id, event.id, had);
    if (had && this.explained(session, event.id, key)) {
      counters.repeated++;
      session.repeating = true;
      return;
    }
    session.repeating = false;
    keys.note(key, session.id);
    step.deliver(event, false);
  }

  /** An answer of a poll rung: a list, or one thing as it is now. */
  page(session: Session, events: readonly DecodedEvent[], list: boolean): void {
    const { step, keys, breaks } = this.context;
    const { fresh, compared, overlaps, rolledOver } = keys.page(events, list, session.id);
    breaks.stream = events[0]?.stream ?? breaks.stream;
    if (rolledOver) {
      breaks.bridge();
      breaks.declare('page-rolled-over');
    } else if (compared && list && (overlaps || events.length === 0)) breaks.bridge();
    else breaks.end();
    for (const event of fresh) step.deliver(event, false);
    step.moved = true;
  }

  private explained(session: Session, id: string, key: string): boolean {
    const { facts, keys, sessions } = this.context;
    if (facts.uniqueIds) return true;
    if (keys.idsAreNames) return false;
    if (sessions.size > 1) return true;
    if (session.resumedFrom === null || session.overlapOver) return false;
    if (id !== session.resumedFrom) return true;
    // The place asked for: behind it everything is new. With another body it is no place but the name of a thing.
    session.overlapOver = true;
    return key === session.lastKey;
  }
}
