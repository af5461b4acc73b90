import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * How far a log has gone, in a small file of its own: a log whose end is lost looks like a shorter one, and its next
 * events would get numbers that were given out before. Written over in place, after the log and before anyone hears of
 * the event; a number has always the same length.
 */
export function createHeadMark(path: string) {
  let file: number | null = null;

  return {
    /** Null when there is none that can be understood: then nothing is known. @throws the disk's error */
    read(): { readonly epoch: string; readonly head: number } | null {
      let text: string;
      try {
        text = readFileSync(path, 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
        throw error;
      }
      const match = /^(\d{16}) (\S{1,64})\n/.exec(text);
      const epoch = match?.[2];
      return epoch === undefined ? null : { epoch, head: Number(match?.[1]) };
    },
    write(epoch: string, head: number): void {
      file ??= openSync(path, 'w');
      writeSync(file, `${String(head).padStart(16, '0')} ${epoch}\n`, 0);
    },
    close(): void {
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}
