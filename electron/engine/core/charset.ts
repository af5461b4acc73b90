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
