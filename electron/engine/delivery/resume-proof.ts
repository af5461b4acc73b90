import type { Position } from '../../../shared/position';
import { type Clock, deadline, type Timer } from '../core/clock';

/** What became of a resume, as far as it can be told. */
type Claim = {
  readonly asked: string;
  /** Nothing came yet; the answer may come; the newest id is looked at; nothing could be found out; something came. */
  state: 'asked' | 'answered' | 'looking' | 'unproven' | 'settled';
  timer: Timer | null;
};

/** The newest place that a look without the cursor found. */
export interface NewestPlace {
  readonly place: string;
  /** Where the feed numbers its events. */
  readonly position: Position | null;
}

export interface ResumeProofCalls {
  /** Below 0: `a` lies before `b`; null when they cannot be compared. */
  compare(a: string, b: string): number | null;
  /** Nothing came: one look at the newest place without the cursor, answered by `looked`. */
  look(session: number): void;
  /** The server never had the place that was asked for. `silent`: and sends nothing, though this is the newest it has. */
  contradicted(session: number, silent: NewestPlace | null): void;
  /** What is said of it changed. */
  changed(): void;
}

/**
 * Whether a server resumed where it was asked to. It is found by evidence: the answer's own header, the first id, or,
 * when nothing came in time, one look at the newest id without the cursor. Only a contradiction is one; a feed that is
 * silent is believed, and the view says that nothing proves it.
 */
export class ResumeProof {
  private readonly claims = new Map<number, Claim>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: { readonly resumeProofMs: number; readonly lookGraceMs: number },
    private readonly calls: ResumeProofCalls,
  ) {}

  /** Some session is quiet since it resumed, and nothing tells whether the server knows the place. */
  get unproven(): boolean {
    for (const { state } of this.claims.values()) if (state === 'looking' || state === 'unproven') return true;
    return false;
  }

  /** Evidence from this session is still wanted. */
  pending(session: number): boolean {
    const claim = this.claims.get(session);
    return claim !== undefined && claim.state !== 'settled';
  }

  opened(session: number, asked: string): void {
    this.claims.set(session, { asked, state: 'asked', timer: null });
  }

  /** The server let the session through; `place`: where its answer's own header says it resumes, null when it does not. */
  answered(session: number, place: string | null): void {
    const claim = this.claims.get(session);
    if (claim?.state !== 'asked') return;
    if (place !== null) {
      this.settle(claim);
      if (place !== claim.asked) this.calls.contradicted(session, null);
      return;
    }
    claim.state = 'answered';
    claim.timer = deadline(this.clock, this.limits.resumeProofMs, () => {
      claim.timer = null;
      claim.state = 'looking';
      this.calls.changed();
      this.calls.look(session);
    });
  }

  /** An id came. `had`: with an event that was delivered before. */
  heard(session: number, place: string, had: boolean): void {
    const claim = this.claims.get(session);
    if (claim === undefined || claim.state === 'settled') return;
    const order = place === claim.asked ? 0 : this.calls.compare(place, claim.asked);
    if (order === null || order >= 0) this.settle(claim);
    else if (had) {
      // A replay from before the place: it may still come to it, and it is no silence.
      claim.timer?.cancel();
      claim.timer = null;
      claim.state = 'answered';
    } else {
      this.settle(claim);
      this.calls.contradicted(session, null);
    }
  }

  /** What the look found; null when it found nothing, or could not be made. */
  looked(session: number, newest: NewestPlace | null): void {
    const claim = this.claims.get(session);
    if (claim?.state !== 'looking') return;
    const order =
      newest === null ? null : newest.place === claim.asked ? 0 : this.calls.compare(newest.place, claim.asked);
    if (order === 0) this.settle(claim);
    else if (order === null) {
      claim.state = 'unproven';
      this.calls.changed();
    } else if (order < 0) {
      this.settle(claim);
      this.calls.contradicted(session, newest);
    } else {
      // Newer ones exist. They may be on their way here too.
      claim.timer = deadline(this.clock, this.limits.lookGraceMs, () => {
        this.settle(claim);
        this.calls.contradicted(session, newest);
      });
    }
  }

  ended(session: number): void {
    this.claims.get(session)?.timer?.cancel();
    this.claims.delete(session);
  }

  close(): void {
    for (const session of [...this.claims.keys()]) this.ended(session);
  }

  private settle(claim: Claim): void {
    const shown = claim.state === 'looking' || claim.state === 'unproven';
    claim.timer?.cancel();
    claim.timer = null;
    claim.state = 'settled';
    if (shown) this.calls.changed();
  }
}
