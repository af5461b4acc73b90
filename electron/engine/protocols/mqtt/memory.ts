import type { Version } from './wire';

/** So many topics are remembered by what they said last. */
const mostTopics = 10_000;
/** What a source knows of its broker from one session to the next, as long as it runs. */
export class MqttMemory {
  /** The version that the broker takes; null before it took one. */
  version: Version | null = null;
  /** The version of a CONNECT that nothing has answered yet. */
  unanswered: Version | null = null;
  /** Something came with quality 0: the broker keeps none of such for us, and nobody can tell what a break cost. */
  lossy = false;
  /** The place that we go on from, once it is on disk; null: none. `undefined`: no session was begun yet. */
  place: string | null | undefined = undefined;
  /**
   * What is on disk, by packet identifier: as many as there are identifiers. A broker that has not heard our acknowledgement
   * sends it again, and there may be more of those than keys that delivery remembers.
   */
  private readonly stored = new Map<number, string>();
  private readonly last = new Map<string, string>();

  /** Which version is tried, where the person leaves it open: the newer one first, the other where nothing came back. */
  next(): Version {
    return this.version ?? (this.unanswered === 5 ? 4 : 5);
  }

  /** It is on disk. `content`: a digest of topic and body. */
  keep(messageId: number, content: string): void {
    this.stored.set(messageId, content);
  }

  /** It came before, under this identifier, and is on disk. */
  kept(messageId: number, content: string): boolean {
    return this.stored.get(messageId) === content;
  }

  /** The broker begins a session: its identifiers are other ones. */
  beginAnew(): void {
    this.stored.clear();
  }

  /** Notes what a topic says, by a digest; null: it is too long to be remembered. True where it is what it said last. */
  same(topic: string, content: string | null): boolean {
    const before = this.last.get(topic);
    this.last.delete(topic);
    if (content === null) return false;
    this.last.set(topic, content);
    if (this.last.size > mostTopics) {
      for (const oldest of this.last.keys()) {
        this.last.delete(oldest);
        break;
      }
    }
    return before === content;
  }
}
