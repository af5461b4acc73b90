/** What refreshing a credential came to. */
export type RefreshResult =
  | { readonly kind: 'refreshed' }
  /** There is nothing to refresh (none, basic, a fixed token). */
  | { readonly kind: 'nothing-to-refresh' }
  | { readonly kind: 'failed'; readonly message: string };

/** A source's credential. One refresh serves everyone who waits for it; it has its own deadline and never hangs. */
export interface CredentialPort {
  /** Requests carry nothing of it: it belongs to the proxy or to TLS only. Absent: they do. */
  readonly bare?: boolean;
  /** Headers to add to every request of every rung; never logged. Empty where the ports dress requests themselves. */
  headers(): readonly (readonly [string, string])[];
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
  /** WebSocket only: sent before anything else. */
  readonly firstMessages: readonly string[];
}

export const noDress: Dress = { headers: [], query: [], cookies: [], firstMessages: [] };

/**
 * Dresses each request right before it goes, so that a credential that has run out is renewed before it is refused.
 * Rejects with a sentence when there is none to be had; it has its own deadline.
 */
export type Dresser = () => Promise<Dress>;
