import type { LogPlace } from '../../../shared/outbox';
import type { KeyMemory } from '../core/protocol';

/** Where the log of a feed is now, as far as it said so. */
export interface ServerPlace {
  readonly epoch: string;
  readonly head: number;
  /** Monotonic ms of when it was heard of; Infinity on a connection that ends with the epoch. */
  readonly heardAt: number;
}

/**
 * Why a feed may not know the key of a message any more that left at `left` and was not answered, in a sentence for
 * people; null when it knows it. `wall`: epoch ms now.
 */
export function whyUnknown(left: LogPlace, now: ServerPlace, keys: KeyMemory, wall: number): string | null {
  if (left.epoch !== now.epoch || now.head < left.head) {
    return 'It was not answered, and the server began its log anew since: it may have it, and does not know its key.';
  }
  if (now.head - left.head >= keys.events) {
    return `It was not answered, and ${now.head - left.head} events came since: the server may have it, and have forgotten its key.`;
  }
  // A clock that was set back says as little as one that ran on.
  if (Math.abs(wall - left.at) >= keys.ms) {
    return 'It was not answered, and was sent too long ago: the server may have it, and have forgotten its key.';
  }
  return null;
}
