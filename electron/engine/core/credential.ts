import { redactUrls } from '../../../shared/secret-words';

/** What refreshing a credential came to. */
export type RefreshResult =
  | { readonly kind: 'refreshed' }
  /** There is nothing to refresh (none, basic, a fixed token). */
  | { readonly kind: 'nothing-to-refresh' }
  | { readonly kind: 'failed'; readonly message: string };

/** What a connection may ask of a source's credential: requests wear it in the ports (`Dresser`). One refresh serves everyone who waits for it; it has its own deadline and never hangs. */
export interface CredentialPort {
  /** Requests carry nothing of it: it belongs to the proxy or to TLS only. Absent: they do. */
  readonly bare?: boolean;
  /** There is nothing that could be refused or changed: it conceals only what proxies of the system are shown. */
  readonly empty?: boolean;
  /** Strikes out what a peer sent back of it: servers and proxies repeat in their refusals what they were asked with. */
  conceal?(text: string): string;
  /** The same for what a feed sends as its messages: of which there are many. */
  concealFeed?(): { text(text: string): string; bytes(bytes: Uint8Array): Uint8Array };
  refresh(): Promise<RefreshResult>;
  /** Calls back when the credential changed by other means (a person edited it). Returns its own unsubscribe. */
  onChange(listener: () => void): () => void;
}

/** What a request wears of a credential. Never logged, and never carried to another origin. */
export interface Dress {
  readonly headers: readonly (readonly [string, string])[];
  /** Query parameters. */
  readonly query: readonly (readonly [string, string])[];
  readonly cookies: readonly (readonly [string, string])[];
  /** Puts secrets where an address or a header of the settings has places for them (`shared/secret-places.ts`). */
  readonly fill?: (text: string) => string;
  /** The same for a message on an open connection. */
  readonly fillMessage?: (text: string) => string;
  /** What it puts there, without percent codes. */
  readonly filled?: readonly string[];
}

export const noDress: Dress = { headers: [], query: [], cookies: [] };

/**
 * Dresses each request right before it goes, so that a credential that has run out is renewed before it is refused.
 * Rejects with a sentence when there is none to be had; it has its own deadline.
 */
export type Dresser = () => Promise<Dress>;

/**
 * What a peer said, as it may be shown and kept: every text without what the credential conceals, and without what is
 * secret in the addresses within it. Takes plain data only.
 */
export function concealed<Data>(data: Data, credential: CredentialPort | null): Data {
  const strike = credential?.conceal?.bind(credential);
  return through(data, (text) => redactUrls(strike ? strike(text) : text)) as Data;
}

function through(data: unknown, strike: (text: string) => string): unknown {
  if (typeof data === 'string') return strike(data);
  if (Array.isArray(data)) return data.map((item) => through(item, strike));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, through(value, strike)]));
}
