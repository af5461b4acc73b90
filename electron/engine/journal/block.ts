/**
 * The journal's unit of storage: some hundred events of one source, in the order they were delivered.
 *
 * A block is two pieces. `head` holds everything but the bodies, by column: a 4-byte length, a JSON header with the
 * dictionaries, then the columns in the order of `columnBytes`, the widest first so that each is aligned. `text` holds the
 * ids, then the bodies, joined without separators; lengths in the head (UTF-16 units) tell them apart. Columns that say
 * nothing (one stream only, no ids, ordinals without holes) are left out. Little-endian, as every platform we run on.
 */

/** Version of the layout; a block of another one is not read. */
export const blockVersion = 1;

/** Bits of the `flags` column. */
export const lateFlag = 1;
export const binaryFlag = 2;

/** Events per block, and UTF-16 units of text after which one is closed early. */
export const blockEvents = 512;
export const blockChars = 256 * 1024;

export type Column =
  | 'received'
  | 'sent'
  | 'seq'
  | 'ordinal'
  | 'length'
  | 'bytes'
  | 'id'
  | 'stream'
  | 'epoch'
  | 'type'
  | 'flags';

/** Columns in the order they are stored, with the width of one value. */
export const columnBytes: readonly (readonly [Column, number])[] = [
  ['received', 8],
  ['sent', 8],
  ['seq', 8],
  ['ordinal', 8],
  ['length', 4],
  ['bytes', 4],
  ['id', 4],
  ['stream', 2],
  ['epoch', 2],
  ['type', 2],
  ['flags', 1],
];

export interface BlockHeader {
  readonly v: number;
  readonly n: number;
  readonly first: number;
  readonly streams: readonly string[];
  readonly epochs: readonly string[];
  readonly types: readonly string[];
  readonly columns: readonly Column[];
  readonly idChars: number;
}

/** An event as it goes into a block. */
export interface BlockEvent {
  readonly ordinal: number;
  readonly stream: string;
  readonly position: { readonly epoch: string; readonly seq: number } | null;
  readonly id: string | null;
  readonly type: string;
  readonly sentAt: number | null;
  readonly receivedAt: number;
  readonly body: string | Uint8Array;
  readonly bytes: number;
  readonly late: boolean;
}

/** The numbers of one (stream, epoch) that a block holds, both ends included. */
export type Extent = readonly [stream: string, epoch: string, low: number, high: number];

/** A finished block, with what is indexed of it. Times are wall clock, epoch ms. */
export interface EncodedBlock {
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly head: Uint8Array;
  /** UTF-8. */
  readonly text: Uint8Array;
  readonly extents: readonly Extent[];
}

/** Where the columns begin after a header: eight-byte columns must be aligned. */
export function align(offset: number): number {
  return (offset + 7) & ~7;
}
