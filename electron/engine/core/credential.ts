/** What refreshing a credential came to. */
export type RefreshResult =
  | { readonly kind: 'refreshed' }
  /** There is nothing to refresh (none, basic, a fixed token). */
  | { readonly kind: 'nothing-to-refresh' }
  | { readonly kind: 'failed'; readonly message: string };

/** A source's credential. One refresh serves everyone who waits for it; it has its own deadline and never hangs. */
export interface CredentialPort {
  /** Headers to add to every request of every rung; never logged. */
  headers(): readonly (readonly [string, string])[];
  refresh(): Promise<RefreshResult>;
  /** Calls back when the credential changed by other means (a person edited it). Returns its own unsubscribe. */
  onChange(listener: () => void): () => void;
}
