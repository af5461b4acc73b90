import type { EventRow } from '../../../shared/event';
import type { Gap } from '../../../shared/gap';
import type { EventPage } from '../../../shared/ipc';
import { matchesSearch, parseSearch, type SearchTerm } from '../../../shared/search';
import type { DeliveredEvent } from '../core/delivery';
import { eventRow, wholeBody } from '../core/event-row';
import type { JournalEntry, PageQuery } from '../core/journal';
import { roomOf } from '../core/kept-event';

/**
 * What was delivered and is not durable yet, so that a page can show it: with a full disk that is everything new. The
 * newest of each source are held, bounded by count and bytes; of older ones it is known that they are not stored.
 */
export interface NotStored {
  add(entry: JournalEntry): void;
  /** Entry `number` of a source and all before it are durable. */
  committed(source: string, number: number): void;
  /** What is held of a source will never be stored as it is, or is nobody's news any more. */
  clear(source: string): void;
  /** A page of what is stored, which `ask` reads, and of what is not stored yet. */
  page(query: PageQuery, ask: (query: PageQuery) => Promise<EventPage>): Promise<EventPage>;
  /** Null where it is not held. */
  event(source: string, ordinal: number): (EventRow & { readonly whole: string }) | null;
}

export interface NotStoredLimits {
  /** Of one source. */
  readonly events: number;
  readonly bytes: number;
  /** Of all sources together. */
  readonly allBytes: number;
}

const defaultLimits: NotStoredLimits = { events: 2_000, bytes: 4 * 1024 * 1024, allBytes: 16 * 1024 * 1024 };

/** Gaps of one source that are held. */
const maxGaps = 200;
/** Memory of an event beside its body, about, bytes. */
const eventOverhead = 200;

interface Chunk {
  readonly number: number;
  readonly events: readonly DeliveredEvent[];
  readonly bytes: number;
}

/** Ordinals, both ends excluded. */
type Between = NonNullable<EventPage['unstored']>;

interface Held {
  chunks: Chunk[];
  events: number;
  bytes: number;
  /** Those before the chunks whose bodies are not held any more, and the entry that the newest of them came with. */
  gone: (Between & { readonly number: number }) | null;
  readonly gaps: Map<string, { readonly number: number; readonly gap: Gap }>;
}

export function createNotStored(limits = defaultLimits): NotStored {
  const sources = new Map<string, Held>();
  let allBytes = 0;

  function take(held: Held, chunk: Chunk): void {
    held.chunks.push(chunk);
    held.events += chunk.events.length;
    held.bytes += chunk.bytes;
    allBytes += chunk.bytes;
  }

  function shift(held: Held): Chunk | undefined {
    const chunk = held.chunks.shift();
    if (!chunk) return undefined;
    held.events -= chunk.events.length;
    held.bytes -= chunk.bytes;
    allBytes -= chunk.bytes;
    return chunk;
  }

  function forgetBodies(held: Held, events: readonly DeliveredEvent[], number: number): void {
    const first = events[0];
    const last = events[events.length - 1];
    if (first && last) held.gone = { after: held.gone?.after ?? first.ordinal - 1, before: last.ordinal + 1, number };
  }

  return {
    add({ source, number, events, gaps }) {
      if (events.length === 0 && gaps.length === 0) return;
      let held = sources.get(source);
      if (!held) {
        held = { chunks: [], events: 0, bytes: 0, gone: null, gaps: new Map() };
        sources.set(source, held);
      }
      for (const gap of gaps) {
        held.gaps.delete(gap.id);
        held.gaps.set(gap.id, { number, gap });
      }
      for (const id of held.gaps.keys()) {
        if (held.gaps.size <= maxGaps) break;
        held.gaps.delete(id);
      }
      const { from, bytes } = newestOf(events, limits);
      const drop = (): void => {
        const oldest = held && shift(held);
        if (oldest) forgetBodies(held, oldest.events, oldest.number);
      };
      const kept = from === 0 ? events : events.slice(from);
      const full = (): boolean =>
        held.events + kept.length > limits.events ||
        held.bytes + bytes > limits.bytes ||
        allBytes + bytes > limits.allBytes;
      while (held.chunks.length > 0 && (from > 0 || full())) drop();
      if (from > 0) forgetBodies(held, events.slice(0, from), number);
      if (kept.length === 0) return;
      if (full()) forgetBodies(held, kept, number);
      else take(held, { number, events: kept, bytes });
    },

    committed(source, number) {
      const held = sources.get(source);
      if (!held) return;
      for (let first = held.chunks[0]; first && first.number <= number; first = held.chunks[0]) shift(held);
      if (held.gone && held.gone.number <= number) held.gone = null;
      for (const [id, known] of held.gaps) if (known.number <= number) held.gaps.delete(id);
      if (held.chunks.length === 0 && held.gone === null && held.gaps.size === 0) sources.delete(source);
    },

    clear(source) {
      allBytes -= sources.get(source)?.bytes ?? 0;
      sources.delete(source);
    },

    async page(query, ask) {
      const held = sources.get(query.source);
      if (!held) return ask(query);
      // Taken before what is stored is read: what is stored meanwhile is then in both, never in none.
      const { gone } = held;
      const gaps = [...held.gaps.values()].map(({ gap }) => gap);
      const matching = matchingOf(held, query);
      const { from, limit } = query;
      if (query.direction === 'after') {
        const stored = await ask(query);
        const newest = stored.rows.at(-1)?.ordinal ?? from ?? 0;
        const rest = matching.filter(({ ordinal }) => ordinal > newest);
        const room = stored.more ? 0 : Math.max(0, limit - stored.rows.length);
        const rows = [...stored.rows, ...rest.slice(0, room).map(eventRow)];
        const more = stored.more || rest.length > room;
        const to = more ? (rows.at(-1)?.ordinal ?? 0) : Number.MAX_SAFE_INTEGER;
        const low = from === null ? 0 : from + 1;
        const unstored = stored.more ? null : within(gone, Math.max(newest, low - 1), to + 1);
        return { rows, gaps: withGaps(stored.gaps, gaps, low, to), more, ...(unstored ? { unstored } : {}) };
      }
      const mine = matching.slice(Math.max(0, matching.length - limit));
      const stored = await ask({ ...query, limit: limit - mine.length });
      const rows = inOrder(stored.rows, mine.map(eventRow));
      const beyond = matching.length > mine.length;
      const more = stored.more || beyond;
      const to = from ?? Number.MAX_SAFE_INTEGER;
      const older = rows.findLast(({ ordinal }) => gone !== null && ordinal < gone.before)?.ordinal ?? 0;
      const unstored = beyond ? null : within(gone, older, to);
      const low = more ? (rows[0]?.ordinal ?? to) : 0;
      return { rows, gaps: withGaps(stored.gaps, gaps, low, to), more, ...(unstored ? { unstored } : {}) };
    },

    event(source, ordinal) {
      for (const { events } of sources.get(source)?.chunks ?? []) {
        const found = events.find((event) => event.ordinal === ordinal);
        if (found) return { ...eventRow(found), whole: wholeBody(found) };
      }
      return null;
    },
  };
}

/** Where the newest of them begin that may be held, and what they take. */
function newestOf(events: readonly DeliveredEvent[], limits: NotStoredLimits): { from: number; bytes: number } {
  let from = events.length;
  let bytes = 0;
  while (from > 0 && events.length - from < limits.events) {
    const event = events[from - 1];
    const size = (event ? roomOf(event) : 0) + eventOverhead;
    if (bytes + size > limits.bytes) break;
    bytes += size;
    from -= 1;
  }
  return { from, bytes };
}

function matchingOf({ chunks }: Held, { from, direction, text }: PageQuery): readonly DeliveredEvent[] {
  const terms = parseSearch(text);
  return chunks
    .flatMap(({ events }) => events)
    .filter(
      (event) =>
        (from === null || (direction === 'after' ? event.ordinal > from : event.ordinal < from)) &&
        matches(event, terms),
    );
}

function matches(event: DeliveredEvent, terms: readonly SearchTerm[]): boolean {
  const { type, stream, id } = event;
  return terms.length === 0 || matchesSearch({ body: wholeBody(event), type, stream, id }, terms);
}

/** Each once, by their order of delivery. */
function inOrder(stored: readonly EventRow[], held: readonly EventRow[]): readonly EventRow[] {
  const rows = new Map([...held, ...stored].map((row) => [row.ordinal, row]));
  return [...rows.values()].sort((a, b) => a.ordinal - b.ordinal);
}

/** The part of `gone` between two ordinals (excluded). */
function within(gone: Between | null, after: number, before: number): Between | null {
  if (gone === null) return null;
  const part = { after: Math.max(gone.after, after), before: Math.min(gone.before, before) };
  return part.before - part.after > 1 ? part : null;
}

/** Stored gaps as they became since, and those told since that stand in the stretch from `low` to `to` (included). */
function withGaps(stored: readonly Gap[], held: readonly Gap[], low: number, to: number): readonly Gap[] {
  const gaps = new Map(stored.map((gap) => [gap.id, gap]));
  for (const gap of held) {
    const place = gap.before ?? Number.MAX_SAFE_INTEGER;
    if (gaps.has(gap.id) || (place >= low && place <= to)) gaps.set(gap.id, gap);
  }
  return [...gaps.values()];
}
