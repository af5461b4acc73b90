import type { GapCause } from '../../../shared/gap';
import type { ResumePoint } from '../../../shared/position';
import type { Numbering } from '../../../shared/source';
import type { Clock, Timer } from '../core/clock';
import type { Delivery, DeliveryCheckpoint } from '../core/delivery';
import type { Attachment, DecodedEvent, Message } from '../core/protocol';
import type { Random } from '../core/random';
import { CheckpointBuilder } from './checkpoint';
import { type DeliveryCounters, emptyCounters } from './counters';
import { RecentKeys } from './dedupe';
import { EpochMemory } from './epochs';
import { type SequencerLimits, sequencerLimits } from './limits';
import { Unreadable } from './reorder-window';
import { type RepairRequest, Repairs } from './repair';
import { type Session, Sessions } from './sessions';
import { Step } from './step';
import { type StreamContext, StreamSequencer } from './stream-sequencer';
import { type Barrier, Tokens } from './tokens';

/** What delivery must know of a protocol. */
export interface ProtocolFacts {
  readonly numbering: Numbering;
  readonly uniqueIds: boolean;
  readonly resumable: boolean;
}

export type CannotResume = Omit<Extract<Message, { readonly kind: 'cannot-resume' }>, 'kind'>;
export type Replayed = Omit<Extract<Message, { readonly kind: 'replayed' }>, 'kind'>;

/** Why one new attach is asked for, under the connection's backoff. */
export type ReattachReason =
  | { readonly kind: 'other-epoch'; readonly stream: string; readonly expected: string; readonly got: string }
  /** What the journal did not take is to be fetched again, and only a new attach can. */
  | { readonly kind: 'journal-paused' };

export interface EpochChange {
  readonly stream: string;
  readonly from: string;
  readonly to: string;
}

/** Something about the feed that a person should know. Each is said once a minute at most per stream. */
export type DeliveryDiagnosis =
  | { readonly kind: 'instances-do-not-share-a-log'; readonly stream: string; readonly epochs: readonly string[] }
  | { readonly kind: 'too-many-streams'; readonly limit: number };

/** How far catching up has come: events settled since the attach, and how many there were to settle (null: unknown). */
export interface CatchingUp {
  readonly fetched: number;
  readonly total: number | null;
}

/** Where delivery goes. All of it is called from `flush` (or a timer), never from inside an input. */
export interface SequencerSink {
  /** One step: becomes one journal transaction. Not necessarily with events in it. */
  onDelivery(delivery: Delivery): void;
  /** Ask for a range again, over the socket or HTTP; answer with `event` and `replayed`, `repairAnswer` or `repairFailed`. */
  onRepair(request: RepairRequest): void;
  /** A repair is no longer wanted: its request may be cut. */
  onRepairEnded(ref: string): void;
  onReattach(reason: ReattachReason): void;
  onSnapshotWanted(stream: string): void;
  /** Everything up to the head that a session named at its attach is delivered or in a declared gap. */
  onCaughtUp(session: number): void;
  /** A stream's numbering began anew. Ends a promotion. */
  onEpochChanged(change: EpochChange): void;
  onDiagnosis(diagnosis: DeliveryDiagnosis): void;
}

export interface SequencerDeps {
  readonly facts: ProtocolFacts;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: Partial<SequencerLimits>;
  /** What the journal kept; null for a new source (or another origin or subject). */
  readonly restored: DeliveryCheckpoint | null;
}

/**
 * Order and dedupe of one source. Inputs come in the order the frames did, each with the number of the session that
 * brought it (greater = newer); after every batch of frames the caller says `flush`. Never throws on what a feed sends.
 */
export interface Sequencer {
  /** A session that is meant to deliver is open. Any input with a new number says the same. */
  sessionOpened(session: number): void;
  sessionEnded(session: number): void;
  attached(session: number, attachment: Attachment): void;
  event(session: number, event: DecodedEvent): void;
  cannotResume(session: number, refusal: CannotResume): void;
  /** The server names its newest number outside of an attach. */
  heartbeat(session: number, stream: string | null, epoch: string | null, head: number | null): void;
  token(session: number, token: string): void;
  undecodable(session: number, what: Omit<Extract<Message, { readonly kind: 'undecodable' }>, 'kind'>): void;
  /** A frame over the limit ended a session that pushes in order: what came next in the stream is lost, or it would end every session. */
  tooLarge(session: number, stream: string | null): void;
  /** A repair over the socket is complete. */
  replayed(session: number, answer: Replayed): void;
  /** The decoded answer of a repair over HTTP, whole. Its attach answer is only compared, never adopted. */
  repairAnswer(ref: string, messages: readonly Message[]): void;
  /** `retryable`: it is asked for again, later. Otherwise the range is lost: `no-replay`, or `too-large` when it was one event. */
  repairFailed(ref: string, retryable: boolean, cause?: Extract<GapCause, 'no-replay' | 'too-large'>): void;
  /** The journal is back after a pause: everything since what it last stored is fetched again. */
  reopenSince(stored: DeliveryCheckpoint | null): void;
  /** Emits what was collected, then asks for what is missing. */
  flush(): void;
  /** Where the next attach resumes: what was accepted, in memory. */
  resumePoint(): ResumePoint;
  /** Null when nobody is catching up. */
  catchingUp(): CatchingUp | null;
  readonly counters: Readonly<DeliveryCounters>;
  /** Ends every timer; nothing is emitted any more. */
  close(): void;
}

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
  private readonly epochs = new EpochMemory();
  private readonly refusals = new Map<string, { readonly session: number; readonly refusal: CannotResume }>();
  private readonly step: Step;
  private readonly keys: RecentKeys;
  private readonly tokens: Tokens;
  private readonly checkpoints: CheckpointBuilder;
  private readonly repairs: Repairs;
  private readonly context: StreamContext;
  private readonly diagnosedAt = new Map<string, number>();
  /** What to tell after the step that explains it. */
  private notices: (() => void)[] = [];
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
    this.facts = deps.facts;
    this.clock = deps.clock;
    this.limits = { ...sequencerLimits, ...deps.limits };
    this.step = new Step(this.counters, deps.restored?.nextOrdinal ?? 1);
    this.keys = new RecentKeys(deps.facts.uniqueIds, this.limits.recentKeys, deps.restored?.recentKeys ?? []);
    this.tokens = new Tokens(deps.restored?.resume.token ?? null);
    this.checkpoints = new CheckpointBuilder(this.streams, this.tokens, this.keys);
    this.repairs = new Repairs(
      deps.clock,
      deps.random,
      this.limits,
      (request) => {
        this.counters.repairs++;
        sink.onRepair(request);
      },
      (ref) => this.notices.push(() => sink.onRepairEnded(ref)),
      () => this.flush(),
      () => this.sessions.anyHeard,
    );
    this.context = {
      contiguous: deps.facts.numbering === 'contiguous',
      resumable: deps.facts.resumable,
      clock: deps.clock,
      random: deps.random,
      limits: this.limits,
      counters: this.counters,
      step: this.step,
      sessions: () => this.sessions.size,
      wants: (stream) => this.repairs.want(stream),
      wake: () => this.flush(),
      touched: (stream) => this.checkpoints.touch(stream),
    };
    if (deps.restored !== null) this.restore(deps.restored);
  }

  sessionOpened(session: number): void {
    this.sessions.get(session);
  }

  sessionEnded(session: number): void {
    this.lastSession = null;
    const ended = this.sessions.get(session);
    this.sessions.end(session);
    for (const [stream, entry] of this.refusals) if (entry.session === session) this.refusals.delete(stream);
    const remaining = this.sessions.oldest();
    if (remaining === null) {
      this.repairs.cancel(null);
      for (const stream of this.streams.values()) stream.orphaned();
    } else if (ended.id < remaining.id && remaining.token !== null) {
      this.offerToken(remaining.token);
      remaining.token = null;
    }
  }

  attached(sessionId: number, attachment: Attachment): void {
    const session = this.sessionOf(sessionId);
    const stream = this.streamOf(attachment.stream);
    if (stream === null) return;
    const newest = this.sessions.newestAttached(stream.name);
    const pending = this.refusals.get(stream.name);
    const refusal = pending?.session === sessionId ? pending.refusal : null;
    if (refusal !== null) this.refusals.delete(stream.name);

    if (stream.epoch === null) {
      stream.begin(attachment.epoch, attachment.from);
      this.step.moved = true;
    } else if (stream.epoch !== attachment.epoch) {
      // A late answer of a session that is being replaced says nothing about now.
      if (sessionId < newest) {
        this.counters.otherEpoch++;
        return;
      }
      this.adopt(stream, attachment, session);
    } else if (refusal !== null && this.turnedBack(stream, attachment, refusal)) {
      this.restart(stream, attachment);
    }
    const target = session.targets.get(stream.name);
    if (target === undefined || target.epoch !== attachment.epoch) {
      session.targets.set(stream.name, {
        epoch: attachment.epoch,
        from: attachment.from,
        head: attachment.head,
      });
      session.caughtUp = false;
    }
    if (refusal !== null) this.applyRefusal(stream, refusal, attachment.from);
    stream.resumed();
    stream.skipTo(attachment.from);
    this.repairs.want(stream);
  }

  event(sessionId: number, event: DecodedEvent): void {
    const session =
      this.lastSession !== null && this.lastSession.id === sessionId ? this.lastSession : this.sessionOf(sessionId);
    const position = event.position;
    if (position === null || this.facts.numbering === 'none') {
      this.unnumbered(event);
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
    this.refusals.set(stream.name, { session: sessionId, refusal });
    this.notices.push(() => this.sink.onSnapshotWanted(refusal.stream));
  }

  heartbeat(sessionId: number, name: string | null, epoch: string | null, head: number | null): void {
    this.sessionOf(sessionId);
    if (epoch === null || head === null) return;
    const stream = name !== null ? (this.streams.get(name) ?? null) : this.onlyStream();
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

  undecodable(sessionId: number, what: Parameters<Sequencer['undecodable']>[1]): void {
    this.sessionOf(sessionId);
    this.counters.undecodable++;
    const name = what.stream ?? this.onlyStream()?.name ?? null;
    const stream = name === null ? undefined : this.streams.get(name);
    if (what.position === null || stream === undefined) this.repairs.noteUndecodable(name);
    else if (what.position.epoch === stream.epoch) {
      stream.unreadable(what.position.seq, new Unreadable('decode-error'));
    }
  }

  tooLarge(sessionId: number, name: string | null): void {
    this.sessionOf(sessionId);
    const stream = name === null ? this.onlyStream() : (this.streams.get(name) ?? null);
    if (stream === null || stream.epoch === null) return;
    this.checkpoints.touch(stream);
    stream.unreadable(stream.next, new Unreadable('too-large'));
  }

  replayed(sessionId: number, answer: Replayed): void {
    this.sessionOf(sessionId);
    const repair = this.repairs.get(answer.ref);
    if (repair === null) return;
    this.finishRepair(answer.ref, answer.epoch, answer.missing, answer.oldest);
  }

  repairAnswer(ref: string, messages: readonly Message[]): void {
    const repair = this.repairs.get(ref);
    if (repair === null) return;
    const session = this.sessions.newest();
    const sessionId = session?.id ?? -1;
    let epoch = repair.request.after.epoch;
    let missing = false;
    let oldest: number | null = null;
    for (const message of messages) {
      switch (message.kind) {
        case 'event':
          if (session !== null) this.event(sessionId, message.event);
          break;
        case 'undecodable':
          this.undecodable(sessionId, message);
          break;
        case 'attached':
          epoch = message.attachment.epoch;
          break;
        case 'cannot-resume':
          epoch = message.epoch;
          missing = message.cause === 'retention' || message.cause === 'no-replay';
          oldest = message.oldest;
          break;
        case 'replayed':
          missing ||= message.missing;
          oldest ??= message.oldest;
          break;
        case 'terms':
        case 'heartbeat':
        case 'goodbye':
        case 'token':
        case 'more':
        case 'published':
        case 'send-refused':
        case 'control':
          break;
      }
    }
    if (this.repairs.get(ref) !== null) this.finishRepair(ref, epoch, missing, oldest);
  }

  repairFailed(ref: string, retryable: boolean, cause: 'no-replay' | 'too-large' = 'no-replay'): void {
    const repair = this.repairs.get(ref);
    if (repair === null) return;
    const { stream, request } = repair;
    const span = request.to - request.after.seq;
    if (cause === 'too-large' && span > 1) {
      stream.repairEvents = Math.ceil(span / 2);
      this.repairs.finish(ref, true);
    } else if (retryable) {
      this.repairs.finish(ref, false);
    } else {
      stream.giveUp(request.after.seq, request.to, cause);
      stream.repairEvents = this.limits.repairEvents;
      this.repairs.finish(ref, true);
    }
    this.flush();
  }

  reopenSince(stored: DeliveryCheckpoint | null): void {
    let reattach = this.facts.numbering !== 'contiguous' && this.facts.resumable;
    for (const stream of this.streams.values()) {
      const position = stored?.resume.positions[stream.name] ?? null;
      if (stream.epoch === null) continue;
      if (position?.epoch === stream.epoch) stream.reopen(position.seq);
      else {
        if (position !== null) stream.gaps.declareLost(position.epoch, position.seq + 1, null, 'epoch-changed');
        stream.reopen(stream.beginning);
      }
    }
    if (this.tokens.current !== null && stored !== null && this.facts.numbering !== 'contiguous') {
      this.tokens.rewind(stored.resume.token);
      this.keys.rewind(stored.recentKeys);
      reattach = true;
    }
    if (reattach) this.notices.push(() => this.sink.onReattach({ kind: 'journal-paused' }));
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
      this.tellCaughtUp();
      const notices = this.notices;
      this.notices = [];
      for (const notice of notices) notice();
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
    const session = this.sessions.oldest();
    if (session === null || session.caughtUp || session.targets.size === 0) return null;
    let fetched = 0;
    let total: number | null = 0;
    for (const [name, target] of session.targets) {
      const stream = this.streams.get(name);
      if (stream === undefined) continue;
      fetched += Math.max(0, Math.min(stream.cursor, target.head ?? stream.cursor) - target.from);
      if (target.head === null) total = null;
      else if (total !== null) total += Math.max(0, target.head - target.from);
    }
    return { fetched, total };
  }

  close(): void {
    this.closed = true;
    this.again?.cancel();
    this.repairs.cancel(null);
    for (const stream of this.streams.values()) stream.close();
    this.notices = [];
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
    this.checkpoints.touchGaps();
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
        this.diagnose({ kind: 'too-many-streams', limit: this.limits.streams }, '');
        return null;
      }
      stream = new StreamSequencer(name, this.context, null);
      this.streams.set(name, stream);
    }
    this.last = stream;
    this.checkpoints.touch(stream);
    return stream;
  }

  private onlyStream(): StreamSequencer | null {
    if (this.streams.size !== 1) return null;
    for (const stream of this.streams.values()) return stream;
    return null;
  }

  private unnumbered(event: DecodedEvent): void {
    if (this.keys.admit(event)) this.step.deliver(event, false);
    else this.counters.repeated++;
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
    const refused = this.refusals.get(stream.name);
    if (refused !== undefined && refused.session === session.id && stream.epoch !== null) {
      // The feed answered a resume with a refusal and goes on without an attach answer.
      this.refusals.delete(stream.name);
      this.applyRefusal(stream, refused.refusal, seq - 1);
    }
    stream.accept(seq, event);
  }

  private otherEpoch(sessionId: number, stream: StreamSequencer, got: string): void {
    this.counters.otherEpoch++;
    const session = this.sessions.get(sessionId);
    if (session.reattachAsked || sessionId < this.sessions.newestAttached(stream.name)) return;
    session.reattachAsked = true;
    const reason: ReattachReason = { kind: 'other-epoch', stream: stream.name, expected: stream.epoch ?? '', got };
    this.notices.push(() => this.sink.onReattach(reason));
  }

  /** An attach answer of the newest session names another epoch: it is the stream's epoch from here on. */
  private adopt(stream: StreamSequencer, attachment: Attachment, session: Session): void {
    const old = stream.epoch ?? '';
    this.repairs.cancel(stream);
    this.epochs.left(stream.name, old, stream.cursor, this.clock.now());
    const before = this.epochs.find(stream.name, attachment.epoch);
    stream.leave();
    // All of the new epoch is unknown to us, so what lies before this answer is asked for, unless we were here before.
    const known = before === null ? 0 : Math.min(before.cursor, attachment.from);
    const asks =
      this.context.contiguous && this.facts.resumable && attachment.from - known <= this.limits.epochBackfill;
    stream.begin(
      attachment.epoch,
      before !== null && before.cursor > attachment.from ? before.cursor : asks ? known : attachment.from,
    );
    this.checkpoints.touchGaps();
    session.reattachAsked = false;
    const change: EpochChange = { stream: stream.name, from: old, to: attachment.epoch };
    this.notices.push(() => {
      this.sink.onEpochChanged(change);
      this.sink.onSnapshotWanted(stream.name);
    });
    if (before !== null && this.clock.now() - before.leftAt <= this.limits.epochReturnMs) {
      this.diagnose(
        { kind: 'instances-do-not-share-a-log', stream: stream.name, epochs: [attachment.epoch, old] },
        stream.name,
      );
    }
  }

  /** The server says that our place lies ahead of all it has: it went back in time under the same name. */
  private turnedBack(stream: StreamSequencer, attachment: Attachment, refusal: CannotResume): boolean {
    return (
      refusal.cause !== 'retention' &&
      refusal.requested?.epoch === stream.epoch &&
      (refusal.head ?? attachment.from) < stream.cursor &&
      attachment.from < stream.cursor
    );
  }

  private restart(stream: StreamSequencer, attachment: Attachment): void {
    this.repairs.cancel(stream);
    stream.leave();
    stream.begin(attachment.epoch, attachment.from);
    this.checkpoints.touchGaps();
    const change: EpochChange = { stream: stream.name, from: attachment.epoch, to: attachment.epoch };
    this.notices.push(() => this.sink.onEpochChanged(change));
  }

  private applyRefusal(stream: StreamSequencer, refusal: CannotResume, from: number): void {
    if (stream.epoch !== refusal.epoch) return;
    switch (refusal.cause) {
      case 'retention':
        stream.forget(refusal.oldest ?? from + 1);
        return;
      case 'no-replay':
        stream.giveUp(stream.cursor, from, 'no-replay');
        return;
      case 'epoch-changed':
        return;
    }
  }

  private finishRepair(ref: string, epoch: string, missing: boolean, oldest: number | null): void {
    const repair = this.repairs.get(ref);
    if (repair === null) return;
    const { stream, request } = repair;
    const after = request.after.seq;
    if (epoch !== stream.epoch) {
      const newest = this.sessions.newest();
      if (newest !== null) this.otherEpoch(newest.id, stream, epoch);
      this.repairs.finish(ref, false);
      return;
    }
    if (missing) {
      stream.giveUp(after, oldest === null ? request.to : Math.min(request.to, oldest - 1), 'retention');
    }
    if (stream.stillUnreadable(after, request.to, repair.undecodable)) {
      stream.giveUp(after, request.to, 'decode-error');
    }
    stream.repairEvents = Math.min(this.limits.repairEvents, stream.repairEvents * 2);
    this.repairs.finish(ref, false);
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
    for (const stream of this.checkpoints.touchedStreams()) {
      if (!stream.gaps.dirty) continue;
      stream.gaps.collect((gap) => this.step.gapChanged(gap));
      this.checkpoints.touchGaps();
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

  private tellCaughtUp(): void {
    for (const session of this.sessions.all()) {
      if (session.caughtUp || !this.reached(session)) continue;
      session.caughtUp = true;
      const { id } = session;
      this.notices.push(() => this.sink.onCaughtUp(id));
    }
  }

  private reached(session: Session): boolean {
    // A feed that cannot name its head has nothing to catch up with.
    if (session.targets.size === 0) return session.heard && (this.facts.numbering === 'none' || !this.facts.resumable);
    for (const [name, target] of session.targets) {
      const stream = this.streams.get(name);
      if (stream === undefined || stream.epoch !== target.epoch) return false;
      if (target.head !== null && stream.cursor < target.head) return false;
    }
    return true;
  }

  private diagnose(diagnosis: DeliveryDiagnosis, key: string): void {
    const name = `${diagnosis.kind} ${key}`;
    const now = this.clock.now();
    const saidAt = this.diagnosedAt.get(name);
    if (saidAt !== undefined && now - saidAt < this.limits.epochReturnMs) return;
    this.diagnosedAt.set(name, now);
    this.notices.push(() => this.sink.onDiagnosis(diagnosis));
  }
}
