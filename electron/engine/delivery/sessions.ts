import type { Attachment } from '../core/protocol';

/** What a session promised at attach, per stream. */
interface Target {
  readonly epoch: string;
  readonly from: number;
  /** Newest number at attach; null where the feed does not say. */
  readonly head: number | null;
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
  /** It has brought something. */
  heard: boolean;
  caughtUp: boolean;
  /** It was told that another epoch came through it; once is enough. */
  reattachAsked: boolean;
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
        heard: false,
        caughtUp: false,
        reattachAsked: false,
        token: null,
      };
      this.open.set(id, session);
    }
    return session;
  }

  /** Notes what a session promised at its attach; a later answer of the same epoch (each poll is one) changes nothing. */
  promise(session: Session, { stream, epoch, from, head }: Attachment): void {
    if (session.targets.get(stream)?.epoch === epoch) return;
    session.targets.set(stream, { epoch, from, head });
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
  for (const [name, target] of session.targets) {
    const stream = streams.get(name);
    if (stream === undefined || stream.epoch !== target.epoch) return false;
    if (target.head !== null && stream.cursor < target.head) return false;
  }
  return true;
}
