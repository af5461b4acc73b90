import type { PacketReader } from '../../core/packets';

/**
 * How MQTT's packets are told apart (OASIS MQTT 3.1.1 §2.2, MQTT 5 §2.1): a byte of type and flags, and the length of the
 * rest in one to four bytes of seven bits. Only what a broker may send is a packet.
 */
export const mqttPackets: PacketReader = (bytes) => {
  const first = bytes[0];
  if (first === undefined) return { kind: 'more', bytes: null };
  if (!isOfBroker(first)) return { kind: 'none', why: `it is no packet of MQTT: it begins with ${shown(bytes)}` };
  let length = 0;
  for (let at = 1; at <= 4; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) return { kind: 'more', bytes: null };
    length += (byte & 0x7f) * 0x80 ** (at - 1);
    if (byte < 0x80) {
      const whole = at + 1 + length;
      return bytes.length < whole ? { kind: 'more', bytes: whole } : { kind: 'whole', bytes: whole };
    }
  }
  return { kind: 'none', why: 'the length of a packet of MQTT has no end' };
};

/** Types that go from the broker to us, with the flags that are fixed for each. */
function isOfBroker(first: number): boolean {
  const [type, flags] = [first >> 4, first & 0x0f];
  switch (type) {
    case 3: // PUBLISH: both bits of the quality are never set
      return (flags & 6) !== 6;
    case 6: // PUBREL
      return flags === 2;
    case 2: // CONNACK
    case 4: // PUBACK
    case 5: // PUBREC
    case 7: // PUBCOMP
    case 9: // SUBACK
    case 11: // UNSUBACK
    case 13: // PINGRESP
    case 14: // DISCONNECT
    case 15: // AUTH
      return flags === 0;
    default:
      return false;
  }
}

/** Readable where it is text, as that of a web server would be. */
function shown(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, 16));
  const text = start.toString('latin1');
  return /^[\x20-\x7e\r\n]+$/.test(text) ? JSON.stringify(text) : start.toString('hex');
}
