import type { PacketReader } from '../../core/packets';

/** Packets of a small protocol for tests: four bytes of length, then as many bytes; a length of all ones is none of it. */
export const records: PacketReader = (bytes) => {
  if (bytes.length < 4) return { kind: 'more', bytes: null };
  const length = Buffer.from(bytes.buffer, bytes.byteOffset, 4).readUInt32BE();
  if (length === 0xffff_ffff) return { kind: 'none', why: 'no length' };
  return bytes.length < length + 4 ? { kind: 'more', bytes: length + 4 } : { kind: 'whole', bytes: length + 4 };
};

export function record(body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** What stands in a record. */
export function bodyOf(packet: string | Uint8Array): string {
  return Buffer.from(packet).subarray(4).toString();
}
