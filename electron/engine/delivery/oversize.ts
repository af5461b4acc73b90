import type { Breaks } from './breaks';
import type { ProtocolFacts } from './contract';
import { Unreadable } from './reorder-window';
import type { Session, Sessions } from './sessions';
import type { Step } from './step';
import type { StreamSequencer } from './stream-sequencer';
import type { Streams } from './streams';
import type { Tokens } from './tokens';

/** Of several streams, one that is merely quiet waits for the same as before too. */
const roundsOfMany = 2;

export interface OversizeContext {
  readonly facts: ProtocolFacts;
  readonly streams: Streams;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly breaks: Breaks;
  readonly step: Step;
  touched(stream: StreamSequencer): void;
}

/** Where the source stood when a message over the limit last ended a session. */
interface Stand {
  readonly token: string | null;
  /** What each stream waited for. */
  readonly next: ReadonlyMap<string, { readonly epoch: string | null; readonly seq: number }>;
  /** How often in a row streams have waited for the same, and none could be told to be the one. */
  readonly rounds: number;
}

/**
 * A message over the limit ends its session unless it can be skipped in it (SSE), and a session that resumes to it ends the
 * same way, for ever. Nothing says which one it was. What an attach answer promised comes in order, so there it is the next; what comes by itself is
 * asked for once more first, since a feed may have skipped one. Where there is only a place, it is given up the second
 * time that nothing came before it.
 */
export class Oversize {
  private before: Stand | null = null;
  /**
   * The place that was given up because what follows it is too large, until something new comes. A server that is asked
   * without a place may send all it keeps.
   */
  givenUp: string | null = null;

  constructor(private readonly context: OversizeContext) {}

  /**
   * `passed`: nothing comes to it again, since the session goes on behind it, or its own place was read and offered, so that
   * the next session does.
   */
  ended(session: Session, name: string | null, passed: boolean): void {
    const { facts, streams, breaks } = this.context;
    if (facts.numbering !== 'contiguous') {
      // Among what comes again it was told the first time.
      const again = session.repeating && !session.overlapOver && !facts.uniqueIds;
      if (!passed) this.dropPlace();
      else if (!again) breaks.declare('too-large');
      return;
    }
    const stream = streams.named(name);
    this.giveUpNext(session, stream === null ? [...streams.all.values()] : [stream]);
  }

  private giveUpNext(session: Session, streams: readonly StreamSequencer[]): void {
    const { before } = this;
    const stuck = streams.filter(({ name, epoch, next }) => {
      const stood = before?.next.get(name);
      return epoch !== null && stood?.seq === next && stood.epoch === epoch;
    });
    const owed = streams.filter(({ name, epoch, next }) => {
      const target = session.targets.get(name);
      return target !== undefined && target.epoch === epoch && target.head !== null && next <= target.head;
    });
    const rounds = stuck.length === 0 ? 0 : (before?.rounds ?? 0) + 1;
    const found = owed.length === 1 ? owed : owed.filter((stream) => stuck.includes(stream));
    const given = found.length === 0 && rounds >= Math.min(streams.length, roundsOfMany) ? stuck : found;
    for (const stream of given) {
      this.context.touched(stream);
      stream.unreadable(stream.next, new Unreadable('too-large'));
    }
    const next = new Map(streams.map(({ name, epoch, next: seq }) => [name, { epoch, seq }] as const));
    this.before = given.length > 0 ? null : { token: null, next, rounds };
  }

  private dropPlace(): void {
    const { tokens, sessions, breaks, step } = this.context;
    const token = tokens.current;
    // While another session delivers, that one passes it or ends the same way.
    if (token === null || sessions.size > 1) return;
    if (this.before?.token !== token) {
      this.before = { token, next: new Map(), rounds: 0 };
      return;
    }
    this.before = null;
    tokens.rewind(null);
    this.givenUp = token;
    step.moved = true;
    // Told when it goes on, as one break.
    breaks.begin('too-large');
  }
}
