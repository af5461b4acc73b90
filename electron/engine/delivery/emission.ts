import type { Clock, Timer } from '../core/clock';
import type { SequencerSink } from './contract';
import type { Parts } from './parts';

/** Lets out what was collected: one step at a time, its notices behind it, then the questions it leaves. */
export class Emission {
  private flushing = false;
  private again: Timer | null = null;
  private closed = false;

  constructor(
    private readonly parts: Parts,
    private readonly sink: SequencerSink,
    private readonly clock: Clock,
  ) {}

  flush(): void {
    if (this.closed) return;
    if (this.flushing) {
      // Told something from inside the sink: once the sink has returned, on a tick of its own.
      this.again ??= this.clock.after(0, () => {
        this.again = null;
        this.flush();
      });
      return;
    }
    const { facts, sessions, streams, notices, repairs } = this.parts;
    this.flushing = true;
    try {
      this.emit();
      // A feed that cannot name its head has nothing to catch up with.
      const unnamed = facts.numbering === 'none' || !facts.resumable;
      for (const id of sessions.newlyCaughtUp(streams.all, unnamed)) notices.caughtUp(id);
      notices.tell();
      repairs.pump();
    } finally {
      this.flushing = false;
    }
  }

  close(): void {
    this.closed = true;
    this.again?.cancel();
  }

  private emit(): void {
    const { checkpoints, streams, tokens, step } = this.parts;
    if (streams.last !== null) checkpoints.touch(streams.last);
    if (tokens.advance()) step.moved = true;
    for (const stream of checkpoints.takeUnseen()) {
      if (!stream.gaps.dirty) continue;
      stream.gaps.collect((gap) => step.gapChanged(gap));
      streams.count(stream);
    }
    if (step.empty) return;
    const { events, gaps } = step.take();
    this.sink.onDelivery({ events, gaps, checkpoint: checkpoints.build(step.nextOrdinal) });
  }
}
