import type { RungConfig } from '../../../shared/source';
import { type Clock, deadline, type Timer } from '../core/clock';
import type { Protocol } from '../core/protocol';
import type { RungPurpose } from '../core/rung';
import type { Findings } from './findings';

/**
 * A candidate that has nothing to catch up with and hears nothing is believed after this long, ms: what closes
 * connections that it let open does so sooner.
 */
const settleMs = 6_000;

/** When a session of a feed that never names its newest event has nothing to catch up with. */
export class Arrival {
  private settling: Timer | null = null;
  /** A poll has been answered. */
  private first = false;

  constructor(
    private readonly rung: RungConfig,
    private readonly purpose: RungPurpose,
    private readonly deps: {
      readonly protocol: Pick<Protocol, 'headless'>;
      readonly clock: Clock;
      readonly findings: Pick<Findings, 'silence'>;
    },
    private readonly caughtUp: () => void,
  ) {}

  /** It counts as open. A poll has nothing to show before its first answer is whole. */
  opened(): void {
    const { silence } = this.deps.findings;
    const before = silence.heardCount;
    const begin = (): void => silence.opened(this.rung.transport === 'websocket');
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
