import type { Attachment } from '../core/protocol';
import type { Overlap } from './overlap';

/** A head further ahead of where its answer begins is not believed, so that nobody catches up for ever. */
const farthestHead = 1_000_000_000;

/** What a session promised at attach, per stream. */
interface Target {
  readonly epoch: string;
  readonly from: number;
  /** Newest number at attach; null where the feed does not say. */
  readonly head: number | null;
  /** Repairs that the stream had asked for until then; null while one was running. */
  readonly repairs: number | null;
}

/** How far catching up has come: events settled since the attach, and how many there were to settle (null: unknown). */
export interface CatchingUp {
  readonly fetched: number;
  readonly total: number | null;
}

/** One attach of the source's connection: during a promotion there are two. */
export interface Session {
  readonly id: number;
  readonly targets: Map<string, Target>;
  /** Those of them that are not reached yet. */
  readonly unreached: Map<string, Target>;
  /** It has brought something. */
  heard: boolean;
  caughtUp: boolean;
  /** It was told that another epoch came through it; once is enough. */
  reattachAsked: boolean;
  /** Place that it asked to resume from, where the feed has no numbers to show that it did; null where it did not ask. */
  resumedFrom: string | null;
  /** Place that it did not ask to resume from, because what follows it is too large: what came before may come again. */
  askedWithout: string | null;
  /** Its answers are pages: asked for again and again. */
  polls: boolean;
  /** What it brings that came before, as long as that may be a replay; null before it was let through. */
  overlap: Overlap | null;
  /** What was missing when it opened has come. */
  overlapOver: boolean;
  /** A backlog comes behind what it brought as it happened: that comes once more in its turn. */
  backlogBehind: boolean;
  /** Its last event was one that had come before: its place lies behind ours. */
  repeating: boolean;
  /** The dedupe key that was the last one when it opened. */
  lastKey: string | null;
  /** Where streams stood when its newest request went out, or a little before: what the server answers cannot lie below. */
  readonly asked: Map<string, { readonly epoch: string | null; readonly cursor: number }>;
  /** Newest number of a rising stream it brought. */
  readonly newest: Map<string, number>;
  /** Newest connection-level token it brought while another session's counted. */
  token: string | null;
}

/** The sessions that feed the sequencer, by the number the source gave them: a greater one is newer. */
export class Sessions {
  private readonly open = new Map<number, Session>();

  get size(): number {
    return this.open.size;
  }

  get(id: number): Session {
    let session = this.open.get(id);
    if (session === undefined) {
      session = {
        id,
        targets: new Map(),
        unreached: new Map(),
        heard: false,
        caughtUp: false,
        reattachAsked: false,
        resumedFrom: null,
        askedWithout: null,
        backlogBehind: false,
        polls: false,
        overlap: null,
        overlapOver: false,
        repeating: false,
        lastKey: null,
        asked: new Map(),
        newest: new Map(),
        token: null,
      };
      this.open.set(id, session);
    }
    return session;
  }

  /** Notes what a session promised at its attach; a later answer of the same epoch (each poll is one) changes nothing. */
  promise(session: Session, { stream, epoch, from, head }: Attachment, repairs: number | null): void {
    if (session.targets.get(stream)?.epoch === epoch) return;
    const target = { epoch, from, head: head !== null && head - from > farthestHead ? null : head, repairs };
    session.targets.set(stream, target);
    session.unreached.set(stream, target);
    session.caughtUp = false;
  }

  end(id: number): void {
    this.open.delete(id);
  }

  /** Some session has brought something, so that it may be asked. */
  get anyHeard(): boolean {
    for (const session of this.open.values()) if (session.heard) return true;
    return false;
  }

  /** Number of the newest session that attached a stream; -1 when none did. */
  newestAttached(stream: string): number {
    let newest = -1;
    for (const session of this.open.values()) {
      if (session.id > newest && session.targets.has(stream)) newest = session.id;
    }
    return newest;
  }

  newest(): Session | null {
    let newest: Session | null = null;
    for (const session of this.open.values()) if (newest === null || session.id > newest.id) newest = session;
    return newest;
  }

  oldest(): Session | null {
    let oldest: Session | null = null;
    for (const session of this.open.values()) if (oldest === null || session.id < oldest.id) oldest = session;
    return oldest;
  }

  /** How far the older session, which is the one shown, has come. Null when it has caught up. */
  catchingUp(streams: Streams): CatchingUp | null {
    const session = this.oldest();
    if (session === null || session.caughtUp || session.targets.size === 0) return null;
    let fetched = 0;
    let total: number | null = 0;
    for (const [name, target] of session.targets) {
      const stream = streams.get(name);
      if (stream === undefined) continue;
      fetched += Math.max(0, Math.min(stream.cursor, target.head ?? stream.cursor) - target.from);
      if (target.head === null) total = null;
      else if (total !== null) total += Math.max(0, target.head - target.from);
    }
    return { fetched, total };
  }

  /** Sessions that have reached what they promised since the last call. `unnamed`: without an attach answer it is enough to be heard. */
  newlyCaughtUp(streams: Streams, unnamed: boolean): readonly number[] {
    const reached: number[] = [];
    for (const session of this.open.values()) {
      if (session.caughtUp) continue;
      if (session.targets.size === 0 ? !(session.heard && unnamed) : !hasReached(session, streams)) continue;
      session.caughtUp = true;
      reached.push(session.id);
    }
    return reached;
  }
}

/** Cursors as far as sessions must see them. */
type Streams = ReadonlyMap<string, { readonly epoch: string | null; readonly cursor: number }>;

function hasReached(session: Session, streams: Streams): boolean {
  for (const [name, target] of session.unreached) {
    const stream = streams.get(name);
    if (stream === undefined || stream.epoch !== target.epoch) return false;
    if (target.head !== null && stream.cursor < target.head) return false;
    session.unreached.delete(name);
  }
  return true;
}
