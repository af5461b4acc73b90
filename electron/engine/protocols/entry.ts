import type { Recipe } from '../../../shared/recipe';
import type { RungConfig } from '../../../shared/source';
import type { TransportKind } from '../../../shared/transport';
import type { Protocol } from '../core/protocol';

/** What a protocol is made for. */
export interface Making {
  /** It tells what a generic feed can promise. */
  readonly ladder: readonly RungConfig[];
  /** How the feed is read, asked and spoken to; null: as is guessed. */
  readonly recipe: Recipe | null;
  /** Id of the source, the same after each restart; absent where no source is made of it, but only a look is taken. */
  readonly source?: string | undefined;
}

/** Transports and their addresses, best first. */
export type Rungs = readonly (readonly [TransportKind, URL])[];

/** Why an address is none of a protocol, and how to write it. */
export interface NoLadder {
  readonly message: string;
  readonly fix: string;
}

/** Everything that the rest of the engine has to know of a protocol: its folder exports one of these, the registry lists it. */
export interface ProtocolEntry {
  make(making: Making): Protocol;
  ladder(url: URL): Rungs | NoLadder;
  /** The address alone says that it is spoken there; what answers decides. Absent: it never does. */
  claims?(url: URL): boolean;
  /** What it says of its own accord on a connection, in sentences, in order. Absent: nothing but what its recipe says. */
  readonly says?: readonly string[];
}

/** `ws` and `http` of the same security as the address has. */
export function withScheme(url: URL, scheme: 'ws' | 'http'): URL {
  const secure = url.protocol === 'https:' || url.protocol === 'wss:';
  const other = new URL(url.href.replace(/^[a-z]+:/i, `${scheme}${secure ? 's' : ''}:`));
  other.hash = '';
  return other;
}

/** Whether it is an address of the web: `http` or `ws`. */
export function isWeb(url: URL): boolean {
  return /^(https?|wss?):$/.test(url.protocol);
}

/** One WebSocket at the address, whichever scheme of the web it was typed with. */
export function socketOnly(url: URL): Rungs | NoLadder {
  if (isWeb(url)) return [['websocket', withScheme(url, 'ws')]];
  return { message: `This protocol is not spoken over ${url.protocol}//.`, fix: 'Write it as wss://host/path.' };
}

/** TCP where the scheme is one of these, else a WebSocket. */
export function streamOrSocket(url: URL, schemes: readonly string[]): Rungs | NoLadder {
  return schemes.includes(url.protocol) ? [['tcp', url]] : socketOnly(url);
}
