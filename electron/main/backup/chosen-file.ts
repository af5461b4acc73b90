import { basename } from 'node:path';
import { FileRefused, readRegular } from '../../node/regular-file';
import { CommandRefused } from '../ipc/dispatcher';
import type { ChosenFile } from './backup-desk';

/** Larger than five hundred sources could ever be, bytes. */
const largestFile = 32 * 1024 * 1024;

/** Reads a backup that a person chose. Rejects with a CommandRefused where it can be none, or with the system's error. */
export async function readChosen(path: string): Promise<ChosenFile> {
  try {
    return { name: basename(path), text: (await readRegular(path, largestFile)).toString('utf8') };
  } catch (error) {
    if (error instanceof FileRefused) throw new CommandRefused({ kind: 'refused', message: error.message });
    throw error;
  }
}
