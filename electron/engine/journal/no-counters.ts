import type { SourceCounters } from '../../../shared/view';

/** Totals of a source of which nothing is counted yet. */
export const noCounters: SourceCounters = {
  delivered: 0,
  repeated: 0,
  late: 0,
  lost: 0,
  gapsOpen: 0,
  undecodable: 0,
  reconnects: 0,
  bytes: 0,
};
