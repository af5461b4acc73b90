/** Bytes of the largest archive that is kept: as base64 it is as long as a secret may be. */
export const maxArchiveBytes = 192 * 1024;

/**
 * The bytes of a chosen file as base64; null where it has more than an archive may. Read piece by piece: what the file
 * says of its size need not be so. Rejects where it cannot be read.
 */
export async function base64Of(file: Pick<Blob, 'stream'>): Promise<string | null> {
  const reader = file.stream().getReader();
  let binary = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return btoa(binary);
      if (binary.length + value.length > maxArchiveBytes) return null;
      for (const byte of value) binary += String.fromCharCode(byte);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
