import type { Recipe } from '../../../../shared/recipe';
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

/**
 * Over which transport a recipe's feed comes where its address is one of HTTP; null where it does not say. Lines, lists and
 * arrays are answers; ids of SSE and names of its events are a stream's.
 */
export function transportOfRecipe({ read, list, resume, classes }: Recipe, url: URL): 'sse' | 'poll' | null {
  const answers = list !== undefined || read.items !== undefined || /^(lines|array)/.test(read.framing);
  // The same server may give the same messages both ways.
  if (answers) return /\/sse\/?$/i.test(url.pathname) ? 'sse' : 'poll';
  const named = classes.some(({ when }) => when.some(({ event }) => event !== undefined));
  return named || resume?.kind === 'last-event-id' ? 'sse' : null;
}
