import type { Transition } from '../../../shared/connection';
import type { EventRow } from '../../../shared/event';
import type { Gap } from '../../../shared/gap';
import type { DeliveredEvent } from '../core/delivery';
import type { RecordedEvent, RecordedGap, RecordedState } from './format';

/** A delivered event as a line. */
export function eventLine(event: DeliveredEvent): RecordedEvent {
  const body =
    typeof event.body === 'string' ? { body: event.body } : { base64: Buffer.from(event.body).toString('base64') };
  return {
    kind: 'event',
    at: event.receivedAt,
    stream: event.stream,
    epoch: event.position?.epoch ?? null,
    seq: event.position?.seq ?? null,
    id: event.id,
    type: event.type,
    sentAt: event.sentAt,
    late: event.late,
    ...body,
  };
}

/** A stored event as a line; `whole` is its body where the row carries only the beginning. */
export function rowLine(row: EventRow, whole: string): RecordedEvent {
  const { stream, epoch, seq, id, type, sentAt, late, receivedAt } = row;
  const body = row.encoding === 'text' ? { body: whole } : { base64: whole };
  return { kind: 'event', at: receivedAt, stream, epoch, seq, id, type, sentAt, late, ...body };
}

/** A gap as it stood at that moment. */
export function gapLine(gap: Gap): RecordedGap {
  const { id, stream, epoch, from, to, status, cause } = gap;
  return { kind: 'gap', at: gap.closedAt ?? gap.openedAt, id, stream, epoch, from, to, status, cause };
}

/** A transition without its evidence: headers in it could hold what must not leave the machine. */
export function stateLine({ at, from, to, transport, code, text }: Transition): RecordedState {
  return { kind: 'state', at, from: from.kind, to: to.kind, transport, code, text };
}
