import type { SeededRandom } from '../../electron/engine/simulation/seeded-random';

/** Words that parsers have fallen over. */
const words = [
  ...[
    'null',
    'true',
    '""',
    '{}',
    '[]',
    '-0',
    '1e999',
    '-1',
    '0',
    '9007199254740993',
    '99999999999999999999',
    '0.1e-400',
  ],
  ...[
    '"__proto__":{"x":1},',
    '"constructor":1,',
    '\\u0000',
    '\\ud800',
    '\u2028',
    '\ud83d',
    '\u0000',
    '\u001e',
    '\r\n\r\n',
  ],
  ...['\n', ',', ':', '"', '\\', '{{cursor}}', '%s', '\uFEFF', 'NaN', '+Inf', '[DONE]', 'id: ', 'data: '],
];

/** One text changed in a few places, or made of two. */
export function mutatedText(text: string, others: readonly string[], random: SeededRandom): string {
  let changed = text;
  for (let left = random.int(1, 4); left > 0; left -= 1) changed = once(changed, others, random);
  return changed.length > longest ? changed.slice(0, longest) : changed;
}

/** A case is to be small: what large messages cost is the flood benchmark's business. */
const longest = 64 * 1024;

function once(text: string, others: readonly string[], random: SeededRandom): string {
  const at = random.int(0, text.length);
  const to = Math.min(text.length, at + random.int(0, 12));
  switch (random.int(0, 9)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return text.slice(0, at);
    case 2:
      return text.slice(0, to) + text.slice(at, to).repeat(random.int(1, 40)) + text.slice(to);
    case 3:
    case 4:
      return text.slice(0, at) + random.pick(words) + text.slice(random.pick([at, to]));
    case 5:
      return text.replace(/-?\d+(\.\d+)?/, () => random.pick(words));
    case 6:
      return text.slice(0, at) + random.pick(['[', '{"a":', '(', '"']).repeat(random.int(1, 3_000)) + text.slice(at);
    case 7: {
      const other = random.pick(others);
      return text.slice(0, at) + other.slice(random.int(0, other.length));
    }
    case 8:
      return text.slice(0, at) + String.fromCharCode(random.int(0, 0xffff)) + text.slice(at + 1);
    default:
      return text.slice(at) + text.slice(0, at);
  }
}

/** The same for bytes. */
export function mutatedBytes(bytes: Uint8Array, others: readonly Uint8Array[], random: SeededRandom): Uint8Array {
  let changed: Buffer = Buffer.from(bytes);
  for (let left = random.int(1, 4); left > 0; left -= 1) changed = onceBytes(changed, others, random);
  return changed.subarray(0, longest);
}

function onceBytes(bytes: Buffer, others: readonly Uint8Array[], random: SeededRandom): Buffer {
  const at = random.int(0, bytes.length);
  const to = Math.min(bytes.length, at + random.int(0, 8));
  const before = bytes.subarray(0, at);
  switch (random.int(0, 6)) {
    case 0:
      return Buffer.concat([before, bytes.subarray(to)]);
    case 1:
      return Buffer.from(before);
    case 2:
      return Buffer.concat([
        before,
        Buffer.alloc(random.int(1, 9), random.pick([0x00, 0x7f, 0x80, 0xff])),
        bytes.subarray(to),
      ]);
    case 3: {
      const other = random.pick(others);
      return Buffer.concat([before, other.subarray(random.int(0, other.length))]);
    }
    case 4:
      return Buffer.concat([before, Buffer.from(random.pick(words)), bytes.subarray(at)]);
    default: {
      const flipped = Buffer.from(bytes);
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(0, 7));
      return flipped;
    }
  }
}
