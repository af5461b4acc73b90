import type { KeyChange } from '../core/delivery';
import { hashBytes, hashText } from '../core/hash-text';
import type { DecodedEvent } from '../core/protocol';
import { IdHabits } from './id-habits';

/** What a page of a list has that the page before it had not. */
export interface PageNews {
  readonly fresh: readonly DecodedEvent[];
  /** There was a page (or were events) before it. */
  readonly compared: boolean;
  /** Something of it was there before: nothing lies between the two. */
  readonly overlaps: boolean;
  /** It is empty, and so was the page before it. */
  readonly stillEmpty: boolean;
  /** Nothing of it was there before, and it is a list of what happened: what lay between is not in it. */
  readonly rolledOver: boolean;
}

/** Who brought a key last (0: it was restored), and when, monotonic ms; null where nobody remembers. */
interface Brought {
  readonly session: number;
  readonly at: number | null;
}

const restoredKey: Brought = { session: 0, at: null };

/**
 * Which events came lately, for feeds without numbers. A key is the id alone where ids are unique per event, else id and
 * body hash. It only says what was there: whether a second coming is a repeat or a change, the session decides.
 */
export class RecentKeys {
  /** Oldest first, from `start` on. */
  private keys: string[] = [];
  private start = 0;
  private readonly counts = new Map<string, number>();
  private readonly brought = new Map<string, Brought>();
  /** How many keys there are of each body. */
  private readonly bodies = new Map<string, number>();
  /** Where an id came last, counted in keys. */
  private readonly idsAt = new Map<string, number>();
  private noted = 0;
  private added: string[] = [];
  private replaced = false;
  /** The last page was empty. */
  private empty = false;
  /** Newest time of the last page, epoch ms. */
  private newestAt: number | null = null;
  /**
   * One id came with several bodies and others between: it names a thing and not an event, and nobody can resume
   * from it. A change of that thing is no repeat.
   */
  idsAreNames = false;
  habits = new IdHabits();

  constructor(
    private readonly uniqueIds: boolean,
    private readonly limit: number,
    restored: readonly string[],
  ) {
    for (const key of restored) this.push(key, restoredKey);
    this.added = [];
  }

  get size(): number {
    return this.keys.length - this.start;
  }

  /** The key that came last; null when none did. */
  get last(): string | null {
    return this.size === 0 ? null : (this.keys[this.keys.length - 1] ?? null);
  }

  keyOf(event: DecodedEvent): string {
    const { stream, body } = event;
    const name = nameIn(stream, event.id ?? '');
    if (this.uniqueIds && event.id !== null) return name;
    return `${name} ${typeof body === 'string' ? hashText(body) : hashBytes(body)}`;
  }

  /** The key of what the feed marks when it sends it once more. It has no id: it says nothing of what ids are in this feed. */
  keyOfRedelivery({ stream, body }: DecodedEvent, mark: string): string {
    const content = typeof body === 'string' ? hashText(body) : hashBytes(body);
    return `${nameIn(stream, '')} ${hashText(`${mark} ${content}`)}`;
  }

  /** Whether the key is there, brought by another session than this one; by any where ids are unique. */
  has(key: string, session: number): boolean {
    const brought = this.brought.get(key);
    return brought !== undefined && (brought.session !== session || this.uniqueIds);
  }

  /** Whether the key is there, brought by whomever. */
  knows(key: string): boolean {
    return this.brought.has(key);
  }

  /** Whether other ids came with the same body. */
  alike(key: string): boolean {
    return (this.bodies.get(bodyOf(key)) ?? 0) > 1;
  }

  /** When the key came last, monotonic ms; null where nobody remembers. */
  cameAt(key: string): number | null {
    return this.brought.get(key)?.at ?? null;
  }

  /** The ids of the keys, oldest first, as far as they are kept in full. */
  ids(): readonly string[] {
    return this.keys.slice(this.start).map((key) => idOf(key).slice(key.indexOf(' ') + 1));
  }

  note(key: string, session: number, at: number): void {
    this.push(key, { session, at });
    if (this.size > this.limit) this.dropOldest();
  }

  /** Compares a page with the one before it, entry for entry, and takes its place: the window is as long as the page. */
  page(events: readonly DecodedEvent[], list: boolean, session: number, at: number): PageNews {
    const compared = this.size > 0;
    const keys = events.map((event) => this.keyOf(event));
    const left = new Map(this.counts);
    const fresh = events.filter((_, index) => {
      const key = keys[index] ?? '';
      const count = left.get(key) ?? 0;
      if (count > 0) left.set(key, count - 1);
      return count === 0;
    });
    const repeats = events.length - fresh.length;
    const overlaps = repeats > 0 || (compared && keys.some((key) => hasId(key) && this.idsAt.has(idOf(key))));
    const rolledOver = list && compared && events.length > 0 && !overlaps && this.isLog(events, keys);
    const stillEmpty = this.empty && events.length === 0;
    this.empty = events.length === 0;
    // An empty list says nothing of what may stand in the next one.
    if (events.length > 0) this.replace(keys, { session, at });
    for (const { sentAt } of events) if (sentAt !== null) this.newestAt = Math.max(this.newestAt ?? 0, sentAt);
    return { fresh, compared, overlaps, stillEmpty, rolledOver };
  }

  /** What is kept of each name, by name. */
  contents(): ReadonlyMap<string, string> {
    return new Map(this.keys.slice(this.start).map((key) => [idOf(key), bodyOf(key)]));
  }

  /** These stand in place of all there were. */
  become(keys: readonly string[], session: number, at: number): void {
    const same = keys.length === this.size && keys.every((key, index) => key === this.keys[this.start + index]);
    if (!same) this.replace(keys, { session, at });
  }

  /** What changed since the last call, or the whole where `always`; null when nothing did. */
  takeChange(always: boolean): KeyChange | null {
    const { added, replaced, size } = this;
    if (!always && !replaced && added.length === 0) return null;
    this.added = [];
    this.replaced = false;
    if (always || replaced) return { mode: 'replace', keys: this.keys.slice(this.start), size };
    return { mode: 'append', keys: added.slice(-size), size };
  }

  /** Goes back to what was known at an earlier point. */
  rewind(keys: readonly string[]): void {
    this.clear();
    for (const key of keys) this.push(key, restoredKey);
    this.replaced = true;
    this.added = [];
  }

  private push(key: string, brought: Brought): void {
    this.keys.push(key);
    this.added.push(key);
    const count = this.counts.get(key) ?? 0;
    this.counts.set(key, count + 1);
    if (count === 0 && !this.uniqueIds) this.countBody(key, 1);
    this.brought.set(key, brought);
    this.noted++;
    if (!this.uniqueIds && hasId(key)) {
      const id = idOf(key);
      const at = this.idsAt.get(id);
      if (at !== undefined && at !== this.noted - 1 && this.counts.get(key) === 1) this.idsAreNames = true;
      this.habits.note(at, this.noted);
      this.idsAt.set(id, this.noted);
    }
  }

  private countBody(key: string, by: number): void {
    const body = bodyOf(key);
    const count = (this.bodies.get(body) ?? 0) + by;
    if (count > 0) this.bodies.set(body, count);
    else this.bodies.delete(body);
  }

  private dropOldest(): void {
    const key = this.keys[this.start];
    if (key === undefined) return;
    this.start++;
    const count = (this.counts.get(key) ?? 1) - 1;
    if (count > 0) this.counts.set(key, count);
    else {
      this.counts.delete(key);
      this.brought.delete(key);
      if (!this.uniqueIds) this.countBody(key, -1);
    }
    const id = idOf(key);
    if (this.idsAt.get(id) === this.noted - this.size) this.idsAt.delete(id);
    // Now and then, so that what fell out does not stay in memory and no key is moved for each.
    if (this.start > this.limit) {
      this.keys = this.keys.slice(this.start);
      this.start = 0;
    }
  }

  private replace(keys: readonly string[], brought: Brought): void {
    const before = this.keys.slice(this.start);
    const kept = before.lastIndexOf(keys[0] ?? '');
    const grows = kept >= 0 && before.slice(kept).every((key, index) => key === keys[index]);
    const pending = grows ? [...this.added, ...keys.slice(before.length - kept)] : [];
    // What only left the list is told whole too: an addition would bring the new length along.
    const replaced = this.replaced || !grows || (kept > 0 && pending.length === 0);
    this.clear();
    for (const key of keys) this.push(key, brought);
    // A list holds many things; whether an id names one is only seen where events come one by one.
    this.idsAreNames = false;
    this.added = pending;
    this.replaced = replaced;
  }

  private clear(): void {
    this.keys = [];
    this.start = 0;
    this.counts.clear();
    this.brought.clear();
    this.bodies.clear();
    this.idsAt.clear();
    this.idsAreNames = false;
    this.habits = new IdHabits();
  }

  /**
   * Whether a list tells what happened and not how things are. With ids it does when none of them stayed. Without,
   * only times tell: in order, and all of them later than those of the page before.
   */
  private isLog(events: readonly DecodedEvent[], keys: readonly string[]): boolean {
    if (keys.every(hasId)) return true;
    const times = events.map(({ sentAt }) => sentAt);
    const first = times[0] ?? null;
    if (first === null || this.newestAt === null || first <= this.newestAt || new Set(times).size < 2) return false;
    return times.every((time, index) => time !== null && time >= (times[index - 1] ?? 0));
  }
}

/** Ids longer than this are kept as their hash, so that the window is bounded in bytes too. */
export const longestName = 120;

/** Of what is called so in a stream. */
export function nameIn(stream: string, id: string): string {
  return id.length + stream.length <= longestName ? `${stream} ${id}` : hashText(`${stream} ${id}`);
}

/** A key without its body hash. */
function idOf(key: string): string {
  return key.slice(0, key.lastIndexOf(' '));
}

/** The body hash of a key. */
function bodyOf(key: string): string {
  return key.slice(key.lastIndexOf(' ') + 1);
}

/** An event without an id has `<stream> ` for a name. */
function hasId(key: string): boolean {
  return !idOf(key).endsWith(' ');
}
