import type { Breaks } from './breaks';
import type { ProtocolFacts } from './contract';
import { Unreadable } from './reorder-window';
import type { Session, Sessions } from './sessions';
import type { Step } from './step';
import type { StreamSequencer } from './stream-sequencer';
import type { Streams } from './streams';
import type { Tokens } from './tokens';

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
}

/**
 * A message over the limit ends its session, and a session that resumes to it ends the same way, for ever. Whose it was
 * is not said where several streams share a connection, and not where it lies where there is only a place: there it is
 * given up the second time that nothing came before it.
 */
export class Oversize {
  private before: Stand | null = null;

  constructor(private readonly context: OversizeContext) {}

  /** `passed`: its own place was read and offered, so that the next session goes on behind it. */
  ended(session: Session, name: string | null, passed: boolean): void {
    const { facts, streams, breaks } = this.context;
    if (facts.numbering !== 'contiguous') {
      if (passed) breaks.declare('too-large');
      else this.dropPlace(session);
      return;
    }
    const stream = streams.named(name);
    if (stream !== null) this.giveUp(stream);
    else this.findStream(session);
  }

  private giveUp(stream: StreamSequencer): void {
    if (stream.epoch === null) return;
    this.context.touched(stream);
    stream.unreadable(stream.next, new Unreadable('too-large'));
  }

  /** Streams that owe the same as before: the server has something for each, and nothing of it came. */
  private findStream(session: Session): void {
    const { all } = this.context.streams;
    const { before } = this;
    const stuck = [...all.values()].filter((stream) => {
      const stood = before?.next.get(stream.name);
      const target = session.targets.get(stream.name);
      if (!stood || !target || stood.seq !== stream.next || stood.epoch !== stream.epoch) return false;
      return target.epoch === stream.epoch && (target.head === null || target.head >= stream.next);
    });
    for (const stream of stuck) this.giveUp(stream);
    const next = new Map([...all.values()].map(({ name, epoch, next: seq }) => [name, { epoch, seq }] as const));
    this.before = stuck.length > 0 ? null : { token: null, next };
  }

  private dropPlace(session: Session): void {
    const { tokens, sessions, breaks, step } = this.context;
    const token = tokens.current;
    // While another session delivers, that one passes it or ends the same way.
    if (token === null || sessions.size > 1) return;
    if (this.before?.token !== token) {
      this.before = { token, next: new Map() };
      return;
    }
    this.before = null;
    tokens.rewind(null);
    step.moved = true;
    // Told when it goes on, as one break; pages and answers one by one do not say that they go on.
    if (session.polls) breaks.declare('too-large');
    else breaks.begin('too-large');
  }
}
