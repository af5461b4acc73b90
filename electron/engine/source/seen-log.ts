import type { Position } from '../../../shared/position';
import type { TransportKind } from '../../../shared/transport';
import type { Clock } from '../core/clock';
import type { Attachment } from '../core/protocol';
import type { ServerPlace } from '../outbox/key-memory';

/** What one session was told of the server's log: its epoch, and how far it has come. */
export class SeenLog {
  private seen: { readonly stream: string; readonly epoch: string; head: number } | null = null;
  private heardAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly clock: Clock,
    private readonly transport: TransportKind,
  ) {}

  /** Something came from the server: what it said last was so until now. */
  heard(): void {
    this.heardAt = this.clock.now();
  }

  attached({ stream, epoch, from, head }: Attachment): void {
    this.seen = { stream, epoch, head: Math.max(from, head ?? from) };
  }

  heartbeat(epoch: string | null, head: number | null): void {
    if (this.seen?.epoch === epoch && head !== null) this.seen.head = Math.max(this.seen.head, head);
  }

  /** `cursors`: how far events have been taken, which may be further than the last that the server said of its head. */
  place(cursors: Readonly<Record<string, Position>>): ServerPlace | null {
    if (!this.seen) return null;
    const { stream, epoch, head } = this.seen;
    const cursor = Object.hasOwn(cursors, stream) ? cursors[stream] : undefined;
    return {
      epoch,
      head: cursor?.epoch === epoch ? Math.max(head, cursor.seq) : head,
      // What is sent over a WebSocket reaches the server that answered on it, or none.
      heardAt: this.transport === 'websocket' ? Number.POSITIVE_INFINITY : this.heardAt,
    };
  }
}
