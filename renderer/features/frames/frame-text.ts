import type { FrameRow } from '../../../shared/frame';

/** What a frame is, in a word or two: what a reader tells frames apart by before reading them. */
export function frameKind({ encoding, event, id, data, bytes }: FrameRow): string {
  if (encoding === 'base64') return 'binary';
  if (bytes === 0 || data === '') return 'empty';
  if (event !== null) return id === null ? event : `${event} · id ${id}`;
  return id === null ? 'text' : `id ${id}`;
}

/** The beginning of a frame on one line: control characters and line ends are for the laid-open view. */
export function frameLine({ encoding, data }: FrameRow): string {
  if (encoding === 'text') return data.slice(0, 400).replace(/\s+/g, ' ');
  const codes = Array.from(atob(data).slice(0, 24), (character) => character.charCodeAt(0));
  return codes.map((code) => code.toString(16).padStart(2, '0')).join(' ');
}

/** Whether a row carries only the beginning of its frame. */
export function isCut({ encoding, data, bytes }: FrameRow): boolean {
  if (encoding === 'base64') return Math.floor((data.length * 3) / 4) < bytes - 2;
  return data.length < bytes && new TextEncoder().encode(data).length < bytes;
}
