import { createHash } from 'node:crypto';
import type { Gap, GapCause } from '../../../shared/gap';
import type { DeliveredEvent } from '../core/delivery';
import type { RecordedEvent, RecordedGap } from './format';

/**
 * A recorded event as it is delivered again: at `now`, and sent as long before it as it was then, so that lag, rates and
 * charts come out as they were. Each pass over the file (a seek begins one) is an epoch of its own: going back repeats no
 * number. `read`: what a text says, as it is read where it comes from a feed; undefined where it is no JSON.
 */
export function replayedEvent(
  line: RecordedEvent,
  { now, ordinal, pass }: { readonly now: number; readonly ordinal: number; readonly pass: number },
  read: (text: string) => unknown,
): DeliveredEvent {
  const body = line.body ?? new Uint8Array(Buffer.from(line.base64 ?? '', 'base64'));
  return {
    ordinal,
    late: line.late,
    stream: line.stream,
    position: line.epoch === null || line.seq === null ? null : { epoch: passOf(line.epoch, pass), seq: line.seq },
    id: line.id,
    type: line.type,
    sentAt: line.sentAt === null ? null : line.sentAt + now - line.at,
    receivedAt: now,
    body,
    bytes: typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength,
    value: typeof body === 'string' ? read(body) : undefined,
  };
}

/** A recorded gap as it is told again, before the event `before`. */
export function replayedGap(line: RecordedGap, now: number, before: number, pass: number): Gap {
  const { stream, from, to, status } = line;
  return {
    id: createHash('sha256').update(`${pass} ${line.id}`).digest('hex').slice(0, 16),
    stream,
    epoch: passOf(line.epoch, pass),
    from,
    to,
    status,
    cause: causes.find((cause) => cause === line.cause) ?? 'missed',
    openedAt: now,
    closedAt: status === 'open' ? null : now,
    before,
  };
}

const causes: readonly GapCause[] = [
  'missed',
  'retention',
  'epoch-changed',
  'no-replay',
  'not-resumed',
  'too-large',
  'decode-error',
  'journal-paused',
  'journal-damaged',
  'not-running',
  'page-rolled-over',
];

function passOf(epoch: string, pass: number): string {
  return pass === 1 ? epoch : `${epoch}/${pass}`;
}
