/** A token and how far each stream must be settled before it may be stored. */
interface Pending {
  readonly token: string;
  readonly barriers: readonly Barrier[];
}

/** A stream that had something unsettled when the token came. */
export interface Barrier {
  readonly settled: () => boolean;
}

/**
 * Connection-level cursors (Wikimedia, nchan). One covers everything received before it, so it commits only when
 * all of that is delivered or in a declared gap: earlier would lose, later would repeat.
 */
export class Tokens {
  private pending: Pending[] = [];

  private committed: string | null;

  constructor(committed: string | null) {
    this.committed = placeOf(committed);
  }

  get current(): string | null {
    return this.committed;
  }

  /** Takes a token; true when it commits at once. An empty one says that there is no place any more. */
  offer(token: string, barriers: readonly Barrier[]): boolean {
    if (barriers.length === 0 && this.pending.length === 0) {
      const place = placeOf(token);
      if (this.committed === place) return false;
      this.committed = place;
      return true;
    }
    // The oldest pending one is kept so that the cursor moves at all, the newest so that it moves far.
    if (this.pending.length > 1) this.pending.pop();
    this.pending.push({ token, barriers });
    return false;
  }

  /** Commits what has become settled; true when the token moved. */
  advance(): boolean {
    let moved = false;
    while (this.pending[0]?.barriers.every((barrier) => barrier.settled())) {
      this.committed = placeOf(this.pending[0].token);
      this.pending.shift();
      moved = true;
    }
    return moved;
  }

  /** Back to what was stored: what came after it is fetched again. */
  rewind(token: string | null): void {
    this.committed = placeOf(token);
    this.pending = [];
  }
}

/** An event stream clears its id with an empty one, and nobody can ask to resume from that. */
function placeOf(token: string | null): string | null {
  return token === '' ? null : token;
}
