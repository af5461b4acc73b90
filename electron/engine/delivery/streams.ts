import type { Gap } from '../../../shared/gap';
import type { DeliveryCheckpoint } from '../core/delivery';
import { ownText } from '../core/own-text';
import type { DeliveryCounters } from './counters';
import type { EpochMemory } from './epochs';
import type { SequencerLimits } from './limits';
import type { Session } from './sessions';
import { type StreamContext, StreamSequencer } from './stream-sequencer';

const notedStreams = 64;

/** The streams of a source that number their events, by name. Bounded in number and in what their names take. */
export class Streams {
  readonly all = new Map<string, StreamSequencer>();
  /** The stream of the last event: feeds bring runs of one stream. */
  last: StreamSequencer | null = null;
  private nameChars = 0;

  constructor(
    private readonly limits: SequencerLimits,
    private readonly counters: DeliveryCounters,
    private readonly context: StreamContext,
    private readonly calls: {
      touched(stream: StreamSequencer): void;
      tooMany(): void;
      /** An open gap of an epoch that is over. */
      over(gap: Gap): void;
    },
  ) {}

  /** The stream of that name; null when there are too many to keep a cursor for each. */
  of(name: string): StreamSequencer | null {
    if (this.last !== null) this.calls.touched(this.last);
    const stream = this.all.get(name) ?? this.add(name);
    if (stream === null) return null;
    this.last = stream;
    this.calls.touched(stream);
    return stream;
  }

  /** A known stream; without a name, the only one there is. */
  named(name: string | null): StreamSequencer | null {
    if (name !== null) return this.all.get(name) ?? null;
    const [only] = this.all.values();
    return this.all.size === 1 ? (only ?? null) : null;
  }

  /** Where streams stand as a session begins to ask; of a source with very many nobody keeps that. */
  noteCursors(into: Session['asked']): void {
    if (this.all.size > notedStreams) return;
    for (const [name, { epoch, cursor }] of this.all) into.set(name, { epoch, cursor });
  }

  /** Takes up what was stored. */
  restore(restored: DeliveryCheckpoint, added: (stream: StreamSequencer) => void): void {
    const { positions } = restored.resume;
    const open = new Map<string, Gap[]>();
    for (const gap of restored.openGaps) {
      if (!Object.hasOwn(positions, gap.stream) || positions[gap.stream]?.epoch !== gap.epoch) {
        this.calls.over(gap);
      } else if (!open.get(gap.stream)?.push(gap)) open.set(gap.stream, [gap]);
    }
    for (const [name, position] of Object.entries(positions)) {
      const stream = new StreamSequencer(name, this.context, position);
      stream.gaps.restore(open.get(name) ?? [], position.seq);
      stream.quick = false;
      this.count(stream);
      this.all.set(name, stream);
      this.nameChars += name.length;
      added(stream);
    }
  }

  /** The journal lost what came after `stored`: every stream goes back to it, or to where this run began. */
  reopen(stored: DeliveryCheckpoint | null, epochs: EpochMemory): void {
    const open = new Map<string, Gap[]>();
    for (const gap of stored?.openGaps ?? []) {
      if (this.all.get(gap.stream)?.epoch !== gap.epoch) this.calls.over(gap);
      else if (!open.get(gap.stream)?.push(gap)) open.set(gap.stream, [gap]);
    }
    for (const stream of this.all.values()) {
      if (stream.epoch === null) continue;
      const position = stored?.resume.positions[stream.name] ?? null;
      const known = open.get(stream.name) ?? [];
      if (position?.epoch === stream.epoch) stream.reopen(position.seq, known);
      else {
        stream.reopen(stream.beginning, known);
        if (position !== null) stream.gaps.declareOver(position.epoch, position.seq + 1, 'epoch-changed');
        // An epoch that began and ended meanwhile: nothing of it is stored, and nobody can be asked for it.
        for (const { epoch } of epochs.leftSince(stream.name, stored?.pastEpochs ?? [], position?.epoch ?? null)) {
          if (epoch !== stream.epoch) stream.gaps.declareOver(epoch, 1, 'journal-paused');
        }
      }
      this.count(stream);
    }
  }

  /** Brings the counter of open gaps in line with a stream whose gaps changed. */
  count(stream: StreamSequencer): void {
    this.counters.gapsOpen += stream.gaps.size - stream.gapsCounted;
    stream.gapsCounted = stream.gaps.size;
  }

  private add(name: string): StreamSequencer | null {
    if (this.all.size >= this.limits.streams || this.nameChars + name.length > this.limits.streamNameChars) {
      this.calls.tooMany();
      return null;
    }
    const stream = new StreamSequencer(ownText(name), this.context, null);
    this.all.set(stream.name, stream);
    this.nameChars += name.length;
    return stream;
  }
}
