import { generate, type Packet, type Parser, parser } from 'mqtt-packet';

/** Versions by the number that stands in CONNECT: 4 is 3.1.1. */
export type Version = 4 | 5;

export type Parsed = { readonly packet: Packet; readonly why: null } | { readonly packet: null; readonly why: string };

/** Reads packets one by one, each of them whole. Never throws. */
export function createPacketParser(version: Version): (bytes: Uint8Array) => Parsed {
  let found: Packet | null = null;
  let why: string | null = null;
  let own = fresh();

  function fresh(): Parser {
    const made = parser({ protocolVersion: version });
    made.on('packet', (packet) => {
      found ??= packet;
    });
    made.on('error', (error: unknown) => {
      why ??= wordsOf(error);
    });
    return made;
  }

  return (bytes) => {
    found = null;
    why = null;
    let left = 0;
    try {
      left = own.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    } catch (error) {
      why ??= wordsOf(error);
    }
    // What is left of a broken packet is nothing of the next one.
    if (why !== null || left > 0) own = fresh();
    const packet: Packet | null = found;
    if (why === null && packet !== null) return { packet, why: null };
    return { packet: null, why: why ?? 'the packet is shorter than it says' };
  };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function written(packet: Packet, version: Version): Buffer {
  return generate(packet, { protocolVersion: version });
}
