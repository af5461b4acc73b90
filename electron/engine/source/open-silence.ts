import type { Clock, MonotonicMs } from '../core/clock';
import type { DecodedEvent } from '../core/protocol';
import { askedLogin, isAcknowledgement, isGreeting } from '../protocols/login-answer';

/** A WebSocket of JSON that has never said anything for so long lacks something, ms, where nobody knows how often it speaks. */
const neverSpokeMs = 30_000;
/** No cadence is looked at so closely that a moment counts as silence, ms. */
const leastMs = 10_000;
/** Where its recipe, or what it did before, says that events are rarer, it may well be silent when it has opened, ms. */
const rareMs = 30_000;
/** Of a pace that was learnt so many pauses are no silence yet, as for *stale*. */
const learntPauses = 3;

/** Why what is open is not live: nothing came since it opened, nothing but the question for a login, or nothing any more. */
type Why = 'open-silent' | 'asks-login' | 'fell-silent';

/**
 * Whether a WebSocket that is open says what is expected of it. Pings, greetings and answers to what was said on open are
 * nothing of the kind: a feed that was not subscribed to brings just these. Before it has, it is not live.
 *
 * Each connection has to show it anew, however much the last one said: a subscription that was not made again looks the same as
 * a feed without news. Only time tells them apart, and experience says how much of it: one that spoke every few seconds is
 * expected to, and is silent until it does; one that spoke every ten minutes lacks nothing yet, and is live until three such
 * pauses have passed. Where no pace was learnt nobody knows, and it is silent.
 */
export class OpenSilence {
  private since: MonotonicMs | null = null;
  private spoke = false;
  private why: Why | null = null;
  /** The pace that was learnt before this connection, ms; null where none was. */
  private learntMs: number | null = null;
  /** Events so far, in all sessions: one that opens beside another can tell whether anything came meanwhile. */
  heardCount = 0;

  /**
   * `applies`: it is a feed of messages whose protocol does not say itself that it is there. `eventMs`: an event is
   * expected so often. `pace`: the longest usual pause between events, ms; null as long as that is not known. `tell`: it is silent from now on, or is no more (null).
   */
  constructor(
    private readonly clock: Clock,
    private readonly applies: boolean,
    private readonly eventMs: number | null,
    private readonly tell: (why: Why | null) => void = () => {},
    private readonly pace: () => number | null = () => null,
  ) {}

  /** A session counts as open. `socket`: it is a WebSocket. */
  opened(socket: boolean): void {
    this.since = socket && this.applies ? this.clock.now() : null;
    this.spoke = false;
    this.learntMs = this.pace();
    const rare = (this.eventMs ?? this.learntMs ?? 0) > rareMs;
    // The connection is a new one: what was told of the last holds no more.
    this.why = this.since === null || rare ? null : 'open-silent';
    this.tell(this.why);
  }

  heard(event: Pick<DecodedEvent, 'type' | 'value' | 'body'>): void {
    if (!this.spoke && (isGreeting(event) || isAcknowledgement(event))) {
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
    const silent = this.clock.now() - this.since;
    return silent >= this.limitMs() ? silent : null;
  }

  private limitMs(): number {
    if (this.eventMs !== null) return Math.max(leastMs, 2 * this.eventMs);
    // Once it has spoken its own pace says when it is stale.
    if (this.spoke) return Number.POSITIVE_INFINITY;
    return Math.max(neverSpokeMs, learntPauses * (this.learntMs ?? 0));
  }

  private become(why: Why | null): void {
    if (why === this.why) return;
    this.why = why;
    this.tell(why);
  }
}
