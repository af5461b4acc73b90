import type { Position } from '../../shared/position';
import type { StreamInfo } from '../backplane/backplane';
import type { CannotResume, CannotResumeCause } from '../messages';

/** Where a client wants to begin. */
export interface AttachRequest {
  readonly cursor: Position | null;
  readonly last: number | null;
}

/** Where it does begin, and why that is another place than asked for, if it is. */
export interface AttachPoint {
  readonly from: number;
  readonly cannotResume: CannotResume | null;
}

/** Decides the start of an attach (docs/protocol.md *Attaching*, *cannot-resume*). */
export function attachPoint(stream: string, info: StreamInfo, { cursor, last }: AttachRequest): AttachPoint {
  if (cursor === null) {
    const from = last === null ? info.head : Math.max(info.oldest - 1, info.head - last);
    return { from, cannotResume: null };
  }
  const cause = obstacle(info, cursor);
  if (cause === null) return { from: cursor.seq, cannotResume: null };
  return {
    from: cause === 'retention' ? info.oldest - 1 : info.head,
    cannotResume: {
      kind: 'cannot-resume',
      stream,
      epoch: info.epoch,
      cause,
      requested: { epoch: cursor.epoch, seq: cursor.seq },
      oldest: info.oldest,
      head: info.head,
    },
  };
}

function obstacle(info: StreamInfo, cursor: Position): CannotResumeCause | null {
  if (cursor.epoch !== info.epoch) return 'epoch-changed';
  if (cursor.seq > info.head) return 'ahead';
  if (cursor.seq < info.oldest - 1) return 'retention';
  return null;
}
