import type { Clock, MonotonicMs } from '../core/clock';
import type { DecodedEvent } from '../core/protocol';
import { askedLogin, isGreeting } from '../protocols/login-answer';

/** A WebSocket of JSON that has never said anything for so long lacks something, ms, where nobody knows how often it speaks. */
const neverSpokeMs = 30_000;
/** No cadence is looked at so closely that a moment counts as silence, ms. */
const leastMs = 10_000;
/** Where its recipe says that events are rarer, it may well be silent when it has opened, ms. */
const rareMs = 30_000;

/** Why what is open is not live: nothing came since it opened, nothing but the question for a login, or nothing any more. */
type Why = 'open-silent' | 'asks-login' | 'fell-silent';

/**
 * Whether a WebSocket that is open says what is expected of it. Pings, greetings and answers to what was said on open are
 * nothing of the kind: a feed that was not subscribed to brings just these. Before it has, it is not live.
 */
export class OpenSilence {
  private since: MonotonicMs | null = null;
  private spoke = false;
  private why: Why | null = null;
  /** Events so far, in all sessions: one that opens beside another can tell whether anything came meanwhile. */
  heardCount = 0;

  /**
   * `applies`: it is a feed of messages whose protocol does not say itself that it is there. `eventMs`: an event is
   * expected so often. `tell`: it is silent from now on, or is no more (null).
   */
  constructor(
    private readonly clock: Clock,
    private readonly applies: boolean,
    private readonly eventMs: number | null,
    private readonly tell: (why: Why | null) => void = () => {},
  ) {}

  /** A session counts as open. `socket`: it is a WebSocket. */
  opened(socket: boolean): void {
    this.since = socket && this.applies ? this.clock.now() : null;
    this.spoke = false;
    const rare = this.eventMs !== null && this.eventMs > rareMs;
    // The connection is a new one: what was told of the last holds no more.
    this.why = this.since === null || rare ? null : 'open-silent';
    this.tell(this.why);
  }

  heard(event: Pick<DecodedEvent, 'type'>): void {
    if (!this.spoke && isGreeting(event)) {
      if (this.since !== null && askedLogin(event) !== null) this.become('asks-login');
      return;
    }
    this.heardCount += 1;
    if (this.since === null || (this.spoke && this.eventMs === null)) return;
    this.spoke = true;
    this.since = this.clock.now();
    this.become(null);
  }

  /** Time has passed. */
  look(): void {
    if (this.why === null && this.silentMs() !== null) this.become(this.spoke ? 'fell-silent' : 'open-silent');
  }

  /** For how long nothing came, ms, where that is so long that something is missing; else null. */
  silentMs(): number | null {
    if (this.since === null) return null;
    const { eventMs, spoke } = this;
    const silent = this.clock.now() - this.since;
    const limit = eventMs === null ? (spoke ? Number.POSITIVE_INFINITY : neverSpokeMs) : Math.max(leastMs, 2 * eventMs);
    return silent >= limit ? silent : null;
  }

  private become(why: Why | null): void {
    if (why === this.why) return;
    this.why = why;
    this.tell(why);
  }
}
