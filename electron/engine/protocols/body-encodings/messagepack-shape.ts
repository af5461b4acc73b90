/** Deeper values are not looked at: they would not be written either. */
const deepest = 100;

/** Bytes of a value behind its first byte, where that alone says it: by the first byte from 0xc0 on; null: something else. */
const fixed: Readonly<Record<number, number>> = {
  ...{ 192: 0, 194: 0, 195: 0, 202: 4, 203: 8, 204: 1, 205: 2, 206: 4, 207: 8, 208: 1, 209: 2, 210: 4, 211: 8 },
  ...{ 212: 2, 213: 3, 214: 5, 215: 9, 216: 17 },
};

/** How many bytes hold a length, and how many bytes stand before what it counts: texts, bytes, extensions. */
const counted: Readonly<Record<number, readonly [number, number]>> = {
  ...{ 196: [1, 0], 197: [2, 0], 198: [4, 0], 199: [1, 1], 200: [2, 1], 201: [4, 1] },
  ...{ 217: [1, 0], 218: [2, 0], 219: [4, 0] },
};

/** How many bytes hold the number of entries, and how many values an entry has: lists, maps. */
const holding: Readonly<Record<number, readonly [number, number]>> = {
  ...{ 220: [2, 1], 221: [4, 1], 222: [2, 2], 223: [4, 2] },
};

/** One value as its head says it. `values`: so many follow in it. */
interface Head {
  readonly bytes: number;
  readonly values: number;
}

/**
 * Why bytes are not one whole value of MessagePack; null where they are
 * (https://github.com/msgpack/msgpack/blob/master/spec.md). Looked at before they are decoded: a decoder makes room for each
 * list as long as its head says, so that a small message of lists in lists that claim to be long takes all the memory there
 * is. Of what is whole no list is longer than the bytes that came.
 */
export function brokenMessagePack(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  /** Values still to come, of each list that is open. */
  const open = [1];
  let at = 0;
  while (open.length > 0) {
    const left = open[open.length - 1] ?? 0;
    if (left === 0) {
      open.pop();
      continue;
    }
    open[open.length - 1] = left - 1;
    const head = headAt(view, at);
    if (head === null) return 'it is cut off, or has a byte that begins no value';
    at += head.bytes;
    // Each value takes a byte at least.
    if (head.values > bytes.length - at) return 'it claims to hold more than it does';
    if (head.values === 0) continue;
    if (open.length > deepest) return 'it is nested too deep';
    open.push(head.values);
  }
  return at === bytes.length ? null : 'more stands behind it';
}

function headAt(view: DataView, at: number): Head | null {
  if (at >= view.byteLength) return null;
  const first = view.getUint8(at);
  const head = headOf(view, at, first);
  return head === null || at + head.bytes > view.byteLength ? null : head;
}

function headOf(view: DataView, at: number, first: number): Head | null {
  if (first < 0x80 || first >= 0xe0) return { bytes: 1, values: 0 };
  if (first < 0x90) return { bytes: 1, values: 2 * (first & 0x0f) };
  if (first < 0xa0) return { bytes: 1, values: first & 0x0f };
  if (first < 0xc0) return { bytes: 1 + (first & 0x1f), values: 0 };
  const alone = fixed[first];
  if (alone !== undefined) return { bytes: 1 + alone, values: 0 };
  const text = counted[first];
  const list = holding[first];
  const size = (text ?? list)?.[0];
  if (size === undefined || at + 1 + size > view.byteLength) return null;
  const length = size === 1 ? view.getUint8(at + 1) : size === 2 ? view.getUint16(at + 1) : view.getUint32(at + 1);
  if (text !== undefined) return { bytes: 1 + size + text[1] + length, values: 0 };
  return { bytes: 1 + size, values: length * (list?.[1] ?? 0) };
}
