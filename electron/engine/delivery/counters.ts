/** What delivery counted since this run began. Events unless said otherwise. */
export interface DeliveryCounters {
  delivered: number;
  /** Dropped because they had been delivered before. */
  repeated: number;
  /** Delivered into an open gap after newer ones. */
  late: number;
  /** Inside gaps that became lost, as far as their numbers are known. */
  lost: number;
  /** Gaps that became lost without anybody knowing how many events lay in them. */
  lostUnknown: number;
  /** Breaks behind which it went on, and nothing shows whether events lay between. */
  resumesUnproven: number;
  /** Gaps open now. */
  gapsOpen: number;
  undecodable: number;
  /** Arrived ahead of their turn and were held. */
  reordered: number;
  /** Held ones let go again because the window was full; they are asked for again. */
  overflowed: number;
  /** Events and answers of another epoch: not applied. */
  otherEpoch: number;
  /** Repairs asked for. */
  repairs: number;
}

export function emptyCounters(): DeliveryCounters {
  return {
    delivered: 0,
    repeated: 0,
    late: 0,
    lost: 0,
    lostUnknown: 0,
    resumesUnproven: 0,
    gapsOpen: 0,
    undecodable: 0,
    reordered: 0,
    overflowed: 0,
    otherEpoch: 0,
    repairs: 0,
  };
}
