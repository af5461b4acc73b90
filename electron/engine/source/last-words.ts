import type { Message } from '../core/protocol';
import type { TransportEnd } from '../core/transport';
import type { SessionEnd } from '../delivery/sequencer';

/**
 * What a session's last message tells of what is missing behind it. A feed that ends on purpose goes on while nobody
 * listens, unless it says that all is said: then nothing is missed until it is asked again, and what it answers then is an
 * answer of its own.
 */
export class LastWords {
  private all = false;

  /** What comes behind the last word shows that it was none. */
  hear(message: Message): void {
    if (message.kind === 'goodbye') this.all = message.whole === true;
    else if (message.kind === 'event') this.all = false;
  }

  /** `end`: null where we end it. `refused`: it never took us. */
  how(end: TransportEnd | null, refused: boolean): SessionEnd {
    if (refused) return 'refused';
    const told = end?.kind === 'complete' || (end?.kind === 'told-end' && end.how === 'whole');
    return told || this.all ? 'whole' : 'broken';
  }
}
