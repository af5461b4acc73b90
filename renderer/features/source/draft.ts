import type { CommandArgs } from '../../../shared/ipc';
import {
  isNamedProtocol,
  type NamedProtocol,
  namedProtocols,
  type ProtocolName,
  protocolTexts,
} from '../../../shared/protocols';
import type { RungConfig } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';

/** One transport of a feed that has no protocol of ours. */
const plainKinds = ['websocket', 'sse', 'long-poll', 'poll'] as const;

/** What a person says a feed is. */
export const feedKinds = ['auto', 'found', 'gateway', ...plainKinds, ...namedProtocols.slice(1)] as const;

export type FeedKind = 'auto' | 'found' | NamedProtocol | (typeof plainKinds)[number];

/** Kinds in words, with what each means. */
export const feedKindTexts: Readonly<Record<FeedKind, { readonly name: string; readonly hint: string }>> = {
  ...protocolTexts,
  auto: { name: 'Automatic', hint: 'Wirewatch tells from the address what it is.' },
  found: { name: 'As it was found', hint: 'Read as the look at the address came to.' },
  websocket: { name: 'WebSocket', hint: 'JSON messages over one WebSocket.' },
  sse: { name: 'Server-sent events', hint: 'An event stream over HTTP.' },
  'long-poll': { name: 'Long-poll', hint: 'Requests that the server holds until there is news.' },
  poll: { name: 'Poll', hint: 'A request every few seconds.' },
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

/** How a feed that was looked at, or a source as it is, is read. */
export interface Reading {
  /** The address it is so at: a rung that stands there goes with it. */
  readonly url: string;
  readonly protocol: ProtocolName;
  readonly ladder: readonly RungConfig[];
}

/** What main is asked to watch. Without a name main names it after its address. `reading`: what the kind *found* means. */
export function draftOf({ name, url, kind, intervalSeconds }: SourceFields, reading: Reading | null): Draft {
  const common = { name: name.trim(), url: url.trim() };
  switch (kind) {
    case 'found':
      if (reading === null) return { ...common, protocol: 'auto' };
      return {
        ...common,
        protocol: reading.protocol,
        ladder: reading.ladder.map((rung) => ({
          ...rung,
          ...(rung.transport === 'poll' ? { intervalSeconds } : {}),
          ...(rung.url === addressFor(reading.url, rung.transport) ? { url: addressFor(url, rung.transport) } : {}),
        })),
      };
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
    case 'prometheus':
      return {
        ...common,
        protocol: kind,
        ladder: [{ transport: 'poll', url: addressFor(url, 'poll'), intervalSeconds }],
      };
    default:
      return { ...common, protocol: kind };
  }
}

/** The fields of a draft or a source. What no other kind says in full is *found*: its reading is its own ladder. */
export function fieldsOf({ name, url, protocol, ladder = [], inferred }: FieldsSource): SourceFields {
  const [first, ...more] = ladder;
  const intervalSeconds = ladder.find(({ transport }) => transport === 'poll')?.intervalSeconds ?? 5;
  const common = { name, url, intervalSeconds };
  if (inferred || protocol === 'auto' || protocol === 'recording') return { ...common, kind: 'auto' };
  if (isNamedProtocol(protocol)) return { ...common, kind: protocol };
  if (first === undefined || first.transport === 'tcp') return { ...common, kind: 'auto' };
  const plain = more.length === 0 && protocol === 'json' && first.url === addressFor(url, first.transport);
  return { ...common, kind: plain ? first.transport : 'found' };
}

interface FieldsSource {
  readonly name: string;
  readonly url: string;
  readonly protocol: ProtocolName | 'auto';
  readonly ladder?: readonly RungConfig[] | undefined;
  readonly inferred?: boolean | undefined;
}

/** Which field of the form an error of main belongs to; null for the form as a whole. */
export function fieldOf(path: string): keyof SourceFields | null {
  if (path === 'name' || path === 'url') return path;
  if (path.endsWith('intervalSeconds')) return 'intervalSeconds';
  if (path === 'protocol') return 'kind';
  return /^ladder\b/.test(path) ? 'url' : null;
}
