import type { FrameRow } from '../../../shared/frame';
import type { KeptFrame } from './frame-ring';

/** Bytes or characters of a frame that travel to a window. */
const shownLength = 4_096;

/** A kept frame as a window sees it. */
export function frameRow({ number, frame }: KeptFrame): FrameRow {
  const { data, bytes, receivedAt, event, id } = frame;
  const text = typeof data === 'string';
  return {
    number,
    receivedAt,
    bytes,
    encoding: text ? 'text' : 'base64',
    data: text ? data.slice(0, shownLength) : Buffer.from(data.subarray(0, shownLength)).toString('base64'),
    event,
    id,
  };
}
