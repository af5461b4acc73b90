/** The little of SQLite that the store uses; `DatabaseSync` of @photostructure/sqlite or node:sqlite fits. */
export type SqlValue = null | number | string | Uint8Array;
export type SqlRow = Record<string, SqlValue>;

export interface Statement {
  run(...values: SqlValue[]): { readonly changes: number | bigint; readonly lastInsertRowid: number | bigint };
  get(...values: SqlValue[]): SqlRow | undefined;
  all(...values: SqlValue[]): SqlRow[];
}

export interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

/** Prepared when first used: a file that can only be read may be of a version that lacks what is in it. */
export function lazy(db: Database, sql: string): () => Statement {
  let statement: Statement | null = null;
  return () => {
    statement ??= db.prepare(sql);
    return statement;
  };
}

/** What a failed statement means for the journal. */
export type SqlFailure = 'disk-full' | 'read-only' | 'damaged' | 'busy' | 'failed';

/** Sorts an error by SQLite's primary result code (https://sqlite.org/rescode.html) or the file system's errno. */
export function sqlFailure(error: unknown): SqlFailure {
  const { errcode, code, message } = error as { errcode?: unknown; code?: unknown; message?: unknown };
  const text = `${String(code ?? '')} ${String(message ?? '')}`;
  switch (typeof errcode === 'number' ? errcode & 0xff : -1) {
    case 13:
      return 'disk-full';
    case 8:
    case 14:
      return 'read-only';
    case 11:
    case 26:
      return 'damaged';
    case 5:
    case 6:
      return 'busy';
    case 10:
      return /ENOSPC|full/i.test(text) ? 'disk-full' : 'failed';
    default:
  }
  if (/ENOSPC|EDQUOT|disk is full/i.test(text)) return 'disk-full';
  if (/EROFS|EACCES|EPERM|readonly|read-only|unable to open/i.test(text)) return 'read-only';
  if (/malformed|not a database|corrupt/i.test(text)) return 'damaged';
  if (/locked|busy/i.test(text)) return 'busy';
  return 'failed';
}

/** What went wrong, for a person. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A number column of a row, 0 when null. */
export function num(row: SqlRow | undefined, column: string): number {
  const value = row?.[column];
  return typeof value === 'number' ? value : 0;
}

/** A text column of a row, '' when null. */
export function str(row: SqlRow | undefined, column: string): string {
  const value = row?.[column];
  return typeof value === 'string' ? value : '';
}

/** A blob column of a row, empty when null. */
export function blob(row: SqlRow | undefined, column: string): Uint8Array {
  const value = row?.[column];
  return value instanceof Uint8Array ? value : new Uint8Array(0);
}
