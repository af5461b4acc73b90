/** What a session promised at attach, per stream. */
interface Target {
  readonly epoch: string;
  readonly from: number;
  /** Newest number at attach; null where the feed does not say. */
  readonly head: number | null;
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

  end(id: number): void {
    this.open.delete(id);
  }

  all(): Iterable<Session> {
    return this.open.values();
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
}
