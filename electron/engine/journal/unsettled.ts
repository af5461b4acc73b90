import type { Database } from './database';
import { blob, num, str } from './database';
import type { SourceBlock, SourceCommit } from './messages';
import { versionOf } from './schema';

/** A group as it was handed over: durable, and not yet in the rows that it belongs into. */
export interface HeldGroup {
  /** Wall clock when it was handed over, epoch ms. */
  readonly at: number;
  readonly blocks: readonly SourceBlock[];
  readonly sources: readonly SourceCommit[];
}

/**
 * Groups that wait to be settled. Two hundred slow sources hand over a few events each, many times a second: written to
 * their own rows at once, every event costs some twenty statements. So such a group is one row first, and many groups
 * become few rows later. What reads the file reads both.
 */
export interface Unsettled {
  readonly groups: readonly HeldGroup[];
  readonly events: number;
  readonly bytes: number;
  /** Blocks of a source, oldest first; each begins after everything that is settled of it. */
  blocksOf(source: string): readonly SourceBlock[];
  /** Writes the row of a group; a part of a transaction of the caller, who says `held` when it is durable. */
  write(at: number, sources: string, blocks: readonly SourceBlock[]): void;
  held(group: HeldGroup): void;
  /** Removes the rows; likewise, followed by `settled`. */
  remove(): void;
  settled(): void;
}

/** Version of the schema that has such rows first. */
const firstVersion = 6;

/** Reads what an earlier run, or another process, left unsettled. */
export function openUnsettled(db: Database): Unsettled {
  const sql =
    versionOf(db) < firstVersion
      ? null
      : {
          all: db.prepare('SELECT at, sources, blocks FROM unsettled ORDER BY id'),
          put: db.prepare('INSERT INTO unsettled (at, sources, blocks) VALUES (?, ?, ?)'),
          clear: db.prepare('DELETE FROM unsettled'),
        };
  let groups: HeldGroup[] = [];
  let bySource = new Map<string, SourceBlock[]>();
  let events = 0;
  let bytes = 0;

  function hold(group: HeldGroup): void {
    groups.push(group);
    for (const block of group.blocks) {
      const known = bySource.get(block.source);
      if (known) known.push(block);
      else bySource.set(block.source, [block]);
      events += block.count;
      bytes += sizeOf(block);
    }
  }

  for (const row of sql?.all.all() ?? []) {
    const sources = JSON.parse(str(row, 'sources')) as SourceCommit[];
    hold({ at: num(row, 'at'), sources, blocks: unpacked(blob(row, 'blocks')) });
  }

  return {
    get groups() {
      return groups;
    },
    get events() {
      return events;
    },
    get bytes() {
      return bytes;
    },
    blocksOf: (source) => bySource.get(source) ?? [],
    write: (at, sources, blocks) => void sql?.put.run(at, sources, packed(blocks)),
    held: hold,
    remove: () => void sql?.clear.run(),
    settled() {
      groups = [];
      bySource = new Map();
      events = 0;
      bytes = 0;
    },
  };
}

export function sizeOf({ head, text }: SourceBlock): number {
  return head.byteLength + text.byteLength;
}

/** How blocks stand in one row: a 4-byte length, what is known of each as JSON, then head and text of one after the other. */
type Listed = Omit<SourceBlock, 'head' | 'text'> & { readonly head: number; readonly text: number };

function packed(blocks: readonly SourceBlock[]): Uint8Array {
  const listed = blocks.map(
    (block): Listed => ({ ...block, head: block.head.byteLength, text: block.text.byteLength }),
  );
  const list = Buffer.from(JSON.stringify(listed));
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32LE(list.byteLength);
  return Buffer.concat([length, list, ...blocks.flatMap(({ head, text }) => [head, text])]);
}

function unpacked(bytes: Uint8Array): readonly SourceBlock[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 4 + all.readUInt32LE(0);
  const listed = JSON.parse(all.toString('utf8', 4, at)) as Listed[];
  // Copied: the columns of a head must be aligned.
  const take = (length: number): Uint8Array => {
    at += length;
    return Uint8Array.prototype.slice.call(all, at - length, at);
  };
  return listed.map((block) => ({ ...block, head: take(block.head), text: take(block.text) }));
}
