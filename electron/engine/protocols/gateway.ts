import type { Position, ResumePoint } from '../../../shared/position';
import { formatPosition } from '../../../shared/position';
import type { RungConfig } from '../../../shared/source';
import { parseUrl } from '../../../shared/url';
import type { Decoder, KeyMemory, Message, Outlet, Protocol } from '../core/protocol';
import type { AttachRequest } from '../core/transport';
import { decodeGatewayFrame } from './gateway-decoder';
import { GatewayEventReader } from './gateway-events';

/** Events asked for in one answer; more than that the gateway does not give (docs/protocol.md, *Limits*). */
const answerLimit = 5000;
/** Longest hold the gateway grants, s. */
const longestHoldSeconds = 55;

/** What fits into a frame (256 KiB) beside type and key, bytes. */
const maxBodyBytes = 255 * 1024;

const path = /^(.*\/v1\/)([A-Za-z0-9._-]{1,64})(?:\/(?:ws|sse|poll|snapshot))?\/?$/;

/** Base address (`…/v1/{stream}`) and stream name of any address of a gateway stream; null when it is none. */
export function gatewayAddress(url: string): { readonly base: URL; readonly stream: string } | null {
  const base = parseUrl(url);
  if (!base) return null;
  const match = path.exec(base.pathname);
  if (!match) return null;
  const [, root = '', stream = ''] = match;
  base.pathname = root + stream;
  base.hash = '';
  return { base, stream };
}

/** A little less than the gateway keeps (docs/protocol.md, *Publish*): more may come while a message is on its way. */
const keyMemory: KeyMemory = { events: 9_000, ms: 23 * 3_600_000 };

/** Characters. */
const longestType = 128;

const outlet: Outlet = {
  keys: keyMemory,
  promise:
    'Each message arrives exactly once and in order: the server answers for each, and knows it by its key. One whose answer is missing after the server began anew, took about 10,000 events more or a day went by is shown as unknown, and is sent again only by you.',
  form: { to: { label: 'Type', usual: 'note', example: 'note' }, body: '{"text":"hello"}' },
  problemOf(body, type) {
    if (type.length > longestType) return `The server takes a type of ${longestType} characters at most.`;
    // Larger ones end the connection (1009), and would do so again each time they are sent.
    const bytes = new TextEncoder().encode(body).length;
    if (bytes > maxBodyBytes) return `The server takes ${maxBodyBytes} bytes at most, this has ${bytes}.`;
    try {
      JSON.parse(body);
      return null;
    } catch {
      return 'The server takes JSON only.';
    }
  },
  // The body goes in as it was written: no digit of it passes through a float.
  spoken: ({ key, type, body }) =>
    `{"kind":"publish","ref":${JSON.stringify(key)},"key":${JSON.stringify(key)},"type":${JSON.stringify(type)},"data":${body}}`,
  request(rung, { key, type, body }) {
    const address = gatewayAddress(rung.url);
    if (!address) return null;
    const url = address.base.href.replace(/^ws/, 'http');
    return { url, body: `{"type":${JSON.stringify(type)},"key":${JSON.stringify(key)},"data":${body}}` };
  },
  onlyIn: (epoch) => (/^[\x21\x23-\x7e]+$/.test(epoch) ? [['if-match', `"${epoch}"`]] : []),
  confirms(body) {
    try {
      const answer: unknown = JSON.parse(body);
      return typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'published';
    } catch {
      return false;
    }
  },
};

/** The gateway's own protocol, version 1: one log over all four transports, numbered without holes. */
export const gatewayProtocol: Protocol = {
  name: 'gateway',
  numbering: 'contiguous',
  uniqueIds: false,
  resumable: true,
  headless: false,
  // The default of docs/protocol.md, until the hello says more exactly: a hello may be held back by a buffering proxy.
  heartbeatMs: 10_000,
  promise: 'Every event exactly once and in order; what the server no longer has is shown as a gap.',

  attach(rung, resume, { holdMs }) {
    const cursor = cursorFor(rung, resume);
    const headers: (readonly [string, string])[] = [];
    const url = new URL(rung.url);
    url.hash = '';
    let lastEventId: string | null = null;
    switch (rung.transport) {
      case 'websocket':
        if (cursor !== null) url.searchParams.set('after', cursor);
        break;
      case 'sse':
        lastEventId = cursor;
        break;
      case 'long-poll':
      case 'poll': {
        headers.push(['accept', 'application/json']);
        if (cursor !== null) url.searchParams.set('after', cursor);
        const hold = Math.min(longestHoldSeconds, Math.max(0, Math.floor(holdMs / 1000)));
        url.searchParams.set('wait', String(rung.transport === 'poll' ? 0 : hold));
        url.searchParams.set('limit', String(answerLimit));
      }
    }
    return request(url, headers, lastEventId);
  },

  createDecoder: createGatewayDecoder,

  replayMessage(rung, stream, after, to, ref) {
    // It names no stream: the connection's is meant.
    const own = gatewayAddress(rung.url)?.stream ?? stream;
    return own === stream ? JSON.stringify({ kind: 'replay', after: after.seq, to, ref }) : null;
  },

  replayRequest(rung, stream, after, to) {
    const url = httpAddress(rung, stream, 'poll');
    if (!url) return null;
    url.searchParams.set('after', formatPosition(after));
    url.searchParams.set('wait', '0');
    url.searchParams.set('limit', String(Math.min(answerLimit, Math.max(1, to - after.seq))));
    return request(url, [['accept', 'application/json']], null);
  },

  snapshotUrl: (rung, stream) => httpAddress(rung, stream, 'snapshot')?.href ?? null,

  outlet,
};

/** Remembers what the session is attached to, because `replayed` does not repeat it. */
function createGatewayDecoder(): Decoder {
  let attachedTo = { stream: '', epoch: '' };
  const events = new GatewayEventReader();

  function complete(message: Message): Message {
    if (message.kind === 'attached') attachedTo = message.attachment;
    if (message.kind !== 'replayed' || message.stream !== '') return message;
    return { ...message, stream: attachedTo.stream, epoch: attachedTo.epoch };
  }

  return {
    decode(frame) {
      const messages = decodeGatewayFrame(frame, events);
      return messages[0]?.kind === 'event' ? messages : messages.map(complete);
    },
  };
}

function cursorFor(rung: RungConfig, resume: ResumePoint | null): string | null {
  const stream = gatewayAddress(rung.url)?.stream;
  if (!resume || stream === undefined || !Object.hasOwn(resume.positions, stream)) return null;
  const position: Position | undefined = resume.positions[stream];
  return position ? formatPosition(position) : null;
}

/** The stream's HTTP address on the same host as a rung, with the rung's own query (a token may be in it). */
function httpAddress(rung: RungConfig, stream: string, kind: 'poll' | 'snapshot'): URL | null {
  const address = gatewayAddress(rung.url);
  if (!address || address.stream !== stream) return null;
  const url = new URL(address.base.href.replace(/^ws/, 'http'));
  url.pathname += `/${kind}`;
  return url;
}

function request(url: URL, headers: readonly (readonly [string, string])[], lastEventId: string | null): AttachRequest {
  return { url: url.href, headers, subprotocols: [], lastEventId };
}
