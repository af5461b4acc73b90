import { looksLikeHtml } from '../core/body-start';
import { eventStreamSigns } from './event-stream-signs';
import { jsonSigns } from './json-signs';
import { lineSigns } from './line-signs';
import { type HttpSeen, mediaTypeOf } from './seen';
import { expositionSigns, plainTextSigns } from './text-signs';
import { unspokenSigns } from './unspoken-signs';
import type { Verdict } from './verdict';

/** What an HTTP answer shows itself to be: usually one reading, none where it is no feed. */
export function httpSigns(seen: HttpSeen): readonly Verdict[] {
  const named = unspokenSigns(seen);
  if (named.length > 0 || seen.head.status !== 200 || looksLikeHtml(seen.text)) return named;
  const type = mediaTypeOf(seen.head);
  if (type === 'text/event-stream') return eventStreamSigns(seen);
  // The first that fits: what is told more exactly comes first.
  for (const signs of [expositionSigns, lineSigns, jsonSigns, plainTextSigns]) {
    const found = signs(seen, type);
    if (found.length > 0) return found;
  }
  return [];
}
