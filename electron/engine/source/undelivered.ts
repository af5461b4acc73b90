import type { ResumePoint } from '../../../shared/position';
import type { Message } from '../core/protocol';
import type { Undelivered } from '../core/rung';

/**
 * What a proof's answer has beyond what was accepted. An event without a position may have been delivered: then nothing
 * is proven either way. `greeted`: the delivering session has had the greeting that it begins with, or there is none.
 */
export function undeliveredIn(messages: readonly Message[], resume: ResumePoint, greeted: boolean): Undelivered {
  let count = 0;
  let unclear = false;
  let greeting = false;
  for (const message of messages) {
    if (message.kind === 'attached') greeting = !greeted;
    if (message.kind !== 'event') continue;
    const { stream, position } = message.event;
    const accepted = Object.hasOwn(resume.positions, stream) ? resume.positions[stream] : undefined;
    if (!position) unclear = true;
    else if (!accepted || accepted.epoch !== position.epoch || position.seq > accepted.seq) count += 1;
  }
  if (count > 0) return count;
  if (greeting) return 'greeting';
  return unclear ? 'unclear' : 0;
}
