import type { ResumePoint } from '../../../shared/position';
import type { DeliveryCheckpoint } from '../core/delivery';
import type { Attachment, DecodedEvent, Message, ThingsOfPage } from '../core/protocol';
import type {
  CannotResume,
  Replayed,
  Sequencer,
  SequencerDeps,
  SequencerSink,
  SessionEnd,
  SessionOpening,
  Undecodable,
} from './contract';
import { Emission } from './emission';
import { composeParts, type Parts } from './parts';
import { Unreadable } from './reorder-window';
import type { NewestPlace } from './resume-proof';
import type { CatchingUp, Session } from './sessions';
import type { StreamSequencer } from './stream-sequencer';
import type { Barrier } from './tokens';

export type * from './contract';

export function createSequencer(deps: SequencerDeps, sink: SequencerSink): Sequencer {
  return new SourceSequencer(deps, sink);
}

class SourceSequencer implements Sequencer {
  private readonly parts: Parts;
  private readonly emission: Emission;
  private lastSession: Session | null = null;

  constructor(deps: SequencerDeps, sink: SequencerSink) {
    this.parts = composeParts(deps, sink, {
      flush: () => this.flush(),
      event: (session, event) => this.event(session, event),
      undecodable: (session, message) => this.undecodable(session, message),
      contradicted: (session, newest) => this.contradicted(session, newest),
    });
    this.emission = new Emission(this.parts, sink, deps.clock);
  }

  get counters(): Sequencer['counters'] {
    return this.parts.counters;
  }

  get resumeUnproven(): Sequencer['resumeUnproven'] {
    return this.parts.proof.unproven;
  }

  sessionOpened(id: number, opening?: SessionOpening): void {
    const { sessions, streams, keys, proof, unnumbered, facts } = this.parts;
    const session = sessions.get(id);
    streams.noteCursors(session.asked);
    if (opening === undefined) return;
    session.polls = opening.polls;
    session.resumedFrom = opening.resumedFrom;
    session.lastKey = keys.last;
    unnumbered.resumed(session);
    if (session.resumedFrom === null || facts.opaquePlaces === true) return;
    proof.opened(id, session.resumedFrom, sessions.size === 1);
  }

  answered(id: number, place: string | null): void {
    const { facts, breaks, proof } = this.parts;
    const session = this.sessionOf(id);
    // A page shows by what is on it where it goes on.
    if (facts.numbering === 'contiguous' || (session.polls && !facts.resumable)) return;
    if (session.resumedFrom === null) breaks.end();
    else breaks.bridge();
    if (session.polls) return;
    this.parts.unnumbered.answered(session);
    proof.answered(id, place);
  }

  streams(id: number): void {
    const session = this.sessionOf(id);
    if (!session.polls) return;
    session.polls = false;
    this.answered(id, null);
    this.flush();
  }

  sessionEnded(id: number, how: SessionEnd = 'broken'): void {
    const { facts, sessions, streams, adoption, repairs, breaks, proof, unnumbered } = this.parts;
    this.lastSession = null;
    const { heard } = sessions.get(id);
    unnumbered.overlapEnds(sessions.get(id), true);
    sessions.end(id);
    adoption.forgetSession(id);
    proof.ended(id);
    const remaining = sessions.oldest();
    if (remaining === null) {
      repairs.cancel(null);
      for (const stream of streams.all.values()) stream.orphaned();
      const breaksOff = heard && how !== 'whole' && facts.numbering !== 'contiguous';
      if (breaksOff) breaks.begin('no-replay', how === 'refused');
    } else if (id < remaining.id && remaining.token !== null) {
      this.offerToken(remaining.token);
      remaining.token = null;
    }
  }

  attached(sessionId: number, attachment: Attachment): void {
    const { streams, sessions, adoption, repairs, step, counters } = this.parts;
    const session = this.sessionOf(sessionId);
    const stream = streams.of(attachment.stream);
    if (stream === null) return;
    const refusal = adoption.takeRefusal(sessionId, stream.name);
    if (stream.epoch === null) {
      stream.begin(attachment.epoch, attachment.from);
      step.moved = true;
    } else if (stream.epoch !== attachment.epoch) {
      if (sessionId < sessions.newestAttached(stream.name)) {
        // A late answer of a session that is being replaced says nothing about now.
        counters.otherEpoch++;
        return;
      }
      adoption.adopt(stream, attachment);
      session.reattachAsked = false;
    } else if (refusal !== null && adoption.turnedBack(stream, attachment, refusal)) {
      adoption.restart(stream, attachment.epoch, attachment.from);
    } else if (refusal === null && adoption.fellBack(session, attachment)) {
      adoption.restart(stream, attachment.epoch, Math.min(attachment.from, attachment.head ?? attachment.from));
    }
    sessions.promise(session, attachment, repairs.isBusy(stream) ? null : stream.repairsAsked);
    // A poll session asks again when it has this answer.
    if (session.polls) session.asked.set(stream.name, { epoch: stream.epoch, cursor: stream.cursor });
    if (refusal !== null) adoption.apply(stream, refusal, attachment.from);
    stream.resumed();
    stream.skipTo(attachment.from);
    repairs.want(stream);
  }

  event(sessionId: number, event: DecodedEvent): void {
    const { facts, streams, step, bodies, limits } = this.parts;
    const session = this.lastSession?.id === sessionId ? this.lastSession : this.sessionOf(sessionId);
    const position = event.position;
    if (position === null || facts.numbering === 'none') this.parts.unnumbered.event(session, event);
    else {
      const { last } = streams;
      const stream = last !== null && last.name === event.stream ? last : streams.of(event.stream);
      if (stream === null) step.deliver(event, false);
      else if (stream.quick && position.seq === stream.cursor + 1 && position.epoch === stream.epoch) {
        stream.cursor = position.seq;
        bodies.note(stream, position.seq, event);
        step.deliver(event, false);
      } else this.numbered(session, stream, event, position.epoch, position.seq);
    }
    if (step.events.length >= limits.stepEvents) this.flush();
  }

  page(sessionId: number, events: readonly DecodedEvent[], list: boolean, things?: ThingsOfPage): boolean {
    const session = this.sessionOf(sessionId);
    const taken = this.parts.unnumbered.page(session, events, list, things);
    if (this.parts.step.events.length >= this.parts.limits.stepEvents) this.flush();
    return taken;
  }

  cannotResume(sessionId: number, refusal: CannotResume): void {
    this.sessionOf(sessionId);
    if (refusal.requested === null && this.parts.facts.numbering !== 'contiguous') {
      // A place without a number: what is missing has no size.
      this.parts.breaks.declare(refusal.cause);
      return;
    }
    const stream = this.parts.streams.of(refusal.stream);
    if (stream === null) return;
    stream.quick = false;
    this.parts.adoption.refuse(sessionId, refusal);
  }

  heartbeat(sessionId: number, name: string | null, epoch: string | null, head: number | null): void {
    this.sessionOf(sessionId);
    if (epoch === null || head === null) return;
    const stream = this.parts.streams.named(name);
    if (stream === null || stream.epoch === null) return;
    if (stream.epoch === epoch) stream.claim(head);
    else this.otherEpoch(sessionId, stream, epoch);
  }

  token(sessionId: number, token: string): void {
    const session = this.sessionOf(sessionId);
    // What comes again does not take us back to where it came first. A poll would be answered with it for ever.
    if (session.repeating && !session.polls) return;
    this.parts.unnumbered.place(session, token);
    // While two sessions are open the older one's place counts: the newer one is still behind it.
    if (this.parts.sessions.oldest() === session) this.offerToken(token);
    else session.token = token;
  }

  cursorRefused(sessionId: number): void {
    const { tokens, step, proof, breaks, facts } = this.parts;
    const session = this.sessionOf(sessionId);
    if (tokens.current === null) return;
    tokens.rewind(null);
    step.moved = true;
    // From here on it is a session that asked for no place.
    session.resumedFrom = null;
    proof.ended(sessionId);
    // Numbered streams find what is missing by their numbers.
    if (facts.numbering === 'none' && !breaks.end()) breaks.declare('no-replay');
    this.flush();
  }

  undecodable(sessionId: number, what: Undecodable): void {
    const { counters, streams, repairs } = this.parts;
    this.sessionOf(sessionId);
    counters.undecodable++;
    const stream = streams.named(what.stream);
    if (what.position === null || stream === null) repairs.noteUndecodable(stream?.name ?? what.stream);
    else if (what.position.epoch === stream.epoch) {
      stream.unreadable(what.position.seq, new Unreadable('decode-error'));
    }
  }

  tooLarge(sessionId: number, name: string | null, passed = false): void {
    this.parts.oversize.ended(this.sessionOf(sessionId), name, passed);
  }

  replayed(sessionId: number, answer: Replayed): void {
    this.sessionOf(sessionId);
    this.parts.answers.finish(answer.ref, answer.epoch, answer.missing, answer.oldest);
  }

  repairAnswer(ref: string, messages: readonly Message[]): void {
    this.parts.answers.whole(ref, messages);
  }

  repairFailed(ref: string, retryable: boolean, cause: 'no-replay' | 'too-large' = 'no-replay'): void {
    this.parts.answers.failed(ref, retryable, cause);
    this.flush();
  }

  looked(sessionId: number, newest: NewestPlace | null): void {
    this.parts.proof.looked(sessionId, newest);
    this.flush();
  }

  reopenSince(stored: DeliveryCheckpoint | null): void {
    const { facts, streams, checkpoints, step, tokens, keys, notices, breaks, epochs } = this.parts;
    checkpoints.startOver();
    step.drop();
    step.moved = true;
    const since = stored?.nextOrdinal ?? 1;
    const told = step.nextOrdinal > since || breaks.toldSince(since);
    step.nextOrdinal = Math.max(step.nextOrdinal, since);
    streams.reopen(stored, epochs);
    if (facts.numbering !== 'contiguous') {
      tokens.rewind(stored?.resume.token ?? null);
      keys.rewind(stored?.recentKeys ?? []);
      this.parts.unnumbered.rewind();
      // Without a place to go back to a session that is cut would only miss more.
      const place = tokens.current !== null || facts.numbering !== 'none';
      if (facts.resumable && place) notices.reattach({ kind: 'journal-paused' });
      else if (told) breaks.declare('journal-paused');
    }
    this.flush();
  }

  flush(): void {
    this.emission.flush();
  }

  resumePoint(): ResumePoint {
    const { streams, checkpoints } = this.parts;
    if (streams.last !== null) checkpoints.touch(streams.last);
    return checkpoints.resume;
  }

  catchingUp(): CatchingUp | null {
    return this.parts.sessions.catchingUp(this.parts.streams.all);
  }

  close(): void {
    this.emission.close();
    this.parts.repairs.cancel(null);
    this.parts.waits.close();
    this.parts.proof.close();
    this.parts.notices.drop();
  }

  private sessionOf(id: number): Session {
    const session = this.parts.sessions.get(id);
    session.heard = true;
    this.lastSession = session;
    return session;
  }

  private numbered(session: Session, stream: StreamSequencer, event: DecodedEvent, epoch: string, seq: number): void {
    const { facts, adoption, bodies, proof } = this.parts;
    if (stream.epoch === null && (!facts.resumable || facts.numbering !== 'contiguous')) {
      // Such a feed sends no attach answers worth waiting for: its first event is where we begin.
      stream.begin(epoch, seq - 1);
    }
    if (stream.epoch !== null && stream.epoch !== epoch) {
      this.otherEpoch(session.id, stream, epoch);
      return;
    }
    if (stream.epoch !== null) {
      // A feed may refuse a resume and go on without an attach answer.
      const refusal = adoption.takeRefusal(session.id, stream.name);
      if (refusal !== null) adoption.apply(stream, refusal, seq - 1);
    }
    // A feed with numbers tells a replay from a new beginning by them.
    if (event.id !== null && proof.pending(session.id)) proof.heard(session.id, event.id, true);
    if (adoption.renumbered(session, stream, event, seq)) adoption.restart(stream, epoch, seq - 1);
    if (seq > stream.cursor) bodies.note(stream, seq, event);
    stream.accept(seq, event);
  }

  private otherEpoch(session: number, stream: StreamSequencer, got: string): void {
    this.parts.counters.otherEpoch++;
    this.parts.notices.otherEpoch(session, stream, got);
  }

  /** The server never had the place we asked for. `newest`: what a look found; null when it goes on from elsewhere by itself. */
  private contradicted(id: number, newest: NewestPlace | null): void {
    const { sessions, streams, tokens, breaks, adoption, step, notices, unnumbered } = this.parts;
    breaks.declare('no-replay');
    unnumbered.beganAnew(sessions.get(id));
    if (newest === null) return;
    tokens.rewind(null);
    step.moved = true;
    const { position } = newest;
    for (const stream of streams.all.values()) {
      if (position !== null && stream.epoch === position.epoch) adoption.restart(stream, position.epoch, position.seq);
    }
    notices.reattach({ kind: 'resume-unknown' });
    this.flush();
  }

  private offerToken(token: string): void {
    const { tokens, unsettled, step } = this.parts;
    const barriers: Barrier[] = [];
    for (const stream of unsettled) {
      const { frontier, epoch } = stream;
      barriers.push({
        settled: () => stream.epoch !== null && (stream.epoch !== epoch || stream.cursor >= frontier),
      });
    }
    if (tokens.offer(token, barriers)) step.moved = true;
  }
}
