import type { Clock } from '../core/clock';
import type { DeliveryDiagnosis, EpochChange, ReattachReason, SequencerSink } from './contract';
import type { Sessions } from './sessions';
import type { StreamSequencer } from './stream-sequencer';

/** What is to be told once the step that explains it has gone out: nobody hears of a new epoch before its gap. */
export class Notices {
  private waiting: (() => void)[] = [];
  private readonly diagnosedAt = new Map<string, number>();

  constructor(
    private readonly sink: SequencerSink,
    private readonly clock: Clock,
    private readonly sessions: Sessions,
    /** The same diagnosis of the same stream is not repeated within this time, ms. */
    private readonly quietMs: number,
  ) {}

  tell(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (const notice of waiting) notice();
  }

  drop(): void {
    this.waiting = [];
  }

  caughtUp(session: number): void {
    this.waiting.push(() => this.sink.onCaughtUp(session));
  }

  snapshotWanted(stream: string): void {
    this.waiting.push(() => this.sink.onSnapshotWanted(stream));
  }

  repairEnded(ref: string): void {
    this.waiting.push(() => this.sink.onRepairEnded(ref));
  }

  epochChanged(change: EpochChange): void {
    this.waiting.push(() => this.sink.onEpochChanged(change));
  }

  reattach(reason: ReattachReason): void {
    this.waiting.push(() => this.sink.onReattach(reason));
  }

  changed(): void {
    this.waiting.push(() => this.sink.onChanged());
  }

  look(session: number): void {
    this.waiting.push(() => this.sink.onLook(session));
  }

  /** Another epoch came by other means than an attach answer: one reattach per session, and none for a session being replaced. */
  otherEpoch(sessionId: number, stream: StreamSequencer, got: string): void {
    const session = this.sessions.get(sessionId);
    if (session.reattachAsked || sessionId < this.sessions.newestAttached(stream.name)) return;
    session.reattachAsked = true;
    this.reattach({ kind: 'other-epoch', stream: stream.name, expected: stream.epoch ?? '', got });
  }

  diagnose(diagnosis: DeliveryDiagnosis): void {
    const name = nameOf(diagnosis.kind, diagnosis.kind === 'too-many-streams' ? '' : diagnosis.stream);
    const now = this.clock.now();
    const saidAt = this.diagnosedAt.get(name);
    if (saidAt !== undefined && now - saidAt < this.quietMs) return;
    this.diagnosedAt.set(name, now);
    this.waiting.push(() => this.sink.onDiagnosis(diagnosis));
  }

  /** What was said last turned out not to be so. */
  takeBack(kind: DeliveryDiagnosis['kind'], stream: string): void {
    this.diagnosedAt.delete(nameOf(kind, stream));
    this.waiting.push(() => this.sink.onDiagnosis(null));
  }
}

function nameOf(kind: DeliveryDiagnosis['kind'], stream: string): string {
  return `${kind} ${stream}`;
}
