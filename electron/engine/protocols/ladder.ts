import type { FieldError } from '../../../shared/errors';
import { isPlaceOfSecret } from '../../../shared/secret-places';
import { isSecretName, redactUrls } from '../../../shared/secret-words';
import { type ProtocolName, type RungConfig, rungSchema } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import { parseUrl } from '../../../shared/url';
import { gatewayAddress } from './gateway';

/** What an address turned out to be, or what is wrong with it. */
export type InferredLadder =
  | { readonly ok: true; readonly protocol: ProtocolName; readonly ladder: readonly RungConfig[] }
  | { readonly ok: false; readonly errors: readonly FieldError[] };

/**
 * From what a person typed to protocol and ladder. A gateway stream (`…/v1/{stream}`) gets all four rungs; with
 * `/ws`, `/sse` or `/poll` behind it, that one. `…/metrics` is a page of metrics. A `ws` address is a WebSocket; an address that speaks of events or
 * streams is SSE; any other web address is tried as SSE and polled otherwise.
 */
export function inferLadder(typed: string, protocol: ProtocolName | 'auto'): InferredLadder {
  // A file on this machine: a recording, which plays without any transport.
  if (/^file:\/\/\/|^\/[^/]|^[a-z]:[\\/]/i.test(typed.trim())) return { ok: true, protocol: 'recording', ladder: [] };
  const url = readAddress(typed.trim());
  if (!(url instanceof URL)) return { ok: false, errors: [url] };
  const chosen = protocol === 'auto' ? guessOf(url) : protocol;
  switch (chosen) {
    case 'gateway':
      return gatewayLadder(url);
    case 'nchan':
      return built('nchan', [
        ['websocket', withScheme(url, 'ws')],
        ['sse', withScheme(url, 'http')],
        ['long-poll', withScheme(url, 'http')],
      ]);
    case 'json':
      return built('json', jsonRungs(url));
    case 'prometheus':
      return built('prometheus', [['poll', withScheme(url, 'http')]]);
    case 'recording':
      return problem('A recording is a file.', 'Write where it is, as in file:///home/me/orders.jsonl.gz.');
  }
}

/** What an address looks like; what answers there decides. */
function guessOf(url: URL): ProtocolName {
  if (gatewayAddress(url.href)) return 'gateway';
  return /^https?:$/.test(url.protocol) && metricsPath.test(url.pathname) ? 'prometheus' : 'json';
}

/** Where pages of metrics are by custom: those of exporters, of Kubernetes' kubelet, of federation, of Spring. */
const metricsPath = /\/(metrics|federate|prometheus)(\/[a-z]+)?\/?$/i;

type Rungs = readonly (readonly [TransportKind, URL])[];

function built(protocol: ProtocolName, rungs: Rungs): InferredLadder {
  return {
    ok: true,
    protocol,
    ladder: rungs.map(([transport, url]) => rungSchema.parse({ transport, url: url.href })),
  };
}

/** `ws` and `http` of the same security as the address has. */
function withScheme(url: URL, scheme: 'ws' | 'http'): URL {
  const secure = url.protocol === 'https:' || url.protocol === 'wss:';
  const other = new URL(url.href.replace(/^[a-z]+:/i, `${scheme}${secure ? 's' : ''}:`));
  other.hash = '';
  return other;
}

function gatewayLadder(url: URL): InferredLadder {
  const address = gatewayAddress(url.href);
  if (!address) {
    return problem(
      'The address does not name a stream of a gateway.',
      'Write it as http://host:port/v1/stream, or choose another protocol.',
    );
  }
  const at = (scheme: 'ws' | 'http', kind: string) => {
    const rung = withScheme(address.base, scheme);
    rung.pathname += `/${kind}`;
    return rung;
  };
  const all: Rungs = [
    ['websocket', at('ws', 'ws')],
    ['sse', at('http', 'sse')],
    ['long-poll', at('http', 'poll')],
    ['poll', at('http', 'poll')],
  ];
  switch (/\/(ws|sse|poll)\/?$/.exec(url.pathname.slice(address.base.pathname.length))?.[1]) {
    case 'ws':
      return built('gateway', all.slice(0, 1));
    case 'sse':
      return built('gateway', all.slice(1, 2));
    case 'poll':
      return built('gateway', all.slice(2));
    default:
      return built('gateway', all);
  }
}

function jsonRungs(url: URL): Rungs {
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

function problem(message: string, fix: string): InferredLadder & { readonly ok: false } {
  return { ok: false, errors: [{ field: 'url', message, fix }] };
}

const schemes = ['http:', 'https:', 'ws:', 'wss:'];

/** The address, or what is wrong with it and how to write it. */
function readAddress(text: string): URL | FieldError {
  const wrong = (message: string, fix: string): FieldError => ({ field: 'url', message, fix });
  if (text === '') return wrong('There is no address.', 'Type the address of the feed, as in https://host/path.');
  if (text.length > 4096) return wrong('The address is longer than 4,096 characters.', 'Use a shorter one.');
  if (/\s/.test(text)) {
    return wrong('There is a space in the address.', 'Take it out, or write %20 where it belongs.');
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return wrong('The address has no scheme.', `Write it whole: ${suggestion(text)}`);
  if (!schemes.includes(`${scheme}:`)) {
    return wrong(`Wirewatch does not speak ${scheme}://.`, 'Use http://, https://, ws:// or wss://.');
  }
  const url = parseUrl(text);
  if (!url) return wrong('This is not an address.', 'Check host and port: https://host:8443/path.');
  if ((url.username !== '' && !isPlaceOfSecret(url.username)) || url.password !== '') {
    return wrong(
      'There is a user name or password in the address.',
      'Take it out: an address is shown and stored openly. Secrets have a place of their own.',
    );
  }
  const held = [...url.searchParams].find(
    ([name, value]) => value !== '' && isSecretName(name) && !isPlaceOfSecret(value),
  );
  if (held !== undefined || redactUrls(text) !== text) {
    return wrong(
      `There is a secret in the address${held === undefined ? '' : ` (${held[0]})`}.`,
      'Take it out: an address is shown and stored openly. Enter it as the credential: a query parameter of this name.',
    );
  }
  return url;
}

/** The address with the scheme it most likely wants. */
function suggestion(text: string): string {
  const rest = text.replace(/^[a-z]*:?\/*(?=[^/])/i, (start) => (start.includes('/') ? '' : start));
  const local = /^(localhost|127\.|\[::1\]|10\.|192\.168\.)/i.test(rest);
  return `${local ? 'http' : 'https'}://${rest}`;
}
