import { headerOf, mediaTypeOf, type Seen } from './seen';

/** What one look brought, in words for people. */
export function tellSeen(seen: Seen): string {
  switch (seen.kind) {
    case 'http': {
      const type = mediaTypeOf(seen.head);
      const server = headerOf(seen.head, 'server');
      const by = server === '' ? '' : `, by ${server.slice(0, 60)}`;
      return `${seen.head.status}${type === '' ? '' : ` ${type}`}${by}, ${seen.bytes} bytes${seen.ended ? '' : ' so far'}.`;
    }
    case 'socket': {
      const chosen = seen.subprotocol === '' ? '' : `, subprotocol ${seen.subprotocol.slice(0, 60)}`;
      const closed = seen.closed === null ? '' : `, then closed by the server (${seen.closed.code})`;
      return `open${chosen}, ${seen.messages.length} messages in ${(seen.listenedMs / 1000).toFixed(1)} s${closed}.`;
    }
    case 'stream':
      return `connected, ${seen.bytes} bytes came by themselves${seen.ended ? ', then ended by the server' : ''}.`;
    case 'failed':
      return `failed: ${seen.failure?.message ?? 'without a reason'}.`;
    case 'silent':
      return `no answer within ${Math.round(seen.waitedMs / 1000)} s.`;
  }
}
