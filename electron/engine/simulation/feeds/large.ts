/** What a client may not take: over 16 MiB. */
export const largeBytes = 17 * 1024 * 1024;

let padding: string | null = null;

/** A body as large as that, for ways that say how large something is by bringing all of it. */
export function padded(body: string): string {
  padding ??= ' '.repeat(largeBytes);
  return body + padding;
}
