import type { ResumePoint } from '../../../../shared/position';
import type { Recipe } from '../../../../shared/recipe';
import type { RungConfig } from '../../../../shared/source';
import { parseUrl } from '../../../../shared/url';
import type { Asking } from '../../core/protocol';
import type { AttachRequest } from '../../core/transport';
import { etagMark } from './decoder';
import { filled, firstCursor, ownValues } from './filled';

/** How a feed is asked, and asked to go on behind a place, as its recipe says or as is usual. */
export function attachRequest(
  recipe: Recipe | null,
  rung: RungConfig,
  resume: ResumePoint | null,
  asking?: Asking,
): AttachRequest {
  const kind = recipe?.resume?.kind ?? 'last-event-id';
  const token = resume?.token ?? null;
  const etag = token?.startsWith(etagMark) ? token.slice(etagMark.length) : null;
  const cursor = etag === null ? token : null;
  const polls = rung.transport === 'poll' || rung.transport === 'long-poll';
  const post = rung.transport === 'websocket' ? undefined : recipe?.ask.post;
  const headers: (readonly [string, string])[] = [];
  if (polls) headers.push(['accept', recipe?.ask.accept ?? 'application/json, text/plain;q=0.9, */*;q=0.5']);
  if (polls && etag !== null) headers.push(['if-none-match', etag]);
  if (post) headers.push(['content-type', post.contentType]);
  const { resume: way } = recipe ?? {};
  if (way?.kind === 'header' && cursor !== null) headers.push([way.name, headerText(cursor)]);
  return {
    url: way?.kind === 'query' && cursor !== null ? withParameter(rung.url, way.name, cursor) : rung.url,
    headers,
    subprotocols: rung.transport === 'websocket' ? (recipe?.ask.subprotocols ?? []) : [],
    lastEventId: kind === 'last-event-id' && rung.transport === 'sse' ? cursor : null,
    ...(polls && recipe?.read.framing === 'lines' ? { lines: true as const } : {}),
    ...(post && recipe ? { post: filled(post.body, recipe, ownValues(cursor ?? firstCursor(recipe), asking)) } : {}),
  };
}

/** An address with one parameter in its query set, everything else as it was written. */
function withParameter(address: string, name: string, value: string): string {
  const url = parseUrl(address);
  if (!url) return address;
  const parts = url.search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && decoded(part.split('=', 1)[0] ?? '') !== name);
  url.search = [...parts, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`].join('&');
  return url.href;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** What a header cannot carry is left out: a feed's word for a place must not write headers of its own. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e\xa0-\xff]/g, '');
}
