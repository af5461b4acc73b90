import { looksLikeHtml } from '../core/body-start';
import { isNchanId } from './event-stream-signs';
import { httpSigns } from './http-signs';
import { parseEventStream, parseJson, textOf } from './parse';
import { type HttpSeen, headerOf, mediaTypeOf, type Seen } from './seen';
import { nchanSubprotocol, triedSubprotocols } from './socket-names';

/** One more look that the last one leaves to be wished for. */
export type FollowUp =
  | { readonly kind: 'get'; readonly accept: string }
  | { readonly kind: 'upgrade'; readonly subprotocols: readonly string[]; readonly listenMs: number };

const json = 'application/json';
const stream = 'text/event-stream';

/** A look that only confirms listens for so long, ms. */
const shortMs = 1_500;

/**
 * What is to be looked at besides, after the first look at an address; null where that said enough. `own`: the subprotocols
 * that a person named; `tried`: how many lists of ours were offered.
 */
export function followUpOf(seen: Seen, own: readonly string[], tried: number): FollowUp | null {
  switch (seen.kind) {
    case 'http': {
      const { status } = seen.head;
      if (/^ws/i.test(seen.url)) {
        // Some servers refuse who offers no subprotocol.
        const wants = (status === 400 || status === 426) && own.length === 0;
        return wants ? offer(tried) : null;
      }
      if (wantsUpgrade(seen.head, seen.text)) return { kind: 'upgrade', subprotocols: own, listenMs: 3_000 };
      const accept = nextAccept(seen);
      if (accept !== null) return { kind: 'get', accept };
      if (status === 200 && mediaTypeOf(seen.head) === 'text/event-stream' && maybeNchan(seen.text)) {
        return { kind: 'upgrade', subprotocols: [nchanSubprotocol], listenMs: shortMs };
      }
      return null;
    }
    case 'socket': {
      const silent = seen.messages.length === 0;
      const refused = seen.closed !== null && /^(1002|4406|4400)$/.test(String(seen.closed.code));
      const answered = seen.subprotocol !== '' || seen.offered.length > 0 !== tried > 0;
      return own.length > 0 || answered || !(silent || refused) ? null : offer(tried);
    }
    case 'stream':
      return null;
    // A server of WebSockets alone may let a plain request hang.
    case 'silent':
      return /^http/i.test(seen.url) ? { kind: 'upgrade', subprotocols: own, listenMs: shortMs } : null;
    case 'failed':
      if (refusesSubprotocol(seen)) return { kind: 'upgrade', subprotocols: [nchanSubprotocol], listenMs: shortMs };
      // Some hang up on who offers what they do not know.
      return tried > 0 ? offer(tried) : null;
  }
}

function offer(tried: number): FollowUp | null {
  const subprotocols = triedSubprotocols[tried];
  return subprotocols ? { kind: 'upgrade', subprotocols, listenMs: shortMs } : null;
}

/**
 * What is to be asked for alone where a server has not enough in what it was asked for (406), or answers people with a page
 * and programs with something else. Who led to another host has its reasons.
 */
function nextAccept(seen: HttpSeen): string | null {
  const { head, text, accept } = seen;
  const page = head.status === 200 && (looksLikeHtml(text) || /html/.test(mediaTypeOf(head))) && !head.elsewhere;
  const order = head.status === 406 ? [json, stream] : page && httpSigns(seen).length === 0 ? [stream, json] : [];
  return order[accept === undefined ? 0 : order.indexOf(accept) + 1] ?? null;
}

/** Whether a server answered with a subprotocol that it was not offered: nchan does, with an empty one, unless its own comes first. */
export function refusesSubprotocol(seen: Seen): boolean {
  if (seen.kind !== 'failed' || (seen.offered?.length ?? 0) < 2) return false;
  return /invalid subprotocol/i.test(seen.failure?.message ?? '');
}

/** Whether a refusal says that a WebSocket is wanted. */
function wantsUpgrade(head: Parameters<typeof headerOf>[0], text: string): boolean {
  if (head.status === 426 || /websocket/i.test(headerOf(head, 'upgrade'))) return true;
  if (head.status !== 400 && head.status !== 404 && head.status !== 405) return false;
  const parsed = parseJson(text);
  const said = parsed.ok
    ? (textOf(parsed.value, 'message') ?? textOf(parsed.value, 'error') ?? '')
    : text.slice(0, 300);
  return /web ?socket|upgrade (is )?(required|header)|['"]?upgrade['"]? to/i.test(said);
}

function maybeNchan(text: string): boolean {
  const { events, comments } = parseEventStream(text);
  const ids = events.flatMap(({ id }) => (id === null || id === '' ? [] : [id]));
  return ids.length > 0 ? ids.every(isNchanId) : comments[0]?.trim() === 'hi';
}
