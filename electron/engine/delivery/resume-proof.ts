import type { Position } from '../../../shared/position';
import { type Clock, deadline, type Timer } from '../core/clock';

/** What became of a resume, as far as it can be told. */
type Claim = {
  readonly asked: string;
  /** No other session was open: the place is where it broke off. */
  readonly afterBreak: boolean;
  /**
   * Nothing came yet; the answer may come; the newest id is looked at; nothing could be found out; it goes on, and nobody
   * knows from where; the same for good, since what came may have been a replay or new; evidence came.
   */
  state: 'asked' | 'answered' | 'looking' | 'unproven' | 'speaking' | 'doubted' | 'settled';
  timer: Timer | null;
};

/** `quiet`: since it resumed nothing came; `speaking`: events come, and their ids do not tell where they begin. */
export type Unproven = 'quiet' | 'speaking';

/** The newest place that a look without the cursor found. */
export interface NewestPlace {
  readonly place: string;
  /** Where the feed numbers its events. */
  readonly position: Position | null;
}

export interface ResumeProofCalls {
  /** Below 0: `a` lies before `b`; null when they cannot be compared. */
  compare(a: string, b: string): number | null;
  /** Whether `place`, which lies behind the one that was asked for, shows that nothing between them was left out. */
  goesOn(place: string, asked: string): boolean;
  /** Nothing came: one look at the newest place without the cursor, answered by `looked`. */
  look(session: number): void;
  /** The server never had the place that was asked for. `silent`: and sends nothing, though this is the newest it has. */
  contradicted(session: number, silent: NewestPlace | null): void;
  /** Newer events exist and none came: the way may be dead, so the same place is asked for once more. */
  silent(): void;
  /** So many breaks more (or less, where evidence came late) of which nothing shows whether they cost events. */
  unprovenBreaks(by: 1 | -1): void;
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
  /** The place after which a session brought nothing though newer ones exist, as long as no evidence came since. */
  private silentAfter: string | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly limits: { readonly resumeProofMs: number; readonly lookGraceMs: number },
    private readonly calls: ResumeProofCalls,
  ) {}

  /** Some session resumed, and nothing tells whether the server knows the place. */
  get unproven(): Unproven | null {
    let found: Unproven | null = null;
    for (const { state } of this.claims.values()) {
      if (state === 'looking' || state === 'unproven') return 'quiet';
      if (isOpen(state)) found = 'speaking';
    }
    return found;
  }

  /** Evidence from this session is still wanted. */
  pending(session: number): boolean {
    const claim = this.claims.get(session);
    return claim !== undefined && claim.state !== 'settled' && claim.state !== 'doubted';
  }

  opened(session: number, asked: string, afterBreak: boolean): void {
    this.claims.set(session, { asked, afterBreak, state: 'asked', timer: null });
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
    if (claim === undefined || !this.pending(session)) return;
    const same = place === claim.asked;
    const order = same ? null : this.calls.compare(place, claim.asked);
    // The event that has the place, once more, is behind nothing that was missed. Another one under it only tells that the
    // server named no other place since.
    const later = order !== null && order > 0;
    if (same ? had : order === 0 || (later && this.calls.goesOn(place, claim.asked))) this.settle(claim);
    else if (had || order === null || later) {
      // A server that took no notice of the place sends later ones, too. A replay from before the place: it may still come to it, and it is no silence.
      claim.timer?.cancel();
      claim.timer = null;
      this.change(claim, had ? 'answered' : 'speaking');
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
        const again = this.silentAfter === claim.asked;
        this.settle(claim);
        if (again) this.calls.contradicted(session, newest);
        else {
          this.silentAfter = claim.asked;
          this.calls.silent();
        }
      });
    }
  }

  /** What came before came again, and nothing tells whether it was a replay. */
  doubt(session: number): void {
    const claim = this.claims.get(session);
    if (claim === undefined) return;
    claim.timer?.cancel();
    claim.timer = null;
    this.change(claim, 'doubted');
  }

  /** Found out otherwise: nothing more is wanted of this session. */
  overruled(session: number): void {
    const claim = this.claims.get(session);
    if (claim !== undefined) this.settle(claim);
  }

  ended(session: number): void {
    this.claims.get(session)?.timer?.cancel();
    this.claims.delete(session);
  }

  close(): void {
    for (const session of [...this.claims.keys()]) this.ended(session);
  }

  private settle(claim: Claim): void {
    claim.timer?.cancel();
    claim.timer = null;
    this.silentAfter = null;
    this.change(claim, 'settled');
  }

  private change(claim: Claim, state: Claim['state']): void {
    const before = this.unproven;
    if (claim.afterBreak && isOpen(claim.state) !== isOpen(state)) this.calls.unprovenBreaks(isOpen(state) ? 1 : -1);
    claim.state = state;
    if (this.unproven !== before) this.calls.changed();
  }
}

/** It goes on, and nothing shows that nothing was lost. */
function isOpen(state: Claim['state']): boolean {
  return state === 'speaking' || state === 'doubted';
}
