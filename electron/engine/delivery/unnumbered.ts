import type { Clock } from '../core/clock';
import type { DecodedEvent, ThingsOfPage } from '../core/protocol';
import type { Random } from '../core/random';
import type { Breaks } from './breaks';
import type { ProtocolFacts } from './contract';
import { CountedIds } from './counted-ids';
import type { DeliveryCounters } from './counters';
import type { RecentKeys } from './dedupe';
import { MissedIds } from './missed-ids';
import type { Notices } from './notices';
import { Overlap } from './overlap';
import type { Oversize } from './oversize';
import type { ResumeProof } from './resume-proof';
import type { Session, Sessions } from './sessions';
import type { Step } from './step';
import { Things } from './things';

export interface UnnumberedContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly facts: ProtocolFacts;
  readonly step: Step;
  readonly counters: DeliveryCounters;
  readonly keys: RecentKeys;
  readonly breaks: Breaks;
  readonly proof: ResumeProof;
  readonly oversize: Oversize;
  readonly sessions: Sessions;
  readonly notices: Notices;
  /** There is a token to resume from. */
  resumable(): boolean;
}

/**
 * Events without numbers. A change is no repeat: inside one push session nothing is dropped by what it says. Only what
 * a resume, an overlap of two sessions or a page of a list explains is dropped, by id and body.
 */
export class Unnumbered {
  private readonly counted: CountedIds;
  private readonly missed: MissedIds;
  private readonly things: Things;
  /** What is polled is a list; null while only its keys, more than one, are known from an earlier run. */
  private isList: boolean | null;
  /** Answers in a row that were no list. */
  private strays = 0;
  /** The newest event, where no place had come before it: the place that follows it may be its own. */
  private placeless: DecodedEvent | null = null;

  constructor(private readonly context: UnnumberedContext) {
    this.counted = new CountedIds(context.keys.ids());
    this.missed = new MissedIds(context.clock, context.random, context.step, context.counters);
    this.isList = context.keys.size > 1 ? null : false;
    this.things = new Things(context);
  }

  /** A session was opened to go on behind a place. */
  resumed(session: Session): void {
    // What every event has in common is no place: nobody can go on behind it.
    const { keys, facts } = this.context;
    if (!facts.uniqueIds && (this.counted.placeless || keys.habits.nameThings)) session.resumedFrom = null;
    if (session.resumedFrom === null) session.askedWithout = this.context.oversize.givenUp;
  }

  /** The server let the session through. */
  answered(session: Session): void {
    session.overlap = new Overlap(this.context.clock.now());
  }

  /** A place to resume from came, with its event, which it follows, or without one. */
  place(session: Session, place: string): void {
    const { keys, clock, facts } = this.context;
    const { placeless } = this;
    this.placeless = null;
    // Only its place tells that a feed has any: from the first event on what comes again is a repeat.
    if (placeless !== null && placeless.id === place) {
      keys.note(keys.keyOf(placeless), session.id, clock.now());
      if (!facts.uniqueIds) this.count(session, place, false);
    }
    this.counted.pass(place);
  }

  /** What came lately is another thing than it was. */
  rewind(): void {
    this.missed.forget();
    this.counted.rewind(this.context.keys.ids().at(-1) ?? null);
  }

  event(session: Session, event: DecodedEvent): void {
    const { facts, step, keys, breaks, proof, clock } = this.context;
    breaks.stream = event.stream;
    if (event.redelivery !== undefined) {
      this.marked(session, event, event.redelivery);
      return;
    }
    if (event.id === null || !(facts.uniqueIds || this.context.resumable())) {
      this.placeless = event;
      step.deliver(event, false);
      return;
    }
    const key = keys.keyOf(event);
    if (session.backlogBehind && !keys.idsAreNames && keys.knows(key)) {
      this.context.counters.repeated++;
      session.repeating = true;
      return;
    }
    const had = keys.has(key, session.id);
    // What a thing says once more is no proof, however few it is known to name.
    if (proof.pending(session.id)) proof.heard(session.id, event.id, had && !keys.idsAreNames);
    if (had && this.explained(session, event, event.id, key)) return;
    session.repeating = false;
    this.overlapEnds(session);
    this.context.oversize.givenUp = null;
    const late = !facts.uniqueIds && this.count(session, event.id, keys.knows(key));
    keys.note(key, session.id, clock.now());
    step.deliver(event, late);
  }

  /** One that the feed itself marks when it sends it once more: nothing has to be concluded from its pace. */
  private marked(
    session: Session,
    event: DecodedEvent,
    { key: mark, again, stored }: NonNullable<DecodedEvent['redelivery']>,
  ) {
    const { step, keys, counters, clock } = this.context;
    const key = keys.keyOfRedelivery(event, mark);
    if (again && (stored === true || keys.knows(key))) {
      counters.repeated++;
      return;
    }
    keys.note(key, session.id, clock.now());
    step.deliver(event, false);
  }

  /** An answer of a poll rung: a list, or one thing as it is now. False where it is none of this feed. */
  page(session: Session, events: readonly DecodedEvent[], list: boolean, things?: ThingsOfPage): boolean {
    const { step, keys, breaks, clock } = this.context;
    if (things !== undefined) {
      this.things.page(session, events, things);
      return true;
    }
    if (!list && this.isList !== false) {
      // An empty list, as some write it.
      if (events.every(({ body }) => body === 'null')) return true;
      if (events.some(({ value }) => isTrouble(value))) return false;
      if (this.isList) this.strays += 1;
      if (this.isList && this.strays <= mostStrays) return false;
    }
    this.strays = 0;
    if (events.length > 0) this.isList = list;
    // It may become a list of some, or a thing that was not there.
    else if (list && !this.isList) this.isList = null;
    const { fresh, compared, overlaps, stillEmpty, rolledOver } = keys.page(events, list, session.id, clock.now());
    breaks.stream = events[0]?.stream ?? breaks.stream;
    if (rolledOver) {
      breaks.bridge();
      breaks.declare('page-rolled-over');
    } else if (compared && list && (overlaps || stillEmpty)) breaks.bridge();
    else breaks.end();
    for (const event of fresh) step.deliver(event, false);
    step.moved = true;
    return true;
  }

  /** The server does not go on where we were: what looked like a replay is new. */
  beganAnew(session: Session): void {
    const { step, keys, counters, facts } = this.context;
    session.overlapOver = true;
    for (const { event, at } of session.overlap?.take() ?? []) {
      counters.repeated--;
      const key = keys.keyOf(event);
      if (event.id !== null && !facts.uniqueIds) this.count(session, event.id, true);
      keys.note(key, session.id, at);
      step.deliver(event, false);
    }
  }

  /**
   * What came before ends here: with its place, with something new, or with its session. It was new, a replay, or nobody
   * can tell, which is said.
   */
  overlapEnds(session: Session, cut = false): void {
    const { clock, proof, breaks } = this.context;
    const verdict = session.overlap?.verdict(clock.now(), cut) ?? 'repeated';
    if (verdict === 'new') {
      const asked = session.resumedFrom ?? session.askedWithout ?? '';
      this.isAnew(session, breaks.stream, asked, session.overlap?.firstId ?? '');
      return;
    }
    if (verdict === 'unclear') proof.doubt(session.id);
    session.overlap?.drop();
  }

  /** Its pace shows that what came before is new. */
  private isAnew(session: Session, stream: string, asked: string, id: string): void {
    const { proof, breaks, notices } = this.context;
    proof.overruled(session.id);
    breaks.declare('epoch-changed');
    notices.diagnose({ kind: 'ids-went-back', stream, from: short(asked), to: short(id) });
    this.beganAnew(session);
    session.repeating = false;
  }

  /** What ids that count events say of what lies between. True where it is one of those that had been missing. */
  private count(session: Session, id: string, known: boolean): boolean {
    const { breaks, notices, sessions, clock } = this.context;
    const { stream } = breaks;
    if (this.fillsMissed(session, id, stream)) return true;
    if (sessions.size > 1) return false;
    const asked = session.overlapOver ? null : session.resumedFrom;
    const said = this.counted.take(id, session.id, asked, known, clock.wall());
    if (this.counted.wentBack) this.missed.forget();
    if (said === null) return false;
    if (said.kind === 'jumped') {
      this.missed.declare(stream, said);
      // What was left out has its gap.
      this.context.proof.overruled(session.id);
      notices.diagnose({ kind: 'did-not-resume', stream, asked: String(said.from - 1), got: id });
    } else {
      breaks.declare('epoch-changed');
      notices.diagnose({ kind: 'ids-went-back', stream, from: String(said.top), to: id });
    }
    return false;
  }

  private fillsMissed(session: Session, id: string, stream: string): boolean {
    if (this.missed.size === 0) return false;
    const number = this.counted.late(id, session.id, session.resumedFrom);
    const filled = number === null ? null : this.missed.fill(number);
    if (number === null || filled === null) return false;
    this.counted.tookLate(number, session.id);
    session.backlogBehind = true;
    // It did resume, behind a live event.
    if (filled.whole) this.context.notices.takeBack('did-not-resume', stream);
    return true;
  }

  /** Whether an event that came before is a repeat: then it is dropped, and counted. */
  private explained(session: Session, event: DecodedEvent, id: string, key: string): boolean {
    const { facts, keys, sessions, counters, clock } = this.context;
    if (!facts.uniqueIds) {
      if (keys.idsAreNames) return false;
      if (sessions.size === 1) {
        const asked = session.resumedFrom ?? session.askedWithout;
        if (asked === null || session.overlapOver) return false;
        const last = id === asked;
        // With another body it is no place but the name of a thing.
        if (last && key !== session.lastKey) {
          session.overlapOver = true;
          return false;
        }
        session.overlap ??= new Overlap(clock.now());
        counters.repeated++;
        session.repeating = true;
        if (session.overlap.isNew(event, clock.now(), keys.cameAt(key), keys.alike(key))) {
          this.isAnew(session, event.stream, asked, id);
        } else if (last) {
          // The place asked for: behind it everything is new.
          session.overlapOver = true;
          this.overlapEnds(session);
        }
        return true;
      }
    }
    counters.repeated++;
    session.repeating = true;
    return true;
  }
}

/** After so many answers in a row that are no list, and do not speak of trouble, the feed has become another. */
const mostStrays = 20;

/** Whether an answer says that something went wrong. */
function isTrouble(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && Object.keys(value).some((name) => /^(errors?|fault)$/i.test(name))
  );
}

/** As much of an id as is said in a sentence. */
function short(id: string): string {
  return id.length > 64 ? `${id.slice(0, 64)}…` : id;
}
