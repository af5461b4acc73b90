import type { RungConfig } from '../../../shared/source';
import { type Clock, deadline, type Timer } from '../core/clock';
import type { Protocol } from '../core/protocol';
import type { RungPurpose } from '../core/rung';
import type { Sequencer } from '../delivery/sequencer';
import type { Findings } from './findings';
import type { Flushes } from './session-deps';

/**
 * A candidate that has nothing to catch up with and hears nothing is believed after this long, ms: what closes
 * connections that it let open does so sooner.
 */
const settleMs = 6_000;

/** When a session begins to hear its feed, and when one that never names its newest event has nothing to catch up with. */
export class Arrival {
  private settling: Timer | null = null;
  private listening = false;
  /** Where the head of its answer says that it goes on. */
  place: string | null = null;
  /** A poll has been answered. */
  private first = false;

  constructor(
    private readonly id: number,
    private readonly rung: RungConfig,
    private readonly purpose: RungPurpose,
    private readonly deps: {
      readonly protocol: Pick<Protocol, 'headless'>;
      readonly clock: Clock;
      readonly findings: Pick<Findings, 'silence'>;
      readonly sequencer: Pick<Sequencer, 'answered'>;
      readonly flushes: Pick<Flushes, 'now'>;
    },
    private readonly caughtUp: () => void,
  ) {}

  /**
   * From here on the feed is heard, and what a break cost is told before what comes. Where it has to be spoken to first its
   * mere opening is none of that: who is then refused has never listened.
   */
  hears(): void {
    if (this.listening || this.purpose === 'proof') return;
    this.listening = true;
    this.deps.sequencer.answered(this.id, this.place);
  }

  /** The same, where nothing has come yet that would bring it on. */
  listens(): void {
    this.hears();
    if (this.purpose !== 'proof') this.deps.flushes.now();
  }

  /** It counts as open. A poll has nothing to show before its first answer is whole. */
  opened(): void {
    const { silence } = this.deps.findings;
    const before = silence.heardCount;
    const begin = (): void => silence.opened(this.rung.transport === 'websocket' || this.rung.transport === 'tcp');
    if (this.purpose !== 'candidate') begin();
    if (!this.deps.protocol.headless || this.rung.transport === 'poll') return;
    if (this.purpose !== 'candidate') this.caughtUp();
    else
      this.settling = deadline(this.deps.clock, settleMs, () => {
        this.caughtUp();
        // It is the connection now, and has not shown yet that it speaks.
        if (silence.heardCount === before) begin();
      });
  }

  /** A poll's answer is whole, or turned out to be a stream: only now is there nothing left to catch up with. */
  answered(): void {
    if (this.first || this.rung.transport !== 'poll') return;
    this.first = true;
    if (this.deps.protocol.headless) this.caughtUp();
  }

  end(): void {
    this.settling?.cancel();
  }
}
