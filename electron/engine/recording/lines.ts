import type { Transition } from '../../../shared/connection';
import type { EventRow } from '../../../shared/event';
import type { Gap } from '../../../shared/gap';
import type { DeliveredEvent } from '../core/delivery';
import { longestName, longestSentence, type RecordedEvent, type RecordedGap, type RecordedState } from './format';

/** A delivered event as a line. */
export function eventLine(event: DeliveredEvent): RecordedEvent {
  const body =
    typeof event.body === 'string' ? { body: event.body } : { base64: Buffer.from(event.body).toString('base64') };
  return {
    kind: 'event',
    at: event.receivedAt,
    stream: named(event.stream),
    epoch: event.position ? named(event.position.epoch) : null,
    seq: event.position?.seq ?? null,
    id: idOf(event.id),
    type: named(event.type),
    sentAt: event.sentAt,
    late: event.late,
    ...body,
  };
}

/** A stored event as a line; `whole` is its body where the row carries only the beginning. */
export function rowLine(row: EventRow, whole: string): RecordedEvent {
  const { seq, sentAt, late, receivedAt } = row;
  const body = row.encoding === 'text' ? { body: whole } : { base64: whole };
  return {
    kind: 'event',
    at: receivedAt,
    stream: named(row.stream),
    epoch: row.epoch === null ? null : named(row.epoch),
    seq,
    id: idOf(row.id),
    type: named(row.type),
    sentAt,
    late,
    ...body,
  };
}

/** A gap as it stood at that moment. */
export function gapLine(gap: Gap): RecordedGap {
  const { id, from, to, status, cause } = gap;
  const at = gap.closedAt ?? gap.openedAt;
  return { kind: 'gap', at, id, stream: named(gap.stream), epoch: named(gap.epoch), from, to, status, cause };
}

/** A transition without its evidence: headers in it could hold what must not leave the machine. */
export function stateLine({ at, from, to, transport, code, text }: Transition): RecordedState {
  return { kind: 'state', at, from: from.kind, to: to.kind, transport, code, text: text.slice(0, longestSentence) };
}

/** What is longer than a reader takes would make the rest of the file unreadable: a name is cut. */
function named(name: string): string {
  return name.slice(0, longestName);
}

/** A part of an id is the id of something else: a longer one is left out. */
function idOf(id: string | null): string | null {
  return id !== null && id.length <= longestName ? id : null;
}
