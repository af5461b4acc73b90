/** What the bytes so far are: a packet of that length, the beginning of one, or none. */
export type PacketLength =
  | { readonly kind: 'whole'; readonly bytes: number }
  /** `bytes`: how long the whole will be, where its head says it already. */
  | { readonly kind: 'more'; readonly bytes: number | null }
  | { readonly kind: 'none'; readonly why: string };

/**
 * How a protocol's packets are told apart in a stream of bytes: looks at the first packet of `bytes`, never beyond, and
 * never throws. The transport cuts, keeps the limit of size, and hands each packet on as one frame.
 */
export type PacketReader = (bytes: Uint8Array) => PacketLength;
