import type { DecodedEvent, Message } from '../core/protocol';
import type { DeliveryCounters } from './counters';
import type { SequencerLimits } from './limits';
import type { Notices } from './notices';
import type { Repairs } from './repair';
import type { Sessions } from './sessions';

/** What answers are made of. */
export interface RepairAnswersContext {
  readonly repairs: Repairs;
  readonly sessions: Sessions;
  readonly notices: Notices;
  readonly limits: SequencerLimits;
  readonly counters: DeliveryCounters;
  /** An event of an answer: as any other of that session. */
  event(session: number, event: DecodedEvent): void;
  undecodable(session: number, message: Extract<Message, { readonly kind: 'undecodable' }>): void;
}

/** Judges the answers to repairs: what they brought, what they say is gone, and what to do about the rest. */
export class RepairAnswers {
  constructor(private readonly context: RepairAnswersContext) {}

  /** A whole answer over HTTP. Its attach answer is compared, never adopted: it answers another question. */
  whole(ref: string, messages: readonly Message[]): void {
    const { repairs, sessions } = this.context;
    const repair = repairs.get(ref);
    const session = sessions.newest();
    if (repair === null || session === null) return;
    let epoch = repair.request.after.epoch;
    let missing = false;
    let oldest: number | null = null;
    for (const message of messages) {
      switch (message.kind) {
        case 'event':
          this.context.event(session.id, message.event);
          break;
        case 'undecodable':
          this.context.undecodable(session.id, message);
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
        case 'page':
        case 'unusable':
        case 'measured':
        case 'terms':
        case 'heartbeat':
        case 'goodbye':
        case 'login-refused':
        case 'feed-error':
        case 'token':
        case 'more':
        case 'published':
        case 'send-refused':
        case 'control':
          break;
        default:
          message satisfies never;
      }
    }
    this.finish(ref, epoch, missing, oldest);
  }

  /** All of an answer has been fed. `missing`: the server no longer has what lies below `oldest` (null: any of the rest). */
  finish(ref: string, epoch: string, missing: boolean, oldest: number | null): void {
    const { repairs, sessions, notices, limits, counters } = this.context;
    const repair = repairs.get(ref);
    if (repair === null) return;
    const { stream, request } = repair;
    const after = request.after.seq;
    if (epoch !== stream.epoch) {
      counters.otherEpoch++;
      const newest = sessions.newest();
      if (newest !== null) notices.otherEpoch(newest.id, stream, epoch);
      repairs.finish(ref, false);
      return;
    }
    if (missing) {
      stream.giveUp(after, oldest === null ? request.to : Math.min(request.to, oldest - 1), 'retention');
    }
    if (stream.stillUnreadable({ after, to: request.to }, repair.undecodable)) {
      stream.giveUp(after, request.to, 'decode-error');
    }
    stream.repairEvents = Math.min(limits.repairEvents, stream.repairEvents * 2);
    repairs.finish(ref, false);
  }

  failed(ref: string, retryable: boolean, cause: 'no-replay' | 'too-large'): void {
    const { repairs, limits } = this.context;
    const repair = repairs.get(ref);
    if (repair === null) return;
    const { stream, request } = repair;
    const span = request.to - request.after.seq;
    if (cause === 'too-large' && span > 1) {
      stream.repairEvents = Math.ceil(span / 2);
      repairs.finish(ref, true);
    } else if (retryable) {
      repairs.finish(ref, false);
    } else {
      stream.giveUp(request.after.seq, request.to, cause);
      stream.repairEvents = limits.repairEvents;
      repairs.finish(ref, true);
    }
  }
}
