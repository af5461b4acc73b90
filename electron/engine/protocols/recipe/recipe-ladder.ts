import type { Rungs } from '../entry';

/** How a feed of no known protocol is tried: as its address speaks of itself, else as SSE and polled otherwise. */
export function recipeLadder(url: URL): Rungs {
  const plain = new URL(url);
  plain.hash = '';
  if (url.protocol === 'ws:' || url.protocol === 'wss:') return [['websocket', plain]];
  if (/\/(sse|events?|eventstream|event-stream|streams?)\b/i.test(url.pathname)) return [['sse', plain]];
  if (/\.(json|txt|xml)$|\/poll$/i.test(url.pathname)) return [['poll', plain]];
  return [
    ['sse', plain],
    ['poll', plain],
  ];
}
