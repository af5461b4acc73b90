import type { Gap } from '../../../shared/gap';
import type { DeliveredEvent } from '../core/delivery';
import type { DecodedEvent } from '../core/protocol';
import type { DeliveryCounters } from './counters';

/** Collects one step of delivery until it is flushed: what becomes one journal transaction. */
export class Step {
  events: DeliveredEvent[] = [];
  /** The cursor, token or key window moved, even if no event did. */
  moved = false;
  private readonly gaps = new Map<string, Gap>();

  constructor(
    private readonly counters: DeliveryCounters,
    public nextOrdinal: number,
  ) {}

  /** Spelt out field by field: a spread costs several times as much on the hottest path of the engine. */
  deliver(event: DecodedEvent, late: boolean): void {
    this.events.push({
      stream: event.stream,
      position: event.position,
      id: event.id,
      type: event.type,
      sentAt: event.sentAt,
      receivedAt: event.receivedAt,
      body: event.body,
      bytes: event.bytes,
      value: event.value,
      ordinal: this.nextOrdinal++,
      late,
    });
    if (late) this.counters.late++;
  }

  /** The newest form of a gap wins; its place in the step is where it first changed. */
  gapChanged(gap: Gap): void {
    this.gaps.set(gap.id, gap);
  }

  get empty(): boolean {
    return this.events.length === 0 && !this.moved && this.gaps.size === 0;
  }

  get gapsMoved(): boolean {
    return this.gaps.size > 0;
  }

  /** Hands over what was collected and begins anew. */
  take(): { readonly events: readonly DeliveredEvent[]; readonly gaps: readonly Gap[] } {
    const taken = { events: this.events, gaps: [...this.gaps.values()] };
    this.counters.delivered += taken.events.length;
    this.events = [];
    this.gaps.clear();
    this.moved = false;
    return taken;
  }
}
