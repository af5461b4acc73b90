import type { ResumePoint } from '../../../shared/position';
import type { Message } from '../core/protocol';

/** Events of a proof's answer that lie beyond what was accepted. One without a position may have been delivered: no proof. */
export function countUndelivered(messages: readonly Message[], resume: ResumePoint): number {
  let count = 0;
  for (const message of messages) {
    if (message.kind !== 'event') continue;
    const { stream, position } = message.event;
    const accepted = Object.hasOwn(resume.positions, stream) ? resume.positions[stream] : undefined;
    if (position && (!accepted || accepted.epoch !== position.epoch || position.seq > accepted.seq)) count += 1;
  }
  return count;
}
