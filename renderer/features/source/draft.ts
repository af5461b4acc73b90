import type { CommandArgs } from '../../../shared/ipc';
import type { SourceConfig } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import { parseUrl } from '../../../shared/url';

/** What a person says a feed is. */
export const feedKinds = ['auto', 'gateway', 'websocket', 'sse', 'long-poll', 'poll', 'nchan'] as const;

export type FeedKind = (typeof feedKinds)[number];

/** Kinds in words, with what each means. */
export const feedKindTexts: Readonly<Record<FeedKind, { readonly name: string; readonly hint: string }>> = {
  auto: { name: 'Automatic', hint: 'Wirewatch tells from the address what it is.' },
  gateway: { name: 'Wirewatch gateway', hint: 'All four transports, stepping down when one does not get through.' },
  websocket: { name: 'WebSocket', hint: 'JSON messages over one WebSocket.' },
  sse: { name: 'Server-sent events', hint: 'An event stream over HTTP.' },
  'long-poll': { name: 'Long-poll', hint: 'Requests that the server holds until there is news.' },
  poll: { name: 'Poll', hint: 'A request every few seconds.' },
  nchan: { name: 'nchan', hint: "nginx's push module: WebSocket, server-sent events or long-poll." },
};

/** The form's fields. */
export interface SourceFields {
  readonly name: string;
  readonly url: string;
  readonly kind: FeedKind;
  readonly intervalSeconds: number;
}

type Draft = CommandArgs<'sources.add'>;

/** An address with the scheme a transport needs: `http` and `ws` are written for one another. */
export function addressFor(url: string, transport: TransportKind): string {
  const web = transport === 'websocket';
  return url.trim().replace(/^(https?|wss?):/i, (scheme) => {
    const secure = /^(https|wss):/i.test(scheme);
    return web ? (secure ? 'wss:' : 'ws:') : secure ? 'https:' : 'http:';
  });
}

/** What main is asked to watch. Without a name it is called as its address suggests. */
export function draftOf({ name, url, kind, intervalSeconds }: SourceFields): Draft {
  const common = { name: name.trim() || suggestedName(url), url: url.trim() };
  switch (kind) {
    case 'auto':
    case 'gateway':
    case 'nchan':
      return { ...common, protocol: kind };
    case 'websocket':
    case 'sse':
    case 'long-poll':
      return { ...common, protocol: 'json', ladder: [{ transport: kind, url: addressFor(url, kind) }] };
    case 'poll':
      return {
        ...common,
        protocol: 'json',
        ladder: [{ transport: kind, url: addressFor(url, kind), intervalSeconds }],
      };
  }
}

/** The fields of a source that exists. */
export function fieldsOf({ name, url, protocol, ladder, inferred }: SourceConfig): SourceFields {
  const first = ladder[0];
  const intervalSeconds = ladder.find(({ transport }) => transport === 'poll')?.intervalSeconds ?? 5;
  if (inferred) return { name, url, kind: 'auto', intervalSeconds };
  const kind = protocol === 'json' ? (first?.transport ?? 'auto') : protocol === 'recording' ? 'auto' : protocol;
  return { name, url, kind, intervalSeconds };
}

/** Which field of the form an error of main belongs to; null for the form as a whole. */
export function fieldOf(path: string): keyof SourceFields | null {
  if (path === 'name' || path === 'url') return path;
  if (path.endsWith('intervalSeconds')) return 'intervalSeconds';
  if (path === 'protocol') return 'kind';
  return /^ladder\b/.test(path) ? 'url' : null;
}

/** A name to offer for an address: its host. */
export function suggestedName(url: string): string {
  return parseUrl(url.trim())?.host.slice(0, 80) ?? '';
}
