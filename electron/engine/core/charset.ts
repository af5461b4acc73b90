import type { HttpHead } from './network';

/**
 * The decoder that an answer's content type asks for (`application/json; charset=ISO-8859-1`): UTF-8 where it names none,
 * or one that nobody knows. `fatal`: bytes that are none of it throw instead of becoming U+FFFD.
 */
export function decoderOf(head: HttpHead | null, fatal = false): TextDecoder {
  const type = head?.headers.find(([name]) => name === 'content-type')?.[1] ?? '';
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]{1,40})"|([^\s;"]{1,40}))/i.exec(type) ?? [];
  try {
    return new TextDecoder(quoted ?? plain ?? 'utf-8', { fatal });
  } catch {
    return new TextDecoder('utf-8', { fatal });
  }
}

const none = Buffer.alloc(0);

/**
 * Makes UTF-8 of a stream whose head names another charset. An event stream is UTF-8 by its standard, so that servers which
 * send it under another name work everywhere else: what shows to be UTF-8 is handed on as it is. Null where there is
 * nothing to do.
 */
export function recoderOf(head: HttpHead): ((chunk: Uint8Array) => Uint8Array) | null {
  const declared = decoderOf(head);
  if (declared.encoding === 'utf-8') return null;
  // Until a byte tells them apart both read the same, but for what is no superset of ASCII.
  let found: 'declared' | 'utf-8' | null = /^utf-16/.test(declared.encoding) ? 'declared' : null;
  let held: Uint8Array = none;

  function recoded(bytes: Uint8Array): Uint8Array {
    return Buffer.from(declared.decode(bytes, { stream: true }), 'utf8');
  }

  return (chunk) => {
    if (found === 'utf-8') return chunk;
    if (found === 'declared') return recoded(chunk);
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    held = none;
    if (bytes.every((byte) => byte < 0x80)) return bytes;
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
    } catch {
      found = 'declared';
      return recoded(bytes);
    }
    if (Buffer.byteLength(text) > text.length) {
      found = 'utf-8';
      return bytes;
    }
    // A character may be cut off at its end: what it is, the next bytes tell.
    held = bytes.subarray(text.length);
    return bytes.subarray(0, text.length);
  };
}
