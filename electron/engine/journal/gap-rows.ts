import type { Gap } from '../../../shared/gap';
import type { SqlRow } from './database';
import { num, str } from './database';

/** A stored gap as it was handed over. */
export function gapOf(row: SqlRow): Gap {
  return {
    id: str(row, 'id'),
    stream: str(row, 'stream'),
    epoch: str(row, 'epoch'),
    from: num(row, 'low'),
    to: typeof row.high === 'number' ? row.high : null,
    status: str(row, 'status') as Gap['status'],
    cause: str(row, 'cause') as Gap['cause'],
    openedAt: num(row, 'opened_at'),
    closedAt: typeof row.closed_at === 'number' ? row.closed_at : null,
  };
}
