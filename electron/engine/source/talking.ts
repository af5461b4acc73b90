import type { ResumePoint } from '../../../shared/position';
import { type Clock, deadline, never, type Timer } from '../core/clock';
import type { Frame } from '../core/frame';
import type { Conversation, ConversationAct } from '../core/protocol';
import type { TransportEnd, TransportSink } from '../core/transport';
import type { Sending } from './sending';

type Opening = Parameters<TransportSink['onOpen']>[0];

interface Deps {
  readonly clock: Clock;
  readonly sending: Pick<Sending, 'tell'>;
  /** It is open, and has to be spoken to before it counts: at most so long, ms. */
  onTalking(ms: number): void;
  /** Nothing of the opening is waited for any more. */
  onSettled(opening: Opening): void;
  /** Calls back once what was heard so far is on disk; false: it never will be. */
  whenStored(done: (stored: boolean) => void): void;
  /** What was said was refused or not answered. */
  onEnd(end: TransportEnd): void;
}

/** Runs the conversation of one session, by the session's clock and out of its budget. */
export class Talking {
  private conversation: Conversation | null = null;
  private opening: Opening | null = null;
  private timer: Timer | null = null;
  private ringsAt = never;
  private over = false;
  private settled = false;
  private frames = 0;
  /** The end that was heard of, until the frame is decoded. */
  private leaving: ConversationAct | null = null;
  /** What was heard is on its way to the disk, and its answer waits for that. */
  private storing = false;
  /** What was heard last is a part of this talk. */
  answers = false;

  constructor(private readonly deps: Deps) {}

  /**
   * The session is open. `conversation`: null where nothing is to be said: also where a redirect led elsewhere, since what is
   * said is meant for the address that was entered.
   */
  begin(opening: Opening, conversation: Conversation | null, resume: ResumePoint): void {
    this.opening = opening;
    this.conversation = conversation;
    if (conversation === null) {
      this.settle();
      return;
    }
    this.act(conversation.opened(this.moment(), resume, opening.head));
    if (this.over || this.settled) return;
    this.deps.onTalking(conversation.openingMs);
  }

  /** It is open, and does not count as open yet: an answer is waited for. */
  get holds(): boolean {
    return this.conversation !== null && !this.settled;
  }

  heard(frame: Frame): void {
    if (this.over || this.conversation === null) return;
    this.frames += 1;
    const acts = this.conversation.heard(frame, this.moment());
    this.answers = acts.length > 0;
    // Events may stand in one frame with the end: they are delivered first.
    this.leaving = acts.find((act) => act.kind === 'ended') ?? null;
    this.act(acts.filter((act) => act !== this.leaving));
  }

  /** What was heard was decoded. */
  decoded(): void {
    if (this.leaving !== null) this.act([this.leaving]);
    this.awaitStored();
  }

  /** Also behind the end of the session: what is stored by then need not be taken again from the next one. */
  private awaitStored(): void {
    const { conversation, frames } = this;
    if (this.storing || conversation?.awaitsStored !== true) return;
    this.storing = true;
    this.deps.whenStored((stored) => {
      this.storing = false;
      const acts = stored ? conversation.stored?.(frames, this.moment()) : conversation.dropped?.();
      if (!this.over) this.act(acts ?? []);
      if (this.frames > frames) this.awaitStored();
    });
  }

  /** How it ended, where a close code means more at this point of the talk than it does by itself. */
  readEnd(end: TransportEnd): TransportEnd {
    const act = this.over || end.kind !== 'closed' ? null : (this.conversation?.closedWith?.(end.code) ?? null);
    return act === null ? end : { ...act, kind: 'told-end' };
  }

  end(): void {
    this.over = true;
    this.timer?.cancel();
  }

  private act(acts: readonly ConversationAct[]): void {
    for (const act of acts) {
      if (this.over) return;
      switch (act.kind) {
        case 'send':
          this.tell(act);
          break;
        case 'settled':
          this.settle();
          break;
        case 'refused':
          this.deps.onEnd({ kind: act.login ? 'login-refused' : 'opening-refused', message: act.message });
          break;
        case 'ended':
          this.deps.onEnd({ ...act, kind: 'told-end' });
          break;
        case 'unanswered':
          this.deps.onEnd({ ...act, kind: 'opening-unanswered' });
          break;
        default:
          act satisfies never;
      }
    }
    this.arm();
  }

  private tell({ said, step }: Extract<ConversationAct, { readonly kind: 'send' }>): void {
    this.deps.sending.tell(said, () => {
      if (step === null || this.over) return;
      this.conversation?.sent(step, this.moment());
      this.arm();
    });
  }

  private settle(): void {
    if (this.settled || this.opening === null) return;
    this.settled = true;
    this.deps.onSettled(this.opening);
  }

  /** One that rings too early is set again then: what is put off by each message would otherwise be set anew for each. */
  private arm(): void {
    const at = this.over ? null : (this.conversation?.wakeAt ?? null);
    if (at !== null && this.timer !== null && this.ringsAt <= at) return;
    this.timer?.cancel();
    this.timer = null;
    if (at === null) return;
    this.ringsAt = at;
    this.timer = deadline(this.deps.clock, Math.max(0, Math.ceil(at - this.deps.clock.now())), () => {
      this.timer = null;
      if (!this.over && this.conversation) this.act(this.conversation.due(this.moment()));
    });
  }

  private moment() {
    return { now: this.deps.clock.now(), wall: this.deps.clock.wall() };
  }
}
