import type { EventRow } from '../../../shared/event';
import type { Services } from '../../store/services';

/** Largest body laid open at once, characters; the rest stays in the journal and is said. */
export const openLimit = 4_000_000;

/** Whether a row carries only the beginning of its body. */
export function isPreview({ body, bytes, encoding }: EventRow): boolean {
  if (encoding === 'base64') return Math.floor((body.length * 3) / 4) < bytes;
  return body.length < bytes && new TextEncoder().encode(body).length < bytes;
}

/** Fetches a whole body in pieces, up to `openLimit` characters; null when it could not be had. */
export async function fetchBody(services: Services, source: string, ordinal: number): Promise<string | null> {
  const pieces: string[] = [];
  let offset = 0;
  for (;;) {
    const piece = await services.call('events.body', { source, ordinal, offset });
    if (piece === null) return null;
    pieces.push(piece.text);
    offset += piece.text.length;
    if (piece.text === '' || offset >= piece.total || offset >= openLimit) return pieces.join('');
  }
}
