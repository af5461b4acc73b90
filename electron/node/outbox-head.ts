/**
 * The first line of an outbox file, of a fixed form, so that its length can be written anew in place. To who does not
 * know it, it is a line that forgets nothing.
 */

const before = '{"source":"","forget":[],"kept":"';
const digits = 15;

/** Where in the file the length stands, bytes. */
export const keptAt = before.length;

/** The length as it stands there. */
export function keptText(bytes: number): string {
  return String(bytes).padStart(digits, '0');
}

/** The line, with its break. `after`: numbers up to this one may have been given to messages that are lost. */
export function headOf(after: number): string {
  return `${before}${keptText(0)}","after":${after}}\n`;
}

/** What a first line says; null where it is another line. `kept`: how long the file is at least, bytes. */
export function headIn(line: Uint8Array): { readonly kept: number; readonly after: number } | null {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('latin1');
  const found = /^(\d{15})","after":(\d{1,15})\}$/.exec(text.startsWith(before) ? text.slice(keptAt) : '');
  return found ? { kept: Number(found[1]), after: Number(found[2]) } : null;
}
