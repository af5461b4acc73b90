import type { Gap, GapCause } from '../../../shared/gap';
import type { Clock, WallMs } from '../core/clock';
import type { Random } from '../core/random';
import type { DeliveryCounters } from './counters';
import type { Step } from './step';

interface Break {
  readonly cause: GapCause;
  /** Wall clock, epoch ms. */
  readonly at: WallMs;
}

/** The stream of a gap that is told before anything was said, at first or after a restart: it stands for all of a feed. */
export const unnamedStream = 'main';

/**
 * The breaks of a feed without numbers. What one cost cannot be known, so each that nothing bridges leaves a gap of
 * unknown size; breaks with no event between them are one.
 */
export class Breaks {
  private open: Break | null = null;
  private last: { readonly gap: Gap; readonly ordinal: number } | null = null;
  /** There is a time before which something was heard. */
  private watched = false;
  stream = unnamedStream;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly step: Step,
    private readonly counters: DeliveryCounters,
    /** It is watched again after a restart. */
    restarted: boolean,
  ) {
    if (restarted) this.begin('not-running');
  }

  /** Nothing is heard of the feed from now on. `refused`: nor was it before, since we were not let in. */
  begin(cause: GapCause, refused = false): void {
    if (refused && !this.watched) return;
    this.watched = true;
    this.open ??= { cause, at: this.clock.wall() };
  }

  /** It goes on where it was: nothing is missing. */
  bridge(): void {
    this.open = null;
  }

  /** It goes on, and nobody knows from where. False when there was no break. */
  end(): boolean {
    const { open } = this;
    if (open === null) return false;
    this.open = null;
    this.declare(open.cause, open.at);
    return true;
  }

  /** Whether a gap was told that stands before an event of this ordinal or a later one. */
  toldSince(ordinal: number): boolean {
    return this.last !== null && this.last.ordinal >= ordinal;
  }

  /** Something is missing though nothing broke. */
  declare(cause: GapCause, openedAt = this.clock.wall()): void {
    const closedAt = this.clock.wall();
    const ordinal = this.step.nextOrdinal;
    const same = this.last !== null && this.last.ordinal === ordinal && this.last.gap.cause === cause;
    const gap: Gap =
      same && this.last !== null
        ? { ...this.last.gap, closedAt }
        : {
            id: this.random.id(),
            stream: this.stream,
            epoch: '',
            from: 0,
            to: null,
            status: 'lost',
            cause,
            openedAt,
            closedAt,
            before: ordinal,
          };
    if (!same) this.counters.lostUnknown++;
    this.last = { gap, ordinal };
    this.step.gapChanged(gap);
  }
}
