import { hashBytes } from '../../core/hash-text';
import type { Version } from './wire';

/** So many topics are remembered by what they said last. */
const mostTopics = 10_000;
/** A longer message is not remembered, bytes: to compare it costs what it costs to show it again. */
const longestBody = 64 * 1024;

/** What a source knows of its broker from one session to the next, as long as it runs. */
export class MqttMemory {
  /** The version that the broker takes; null before it took one. */
  version: Version | null = null;
  /** The version of a CONNECT that nothing has answered yet. */
  unanswered: Version | null = null;
  /** Something came with quality 0: the broker keeps none of such for us, and nobody can tell what a break cost. */
  lossy = false;
  private readonly last = new Map<string, string>();

  /** Which version is tried, where the person leaves it open: the newer one first, the other where nothing came back. */
  next(): Version {
    return this.version ?? (this.unanswered === 5 ? 4 : 5);
  }

  /** Notes what a topic says. True where it is what it said last. */
  same(topic: string, body: Uint8Array): boolean {
    const before = this.last.get(topic);
    this.last.delete(topic);
    if (body.length > longestBody) return false;
    const content = hashBytes(body);
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
