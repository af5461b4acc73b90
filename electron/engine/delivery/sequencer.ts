import type { ResumePoint } from '../../../shared/position';
import type { Clock, Timer } from '../core/clock';
import type { DeliveryCheckpoint } from '../core/delivery';
import type { Attachment, DecodedEvent, Message } from '../core/protocol';
import { Adoption } from './adoption';
import { CheckpointBuilder } from './checkpoint';
import type {
  CannotResume,
  ProtocolFacts,
  Replayed,
  Sequencer,
  SequencerDeps,
  SequencerSink,
  Undecodable,
} from './contract';
import { emptyCounters } from './counters';
import { RecentKeys } from './dedupe';
import { EpochMemory } from './epochs';
import { type SequencerLimits, sequencerLimits } from './limits';
import { Notices } from './notices';
import { Unreadable } from './reorder-window';
import { Repairs } from './repair';
import { RepairAnswers } from './repair-answers';
import { type CatchingUp, type Session, Sessions } from './sessions';
import { Step } from './step';
import { type StreamContext, StreamSequencer } from './stream-sequencer';
import { type Barrier, Tokens } from './tokens';

export type * from './contract';

export function createSequencer(deps: SequencerDeps, sink: SequencerSink): Sequencer {
  return new SourceSequencer(deps, sink);
}

class SourceSequencer implements Sequencer {
  readonly counters = emptyCounters();
  private readonly limits: SequencerLimits;
  private readonly facts: ProtocolFacts;
  private readonly clock: Clock;
  private readonly streams = new Map<string, StreamSequencer>();
  private readonly sessions = new Sessions();
  private readonly step: Step;
  private readonly keys: RecentKeys;
  private readonly tokens: Tokens;
  private readonly checkpoints: CheckpointBuilder;
  private readonly notices: Notices;
  private readonly repairs: Repairs;
  private readonly answers: RepairAnswers;
  private readonly adoption: Adoption;
  private readonly context: StreamContext;
  /** The stream of the last event: feeds bring runs of one stream. */
  private last: StreamSequencer | null = null;
  private lastSession: Session | null = null;
  private flushing = false;
  private again: Timer | null = null;
  private closed = false;

  constructor(
    deps: SequencerDeps,
    private readonly sink: SequencerSink,
  ) {
    const { clock, random, facts, restored } = deps;
    const contiguous = facts.numbering === 'contiguous';
    this.facts = facts;
    this.clock = clock;
    this.limits = { ...sequencerLimits, ...deps.limits };
    this.step = new Step(this.counters, restored?.nextOrdinal ?? 1);
    this.keys = new RecentKeys(facts.uniqueIds, this.limits.recentKeys, restored?.recentKeys ?? []);
    this.tokens = new Tokens(restored?.resume.token ?? null);
    const epochs = new EpochMemory(this.limits.pastEpochs, restored?.pastEpochs ?? []);
    this.checkpoints = new CheckpointBuilder(this.streams, this.tokens, this.keys, epochs);
    this.notices = new Notices(sink, clock, this.sessions, this.limits.epochReturnMs);
    this.repairs = new Repairs(clock, random, this.limits, {
      ask: (request) => {
        this.counters.repairs++;
        sink.onRepair(request);
      },
      ended: (ref) => this.notices.repairEnded(ref),
      wake: () => this.flush(),
      reachable: () => this.sessions.anyHeard,
    });
    this.answers = new RepairAnswers({
      repairs: this.repairs,
      sessions: this.sessions,
      notices: this.notices,
      limits: this.limits,
      counters: this.counters,
      event: (session, event) => this.event(session, event),
      undecodable: (session, message) => this.undecodable(session, message),
    });
    this.adoption = new Adoption({
      clock,
      limits: this.limits,
      repairs: this.repairs,
      notices: this.notices,
      epochs,
      fetchable: contiguous && facts.resumable,
    });
    this.context = {
      contiguous,
      resumable: facts.resumable,
      clock,
      random,
      limits: this.limits,
      counters: this.counters,
      step: this.step,
      sessions: () => this.sessions.size,
      wants: (stream) => this.repairs.want(stream),
      wake: () => this.flush(),
      touched: (stream) => this.checkpoints.touch(stream),
    };
    if (restored !== null) this.restore(restored);
  }

  sessionOpened(session: number): void {
    this.sessions.get(session);
  }

  sessionEnded(session: number): void {
    this.lastSession = null;
    this.sessions.end(session);
    this.adoption.forgetSession(session);
    const remaining = this.sessions.oldest();
    if (remaining === null) {
      this.repairs.cancel(null);
      for (const stream of this.streams.values()) stream.orphaned();
    } else if (session < remaining.id && remaining.token !== null) {
      this.offerToken(remaining.token);
      remaining.token = null;
    }
  }

  attached(sessionId: number, attachment: Attachment): void {
    const session = this.sessionOf(sessionId);
    const stream = this.streamOf(attachment.stream);
    if (stream === null) return;
    const refusal = this.adoption.takeRefusal(sessionId, stream.name);
    if (stream.epoch === null) {
      stream.begin(attachment.epoch, attachment.from);
      this.step.moved = true;
    } else if (stream.epoch !== attachment.epoch) {
      if (sessionId < this.sessions.newestAttached(stream.name)) {
        // A late answer of a session that is being replaced says nothing about now.
        this.counters.otherEpoch++;
        return;
      }
      this.adoption.adopt(stream, attachment);
      session.reattachAsked = false;
    } else if (refusal !== null && this.adoption.turnedBack(stream, attachment, refusal)) {
      this.adoption.restart(stream, attachment);
    }
    this.sessions.promise(session, attachment);
    if (refusal !== null) this.adoption.apply(stream, refusal, attachment.from);
    stream.resumed();
    stream.skipTo(attachment.from);
    this.repairs.want(stream);
  }

  event(sessionId: number, event: DecodedEvent): void {
    const session = this.lastSession?.id === sessionId ? this.lastSession : this.sessionOf(sessionId);
    const position = event.position;
    if (position === null || this.facts.numbering === 'none') {
      if (this.keys.admit(event)) this.step.deliver(event, false);
      else this.counters.repeated++;
    } else {
      const stream = this.last !== null && this.last.name === event.stream ? this.last : this.streamOf(event.stream);
      if (stream === null) this.step.deliver(event, false);
      else if (stream.quick && position.seq === stream.cursor + 1 && position.epoch === stream.epoch) {
        stream.cursor = position.seq;
        this.step.deliver(event, false);
      } else this.numbered(session, stream, event, position.epoch, position.seq);
    }
    if (this.step.events.length >= this.limits.stepEvents) this.flush();
  }

  cannotResume(sessionId: number, refusal: CannotResume): void {
    this.sessionOf(sessionId);
    const stream = this.streamOf(refusal.stream);
    if (stream === null) return;
    stream.quick = false;
    this.adoption.refuse(sessionId, refusal);
  }

  heartbeat(sessionId: number, name: string | null, epoch: string | null, head: number | null): void {
    this.sessionOf(sessionId);
    if (epoch === null || head === null) return;
    const stream = this.streamNamed(name);
    if (stream === null || stream.epoch === null) return;
    if (stream.epoch === epoch) stream.claim(head);
    else this.otherEpoch(sessionId, stream, epoch);
  }

  token(sessionId: number, token: string): void {
    const session = this.sessionOf(sessionId);
    // While two sessions are open the older one's place counts: the newer one is still behind it.
    if (this.sessions.oldest() === session) this.offerToken(token);
    else session.token = token;
  }

  cursorRefused(sessionId: number): void {
    this.sessionOf(sessionId);
    if (this.tokens.current === null) return;
    this.tokens.rewind(null);
    this.step.moved = true;
    // Numbered streams find what is missing by their numbers.
    if (this.facts.numbering === 'none') {
      const at = this.clock.wall();
      this.step.gapChanged({
        id: this.context.random.id(),
        stream: 'main',
        epoch: '',
        from: 0,
        to: null,
        status: 'lost',
        cause: 'no-replay',
        openedAt: at,
        closedAt: at,
      });
    }
    this.flush();
  }

  undecodable(sessionId: number, what: Undecodable): void {
    this.sessionOf(sessionId);
    this.counters.undecodable++;
    const stream = this.streamNamed(what.stream);
    if (what.position === null || stream === null) this.repairs.noteUndecodable(stream?.name ?? what.stream);
    else if (what.position.epoch === stream.epoch) {
      stream.unreadable(what.position.seq, new Unreadable('decode-error'));
    }
  }

  tooLarge(sessionId: number, name: string | null): void {
    this.sessionOf(sessionId);
    const stream = this.streamNamed(name);
    if (stream === null || stream.epoch === null) return;
    this.checkpoints.touch(stream);
    stream.unreadable(stream.next, new Unreadable('too-large'));
  }

  replayed(sessionId: number, answer: Replayed): void {
    this.sessionOf(sessionId);
    this.answers.finish(answer.ref, answer.epoch, answer.missing, answer.oldest);
  }

  repairAnswer(ref: string, messages: readonly Message[]): void {
    this.answers.whole(ref, messages);
  }

  repairFailed(ref: string, retryable: boolean, cause: 'no-replay' | 'too-large' = 'no-replay'): void {
    this.answers.failed(ref, retryable, cause);
    this.flush();
  }

  reopenSince(stored: DeliveryCheckpoint | null): void {
    this.checkpoints.startOver();
    this.step.drop();
    this.step.moved = true;
    this.step.nextOrdinal = Math.max(this.step.nextOrdinal, stored?.nextOrdinal ?? 0);
    const openGaps = stored?.openGaps ?? [];
    const numbered = this.facts.numbering === 'contiguous';
    for (const stream of this.streams.values()) {
      const position = stored?.resume.positions[stream.name] ?? null;
      if (stream.epoch === null) continue;
      const known = openGaps.filter((gap) => gap.stream === stream.name && gap.epoch === stream.epoch);
      if (position?.epoch === stream.epoch) stream.reopen(position.seq, known);
      else {
        stream.reopen(stream.beginning, known);
        if (position !== null) stream.gaps.declareLost(position.epoch, position.seq + 1, null, 'epoch-changed');
      }
    }
    for (const gap of openGaps) {
      if (this.streams.get(gap.stream)?.epoch === gap.epoch) continue;
      this.step.gapChanged({ ...gap, status: 'lost', cause: 'epoch-changed', closedAt: this.clock.wall() });
    }
    this.countGaps();
    if (!numbered) {
      this.tokens.rewind(stored?.resume.token ?? null);
      this.keys.rewind(stored?.recentKeys ?? []);
      if (this.facts.resumable) this.notices.reattach({ kind: 'journal-paused' });
    }
    this.flush();
  }

  flush(): void {
    if (this.closed) return;
    if (this.flushing) {
      // Told something from inside the sink: once the sink has returned, on a tick of its own.
      this.again ??= this.clock.after(0, () => {
        this.again = null;
        this.flush();
      });
      return;
    }
    this.flushing = true;
    try {
      this.emit();
      // A feed that cannot name its head has nothing to catch up with.
      const unnamed = this.facts.numbering === 'none' || !this.facts.resumable;
      for (const id of this.sessions.newlyCaughtUp(this.streams, unnamed)) this.notices.caughtUp(id);
      this.notices.tell();
      this.repairs.pump();
    } finally {
      this.flushing = false;
    }
  }

  resumePoint(): ResumePoint {
    if (this.last !== null) this.checkpoints.touch(this.last);
    return this.checkpoints.resume;
  }

  catchingUp(): CatchingUp | null {
    return this.sessions.catchingUp(this.streams);
  }

  close(): void {
    this.closed = true;
    this.again?.cancel();
    this.repairs.cancel(null);
    for (const stream of this.streams.values()) stream.close();
    this.notices.drop();
  }

  private restore(restored: DeliveryCheckpoint): void {
    for (const [name, position] of Object.entries(restored.resume.positions)) {
      const stream = new StreamSequencer(name, this.context, position);
      stream.gaps.restore(
        restored.openGaps.filter((gap) => gap.stream === name && gap.epoch === position.epoch),
        position.seq,
      );
      stream.quick = false;
      this.streams.set(name, stream);
      this.checkpoints.touch(stream);
      this.repairs.want(stream);
    }
    for (const gap of restored.openGaps) {
      if (restored.resume.positions[gap.stream]?.epoch === gap.epoch) continue;
      this.step.gapChanged({ ...gap, status: 'lost', cause: 'epoch-changed', closedAt: this.clock.wall() });
    }
    this.countGaps();
  }

  private sessionOf(id: number): Session {
    const session = this.sessions.get(id);
    session.heard = true;
    this.lastSession = session;
    return session;
  }

  /** The stream of that name; null when there are too many to keep a cursor for each. */
  private streamOf(name: string): StreamSequencer | null {
    if (this.last !== null) this.checkpoints.touch(this.last);
    let stream = this.streams.get(name);
    if (stream === undefined) {
      if (this.streams.size >= this.limits.streams) {
        this.notices.diagnose({ kind: 'too-many-streams', limit: this.limits.streams });
        return null;
      }
      stream = new StreamSequencer(name, this.context, null);
      this.streams.set(name, stream);
    }
    this.last = stream;
    this.checkpoints.touch(stream);
    return stream;
  }

  /** A known stream; without a name, the only one there is. */
  private streamNamed(name: string | null): StreamSequencer | null {
    if (name !== null) return this.streams.get(name) ?? null;
    const [only] = this.streams.values();
    return this.streams.size === 1 ? (only ?? null) : null;
  }

  private numbered(session: Session, stream: StreamSequencer, event: DecodedEvent, epoch: string, seq: number): void {
    if (stream.epoch === null && (!this.facts.resumable || this.facts.numbering !== 'contiguous')) {
      // Such a feed sends no attach answers worth waiting for: its first event is where we begin.
      stream.begin(epoch, seq - 1);
    }
    if (stream.epoch !== null && stream.epoch !== epoch) {
      this.otherEpoch(session.id, stream, epoch);
      return;
    }
    if (stream.epoch !== null) {
      // A feed may refuse a resume and go on without an attach answer.
      const refusal = this.adoption.takeRefusal(session.id, stream.name);
      if (refusal !== null) this.adoption.apply(stream, refusal, seq - 1);
    }
    stream.accept(seq, event);
  }

  private otherEpoch(session: number, stream: StreamSequencer, got: string): void {
    this.counters.otherEpoch++;
    this.notices.otherEpoch(session, stream, got);
  }

  private offerToken(token: string): void {
    const barriers: Barrier[] = [];
    for (const stream of this.streams.values()) {
      const { frontier, epoch } = stream;
      if (epoch === null || frontier > stream.cursor) {
        barriers.push({
          settled: () => stream.epoch !== null && (stream.epoch !== epoch || stream.cursor >= frontier),
        });
      }
    }
    if (this.tokens.offer(token, barriers)) this.step.moved = true;
  }

  private emit(): void {
    if (this.last !== null) this.checkpoints.touch(this.last);
    if (this.tokens.advance()) this.step.moved = true;
    for (const stream of this.checkpoints.takeUnseen()) {
      if (!stream.gaps.dirty) continue;
      stream.gaps.collect((gap) => this.step.gapChanged(gap));
    }
    if (this.step.empty) return;
    if (this.step.gapsMoved) this.countGaps();
    const { events, gaps } = this.step.take();
    this.sink.onDelivery({ events, gaps, checkpoint: this.checkpoints.build(this.step.nextOrdinal) });
  }

  private countGaps(): void {
    let open = 0;
    for (const stream of this.streams.values()) open += stream.gaps.size;
    this.counters.gapsOpen = open;
  }
}
