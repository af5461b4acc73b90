import type { Clock, MonotonicMs } from '../core/clock';
import { createListeners, type Report } from '../core/listeners';

/**
 * Watches, over all sources, for a captive portal: HTML where feeds should be, on two origins within 30 s.
 * One origin alone may simply be a wrong address. A suspicion stands until any origin lets a feed through.
 */
export interface PortalWatch {
  /** An origin answered with HTML. True when a portal is now believed. */
  sawHtml(origin: string): boolean;
  /** An origin answered as a feed: whatever stood in between is gone. */
  sawFeed(origin: string): void;
  /** Another network, another chance. */
  reset(): void;
  /** Calls back when a portal comes to be believed. Returns its own unsubscribe. */
  onPortal(listener: () => void): () => void;
}

const windowMs = 30_000;

export function createPortalWatch(clock: Clock, report?: Report): PortalWatch {
  const seen = new Map<string, MonotonicMs>();
  const listeners = createListeners<[]>(report);
  let believed = false;
  return {
    sawHtml(origin) {
      const now = clock.now();
      for (const [other, at] of seen) if (at < now - windowMs) seen.delete(other);
      seen.set(origin, now);
      if (!believed && seen.size >= 2) {
        believed = true;
        listeners.tell();
      }
      return believed;
    },
    sawFeed() {
      believed = false;
      seen.clear();
    },
    reset() {
      believed = false;
      seen.clear();
    },
    onPortal: listeners.subscribe,
  };
}
