import type { ResumePoint } from '../../../shared/position';
import { earliest, later, type MonotonicMs } from '../core/clock';
import type { Frame } from '../core/frame';
import type { HttpHead } from '../core/network';
import { ownText } from '../core/own-text';
import type { Conversation, ConversationAct, Decoder, Message, Moment, Outgoing } from '../core/protocol';
import type { Said, Unsendable } from '../core/said';

/**
 * One session of a protocol that speaks in it: what its frames say is read once, for what is answered and for what it means.
 * No timer, no I/O; never throws on hostile input.
 */
export interface Dialogue<Read> {
  readonly openingMs: number;
  readonly wakeAt: MonotonicMs | null;
  read(frame: Frame): Read;
  opened(at: Moment, resume: ResumePoint | null, head: HttpHead | null): readonly ConversationAct[];
  sent(step: number, at: Moment): void;
  answer(read: Read, at: Moment): readonly ConversationAct[];
  due(at: Moment): readonly ConversationAct[];
  means(read: Read, frame: Frame): readonly Message[];
  /** See `Conversation.closedWith`. */
  closedWith?: Conversation['closedWith'];
  /** See `Decoder.speak`. */
  speak?(message: Outgoing): Said | Unsendable | null;
}

/** Acts after which a session says nothing any more. */
const last: ReadonlySet<ConversationAct['kind']> = new Set(['refused', 'ended', 'unanswered']);

/** The decoder of one session, and its conversation. */
export function decoderOf<Read>(dialogue: Dialogue<Read>): Decoder {
  /** What was heard last, until it is decoded. */
  let heard: { readonly frame: Frame; readonly read: Read } | null = null;
  let over = false;

  function speak(ask: () => readonly ConversationAct[]): readonly ConversationAct[] {
    if (over) return [];
    const acts = ask();
    over = acts.some(({ kind }) => last.has(kind));
    return acts;
  }

  const conversation: Conversation = {
    openingMs: dialogue.openingMs,
    get wakeAt() {
      return over ? null : dialogue.wakeAt;
    },
    opened: (at, resume, head) => speak(() => dialogue.opened(at, resume, head ?? null)),
    sent: (step, at) => dialogue.sent(step, at),
    heard: (frame, at) =>
      speak(() => {
        const read = dialogue.read(frame);
        heard = { frame, read };
        return dialogue.answer(read, at);
      }),
    due: (at) => speak(() => dialogue.due(at)),
    closedWith: (code) => (over ? null : (dialogue.closedWith?.(code) ?? null)),
  };

  const { speak: said } = dialogue;
  return {
    conversation,
    ...(said ? { speak: (message: Outgoing) => (over ? null : said.call(dialogue, message)) } : {}),
    decode(frame) {
      const read = heard?.frame === frame ? heard.read : dialogue.read(frame);
      heard = null;
      return dialogue.means(read, frame);
    },
  };
}

/** An answer is waited for so long from when its question has left, ms. */
export const answerPatienceMs = 10_000;

/** The answers that are waited for on opening, by the number of their question. */
export class Answers {
  private readonly open = new Map<number, { readonly since: MonotonicMs; readonly until: MonotonicMs | null }>();

  get none(): boolean {
    return this.open.size === 0;
  }

  get wakeAt(): MonotonicMs | null {
    const times = [...this.open.values()].flatMap(({ until }) => (until === null ? [] : [until]));
    return times.length === 0 ? null : earliest(...times);
  }

  /** From here on it is waited for, whatever is said. */
  await(step: number, { now }: Moment): void {
    this.open.set(step, { since: now, until: later(now, answerPatienceMs) });
  }

  /** A question is handed over: its answer is waited for, for as long as there is patience once it has left. */
  ask(step: number, said: string, { now }: Moment): ConversationAct {
    this.open.set(step, { since: now, until: null });
    return { kind: 'send', said, step };
  }

  left(step: number, at: Moment): void {
    // An answer may be here before we are told that the question has left.
    if (this.open.get(step)?.until === null) this.await(step, at);
  }

  came(step: number): void {
    this.open.delete(step);
  }

  due({ now }: Moment): readonly ConversationAct[] {
    for (const [step, { since, until }] of this.open) {
      if (until !== null && now >= until) return [{ kind: 'unanswered', step, afterMs: now - since }];
    }
    return [];
  }
}

/** So much of what a feed says of an error is told. */
const mostTold = 300;

/** What a feed says of an error, as it goes into a sentence of ours. */
export function inWords(text: string): string {
  const said = text.trim().slice(0, mostTold).replace(/\.$/, '');
  return said === '' ? 'no reason given' : ownText(said);
}

/** The earlier of two moments, where there are any. */
export function sooner(a: MonotonicMs | null, b: MonotonicMs | null): MonotonicMs | null {
  if (a === null || b === null) return a ?? b;
  return earliest(a, b);
}
