import { blockChars, blockEvents } from './block';
import type { Database } from './database';
import { num } from './database';

interface Amount {
  count: number;
  bytes: number;
}

/**
 * How much of each source lies in blocks as they were received. Counted as it is written, so that what is worth packing
 * need not be searched for: a look through the rows of every source costs as much as storing them, however little comes.
 */
export class RawBlocks {
  /** By source; null until the file was asked once. */
  private amounts: Map<number, Amount> | null = null;
  private readonly worth = new Set<number>();

  constructor(private readonly db: Database) {}

  /** A block was written. */
  written(source: number, count: number, bytes: number): void {
    if (this.amounts === null) return;
    const { count: before, bytes: held } = this.amounts.get(source) ?? { count: 0, bytes: 0 };
    this.left(source, before + count, held + bytes);
  }

  /** So much is left of a source. */
  left(source: number, count: number, bytes: number): void {
    if (count > 0) this.amounts?.set(source, { count, bytes });
    else this.amounts?.delete(source);
    if (count >= blockEvents || bytes >= blockChars) this.worth.add(source);
    else this.worth.delete(source);
  }

  /** So much of a source was packed. */
  packed(source: number, count: number, bytes: number): void {
    const { count: before, bytes: held } = this.amounts?.get(source) ?? { count: 0, bytes: 0 };
    this.left(source, Math.max(0, before - count), Math.max(0, held - bytes));
  }

  /** Sources with enough for a packed block, as many at most. */
  next(most: number): readonly number[] {
    if (this.amounts === null) this.read();
    const found: number[] = [];
    for (const source of this.worth) {
      if (found.length === most) break;
      found.push(source);
    }
    return found;
  }

  private read(): void {
    this.amounts = new Map();
    const rows = this.db
      .prepare(`SELECT source, sum(count) AS count, sum(bytes) AS bytes FROM blocks INDEXED BY blocks_to_pack
        WHERE packed = 0 GROUP BY source`)
      .all();
    for (const row of rows) this.left(num(row, 'source'), num(row, 'count'), num(row, 'bytes'));
  }
}
