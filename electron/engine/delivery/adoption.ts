import type { Clock } from '../core/clock';
import type { Attachment, DecodedEvent } from '../core/protocol';
import type { CannotResume } from './contract';
import type { EpochMemory } from './epochs';
import type { SequencerLimits } from './limits';
import type { Notices } from './notices';
import type { RecentBodies } from './recent-bodies';
import type { Repairs } from './repair';
import type { Session } from './sessions';
import type { StreamSequencer } from './stream-sequencer';

/** What adopting touches. */
export interface AdoptionContext {
  readonly clock: Clock;
  readonly limits: SequencerLimits;
  readonly repairs: Repairs;
  readonly notices: Notices;
  readonly epochs: EpochMemory;
  readonly bodies: RecentBodies;
  readonly contiguous: boolean;
  /** Contiguous numbers and a way to ask again: the beginning of a new epoch can be fetched. */
  readonly fetchable: boolean;
}

/**
 * What attach answers decide: which epoch a stream is in, where in it we stand, and what a refusal to resume costs.
 * Only an answer of the newest session gets here with another epoch.
 */
export class Adoption {
  private readonly refusals = new Map<string, { readonly session: number; readonly refusal: CannotResume }>();

  constructor(private readonly context: AdoptionContext) {}

  /** A refusal comes before the attach answer that says where we are instead. */
  refuse(session: number, refusal: CannotResume): void {
    this.refusals.set(refusal.stream, { session, refusal });
    this.context.notices.snapshotWanted(refusal.stream);
  }

  /** Takes the refusal that a session announced for a stream; null when there is none. */
  takeRefusal(session: number, stream: string): CannotResume | null {
    const entry = this.refusals.get(stream);
    if (entry?.session !== session) return null;
    this.refusals.delete(stream);
    return entry.refusal;
  }

  forgetSession(session: number): void {
    for (const [stream, entry] of this.refusals) if (entry.session === session) this.refusals.delete(stream);
  }

  /** The stream's epoch is the one of this answer from here on. */
  adopt(stream: StreamSequencer, attachment: Attachment): void {
    const { clock, limits, notices, repairs, epochs, contiguous, fetchable } = this.context;
    const old = stream.epoch ?? '';
    repairs.cancel(stream);
    const before = epochs.find(stream.name, attachment.epoch);
    const left = stream.leave();
    // What was held came with that, too.
    const { name, cursor } = stream;
    epochs.left({ stream: name, epoch: old, cursor, leftAt: clock.wall(), ...(contiguous ? { left } : {}) });
    epochs.forget(stream.name, attachment.epoch);
    // All of the new epoch is unknown to us, so what lies before this answer is asked for, unless we were here before.
    const known = before?.cursor ?? 0;
    const fetches = known > attachment.from || (fetchable && attachment.from - known <= limits.epochBackfill);
    stream.begin(attachment.epoch, fetches ? known : attachment.from);
    // A log that has less than it had is another one under the same name.
    const goesOn = contiguous && fetches && (attachment.head ?? known) >= known;
    if (before?.left !== undefined && goesOn) stream.takeUp(before.left, attachment.from);
    notices.epochChanged({ stream: stream.name, from: old, to: attachment.epoch });
    notices.snapshotWanted(stream.name);
    if (before !== null && Math.abs(clock.wall() - before.leftAt) <= limits.epochReturnMs) {
      notices.diagnose({
        kind: 'instances-do-not-share-a-log',
        stream: stream.name,
        epochs: [attachment.epoch, old],
      });
    }
  }

  /** The server says that our place lies ahead of all it has: its log went back in time under the same name. */
  turnedBack(stream: StreamSequencer, attachment: Attachment, refusal: CannotResume): boolean {
    return (
      refusal.cause !== 'retention' &&
      refusal.requested?.epoch === stream.epoch &&
      (refusal.head ?? attachment.from) < stream.cursor &&
      attachment.from < stream.cursor
    );
  }

  /** Such a log gives its numbers out a second time, after `cursor`: for us that is another numbering. */
  restart(stream: StreamSequencer, epoch: string, cursor: number): void {
    const { repairs, notices, epochs, bodies } = this.context;
    repairs.cancel(stream);
    stream.leave();
    epochs.forget(stream.name, epoch);
    bodies.forget(stream);
    stream.begin(epoch, cursor);
    notices.epochChanged({ stream: stream.name, from: epoch, to: epoch });
    notices.snapshotWanted(stream.name);
    notices.diagnose({ kind: 'numbers-went-back', stream: stream.name });
  }

  /** The server names a head that lies below what it had given before this answer, without a word of a refusal. */
  fellBack(session: Session, { stream, epoch, head }: Attachment): boolean {
    const asked = session.asked.get(stream);
    return this.context.contiguous && head !== null && asked?.epoch === epoch && head < asked.cursor;
  }

  /** An old number came that nothing explains: other events have it now. */
  renumbered(session: Session, stream: StreamSequencer, event: DecodedEvent, seq: number): boolean {
    const { contiguous, repairs, bodies } = this.context;
    if (!contiguous) {
      const before = session.newest.get(stream.name);
      session.newest.set(stream.name, seq);
      if (before === undefined || seq >= before || seq > stream.cursor) return false;
      return bodies.compare(stream, seq, event) !== 'same';
    }
    if (stream.epoch === null || seq > stream.cursor || stream.gaps.has(seq)) return false;
    const known = bodies.compare(stream, seq, event);
    if (known !== null) return known === 'other';
    const target = session.targets.get(stream.name);
    // It said that its events begin behind this number, and nothing was asked for again.
    return (
      target !== undefined &&
      target.epoch === stream.epoch &&
      seq <= target.from &&
      target.repairs === stream.repairsAsked &&
      !repairs.isBusy(stream)
    );
  }

  /** What a refusal within the stream's own epoch makes lost. `from`: where the session begins instead. */
  apply(stream: StreamSequencer, refusal: CannotResume, from: number): void {
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
}
