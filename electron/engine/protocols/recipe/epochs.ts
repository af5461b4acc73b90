import type { Position } from '../../../../shared/position';
import type { DecodedEvent, Message } from '../../core/protocol';

/** So many streams of one session are followed. */
const mostStreams = 10_000;

/**
 * A feed that numbers its events by a recipe answers no attach: its first event of each stream says where its session
 * stands, and one of another numbering that this one has begun.
 */
export class Epochs {
  private readonly known: Map<string, string>;

  /** `resumed`: where the session resumes. `resumable`: it was asked to. */
  constructor(
    private readonly resumed: Readonly<Record<string, Position>>,
    private readonly resumable: boolean,
  ) {
    // Where nothing is asked for, delivery begins with what comes, in the numbering that it knows.
    this.known = new Map(resumable ? [] : Object.entries(resumed).map(([stream, { epoch }]) => [stream, epoch]));
  }

  attachedBy({ stream, position }: DecodedEvent): readonly Message[] {
    if (position === null) return [];
    const { epoch, seq } = position;
    const before = this.known.get(stream);
    if (before === epoch || (before === undefined && this.known.size >= mostStreams)) return [];
    this.known.set(stream, epoch);
    if (before === undefined && !this.resumable) return [];
    const place = Object.hasOwn(this.resumed, stream) ? this.resumed[stream] : undefined;
    const from = place?.epoch === epoch ? Math.min(place.seq, seq - 1) : seq - 1;
    return [{ kind: 'attached', attachment: { stream, epoch, from: Math.max(0, from), head: null } }];
  }
}
