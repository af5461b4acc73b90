import type { Gap } from '../../../shared/gap';
import type { DeliveredEvent } from '../core/delivery';
import type { DecodedEvent } from '../core/protocol';
import type { DeliveryCounters } from './counters';

/**
 * A class, and spelt out field by field: a spread costs several times as much on the hottest path of the engine. An
 * object literal costs more still: once its objects have survived a collection or two, V8 makes all further ones old,
 * where they and all they point to stay until the next full collection.
 */
class Delivered implements DeliveredEvent {
  declare readonly stream: DeliveredEvent['stream'];
  declare readonly position: DeliveredEvent['position'];
  declare readonly id: DeliveredEvent['id'];
  declare readonly type: DeliveredEvent['type'];
  declare readonly sentAt: DeliveredEvent['sentAt'];
  declare readonly receivedAt: DeliveredEvent['receivedAt'];
  declare readonly body: DeliveredEvent['body'];
  declare readonly bytes: DeliveredEvent['bytes'];
  declare readonly value: DeliveredEvent['value'];
  declare readonly measures?: NonNullable<DeliveredEvent['measures']>;
  declare readonly of?: NonNullable<DeliveredEvent['of']>;
  declare readonly thing?: string;
  declare readonly ordinal: number;
  declare readonly late: boolean;

  constructor(event: DecodedEvent, ordinal: number, late: boolean) {
    this.stream = event.stream;
    this.position = event.position;
    this.id = event.id;
    this.type = event.type;
    this.sentAt = event.sentAt;
    this.receivedAt = event.receivedAt;
    this.body = event.body;
    this.bytes = event.bytes;
    this.value = event.value;
    if (event.measures !== undefined) this.measures = event.measures;
    if (event.of !== undefined) this.of = event.of;
    if (event.thing !== undefined) this.thing = event.thing;
    this.ordinal = ordinal;
    this.late = late;
  }
}

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

  deliver(event: DecodedEvent, late: boolean): void {
    this.events.push(new Delivered(event, this.nextOrdinal++, late));
    if (late) this.counters.late++;
  }

  /** The newest form of a gap wins; its place in the step is where it first changed. */
  gapChanged(gap: Gap): void {
    this.gaps.set(gap.id, gap);
  }

  get empty(): boolean {
    return this.events.length === 0 && !this.moved && this.gaps.size === 0;
  }

  /** Forgets what was collected: it is fetched again. */
  drop(): void {
    this.events = [];
    this.gaps.clear();
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
