import type { Clock, MonotonicMs } from '../core/clock';
import type { DecodedEvent } from '../core/protocol';
import { isGreeting } from '../protocols/login-answer';

/** A WebSocket of JSON that has never said anything for so long is silent, ms, where nobody knows how often it speaks. */
const neverSpokeMs = 30_000;
/** No cadence is looked at so closely that a moment counts as silence, ms. */
const leastMs = 10_000;

/**
 * Whether a WebSocket that is open says what is expected of it. Pings, greetings and answers to what was said on open are
 * nothing of the kind: a feed that was not subscribed to brings just these.
 */
export class OpenSilence {
  private since: MonotonicMs | null = null;
  private spoke = false;

  /** `applies`: it is a feed of messages whose protocol does not say itself that it is there. `eventMs`: an event is expected so often. */
  constructor(
    private readonly clock: Clock,
    private readonly applies: boolean,
    private readonly eventMs: number | null,
  ) {}

  /** A session counts as open. `socket`: it is a WebSocket. */
  opened(socket: boolean): void {
    this.since = socket && this.applies ? this.clock.now() : null;
    this.spoke = false;
  }

  heard(event: Pick<DecodedEvent, 'type'>): void {
    if (this.since === null || (this.spoke && this.eventMs === null)) return;
    if (!this.spoke && isGreeting(event)) return;
    this.spoke = true;
    this.since = this.clock.now();
  }

  /** For how long nothing came that was expected, ms; null where that is as it should be. */
  silentMs(): number | null {
    if (this.since === null) return null;
    const { eventMs, spoke } = this;
    const silent = this.clock.now() - this.since;
    const limit = eventMs === null ? (spoke ? Number.POSITIVE_INFINITY : neverSpokeMs) : Math.max(leastMs, 2 * eventMs);
    return silent >= limit ? silent : null;
  }
}
