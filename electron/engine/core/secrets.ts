/** Where secrets are read from when they are needed: never kept in a configuration, a log or a view. */
export interface SecretReader {
  /** Null when there is none of that name, here and now. */
  read(name: string): string | null;
  /** Calls back with the names that were set or forgotten. Returns its own unsubscribe. */
  onChange(listener: (name: string) => void): () => void;
}
