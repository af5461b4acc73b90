import type { FieldError } from './errors';

/** What an import would do to one source or rule. */
export interface BackupItem {
  readonly what: 'source' | 'rule';
  readonly name: string;
  readonly change: 'added' | 'replaced' | 'unchanged';
  /** Fields that differ, of one that is replaced. */
  readonly differs: readonly string[];
  /** Its secrets are not on this machine: backups hold none. They are entered in the source's form. */
  readonly secretsMissing: boolean;
  /** What a source is really dialled at: origins, what is connected to instead, proxy, token address; in words. */
  readonly dials: readonly string[];
}

/** What a backup file holds and what importing it would change. Nothing has been changed yet. */
export interface BackupPreview {
  /** Names this preview to `backup.apply`; null when the file cannot be imported: all of it or nothing is. */
  readonly token: string | null;
  /** Name of the file, without its folder. */
  readonly file: string;
  /** When it was made, epoch ms; null when it does not say. */
  readonly madeAt: number | null;
  readonly items: readonly BackupItem[];
  /** Fields that this version does not know: they would be left out. */
  readonly unknown: readonly string[];
  /** What stands in the way. */
  readonly problems: readonly FieldError[];
}
