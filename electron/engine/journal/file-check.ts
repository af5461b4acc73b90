import { messageOf, sqlFailure } from './database';
import { fileName, type JournalDisk } from './open';

/** Reads a whole file for damage. A file that cannot be read just now is not called damaged. */
export function checkFile(disk: JournalDisk, folder: string): { readonly sound: boolean; readonly text: string } {
  try {
    const db = disk.open(`${folder}/${fileName}`, { readOnly: true });
    const text = String(db.prepare('PRAGMA quick_check(1)').get()?.quick_check ?? 'no answer');
    db.close();
    return { sound: !proves(text), text };
  } catch (error) {
    return { sound: sqlFailure(error) !== 'damaged', text: messageOf(error) };
  }
}

/** Whether what `quick_check` says proves damage. A page that could not be got for another reason (11 is SQLITE_CORRUPT) may be sound. */
function proves(text: string): boolean {
  if (text === 'ok') return false;
  const code = /unable to get the page\. error code=(\d+)/.exec(text)?.[1];
  return code === undefined || (Number(code) & 0xff) === 11;
}
