import { describe, expect, it } from 'vitest';
import type { EventRow } from '../../shared/event';
import type { Gap } from '../../shared/gap';
import type { EventPage } from '../../shared/ipc';
import { Tail } from './tail';
import { holeCount, insertGap, insertRow, type TailItem } from './tail-items';
import { tailLimits } from './tail-limits';

const row = (ordinal: number, changes: Partial<EventRow> = {}): EventRow => ({
  ordinal,
  stream: 's',
  epoch: 'e',
  seq: ordinal,
  id: null,
  type: 'order',
  sentAt: null,
  receivedAt: ordinal * 1000,
  body: `{"n":${ordinal}}`,
  encoding: 'text',
  bytes: 10,
  late: false,
  ...changes,
});
const gap = (from: number, to: number | null, changes: Partial<Gap> = {}): Gap => ({
  id: `g${from}`,
  stream: 's',
  epoch: 'e',
  from,
  to,
  status: 'open',
  cause: 'missed',
  openedAt: 0,
  closedAt: null,
  ...changes,
});
const text = (item: TailItem): string => {
  switch (item.kind) {
    case 'event':
      return `${item.row.seq}`;
    case 'gap':
      return `gap ${item.gap.from}–${item.gap.to} ${item.gap.status}`;
    case 'hole':
      return `${item.unstored ? 'not stored' : 'hole'} ${holeCount(item)}`;
  }
};
const shown = (items: readonly TailItem[]): string[] => items.map(text);

/** A journal of `total` rows behind a tail, frames run at once; `laterRuns` is what a delay does. */
function tailOn(
  total: number,
  filter = '',
): {
  tail: Tail;
  deliver: (count: number) => EventRow[];
  laterRuns: () => Promise<void>;
  holdBack: (rows: number) => void;
} {
  let stored = total;
  let unstored = 0;
  let waiting: (() => void)[] = [];
  const page = async (from: number | null, direction: 'before' | 'after', limit: number): Promise<EventPage> => {
    const all = Array.from({ length: stored - unstored }, (_, index) => index + 1).filter((ordinal) =>
      from === null ? true : direction === 'before' ? ordinal < from : ordinal > from,
    );
    const taken = direction === 'before' ? all.slice(-limit) : all.slice(0, limit);
    return { rows: taken.map((ordinal) => row(ordinal)), gaps: [], more: all.length > taken.length };
  };
  const later = (callback: () => void): void => void waiting.push(callback);
  const tail = new Tail({ filter, page, frame: (callback) => callback(), later });
  const deliver = (count: number): EventRow[] => Array.from({ length: count }, () => row(++stored));
  const laterRuns = async (): Promise<void> => {
    const due = waiting;
    waiting = [];
    for (const callback of due) callback();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { tail, deliver, laterRuns, holdBack: (rows) => (unstored = rows) };
}

describe('placing rows', () => {
  it('puts a gap between the numbers it lies between', () => {
    const items: TailItem[] = [];
    for (const ordinal of [410, 411, 427, 428]) insertRow(items, row(ordinal));
    insertGap(items, gap(412, 426));
    expect(shown(items)).toEqual(['410', '411', 'gap 412–426 open', '427', '428']);
    insertGap(items, gap(412, 426, { status: 'filled' }));
    expect(shown(items)[2]).toBe('gap 412–426 filled');
  });

  it('puts late rows at their place, after their gap', () => {
    const items: TailItem[] = [];
    for (const seq of [1, 2, 5]) insertRow(items, row(seq));
    insertGap(items, gap(3, 4));
    insertRow(items, row(6, { seq: 3, late: true }));
    insertRow(items, row(7, { seq: 4, late: true }));
    expect(shown(items)).toEqual(['1', '2', 'gap 3–4 open', '3', '4', '5']);
  });

  it('promise 9: leaves a late row without a number where it came, also on an older page', async () => {
    const rows = [row(1, { seq: null }), row(2, { seq: null, late: true }), row(3, { seq: null })];
    const pages = [rows.slice(2), rows.slice(0, 2)];
    const page = async () => ({ rows: pages.shift() ?? [], gaps: [], more: true });
    const tail = new Tail({ filter: '', page, frame: (callback) => callback(), later: () => undefined });
    await tail.open();
    await tail.loadOlder();
    expect(tail.items.map((item) => (item.kind === 'event' ? item.row.ordinal : null))).toEqual([1, 2, 3]);
  });

  it('promise 3: shows once what could not be stored and was fetched again', () => {
    const items: TailItem[] = [];
    for (const seq of [1, 2, 3]) insertRow(items, row(seq));
    insertGap(items, gap(2, 3, { cause: 'journal-paused' }));
    insertRow(items, row(4, { seq: 2, late: true }));
    insertRow(items, row(5, { seq: 3, late: true }));
    expect(shown(items)).toEqual(['1', 'gap 2–3 open', '2', '3']);
    expect(items.map((item) => (item.kind === 'event' ? item.row.ordinal : null))).toEqual([1, null, 4, 5]);
  });

  it('keeps streams and epochs apart', () => {
    const items: TailItem[] = [];
    insertRow(items, row(1, { seq: 50, stream: 'other' }));
    insertRow(items, row(2, { seq: 2 }));
    insertRow(items, row(3, { seq: 9, epoch: 'older' }));
    insertGap(items, gap(3, 4));
    expect(shown(items)).toEqual(['50', '2', 'gap 3–4 open', '9']);
  });
});

describe('promise 10: gaps of feeds without numbers', () => {
  const plain = (ordinal: number): EventRow => row(ordinal, { epoch: null, seq: null });
  const break_ = (id: string, before: number, openedAt: number): Gap =>
    gap(0, null, { id, epoch: '', status: 'lost', cause: 'no-replay', openedAt, closedAt: openedAt, before });
  const order = (items: readonly TailItem[]): (string | number)[] =>
    items.map((item) => (item.kind === 'event' ? item.row.ordinal : item.kind === 'gap' ? item.gap.id : '…'));

  it('stand between the events they lie between, also where the clock jumped', () => {
    const items: TailItem[] = [];
    for (const ordinal of [1, 2, 3, 4, 7]) insertRow(items, plain(ordinal));
    insertGap(items, break_('a', 2, 9_000));
    insertGap(items, break_('b', 4, 0));
    insertGap(items, break_('c', 6, 3_000));
    insertGap(items, break_('d', 8, 0));
    expect(order(items)).toEqual([1, 'a', 2, 3, 'b', 4, 'c', 7, 'd']);
  });

  it('stand by their time where an older version stored them', () => {
    const items: TailItem[] = [];
    for (const ordinal of [1, 2, 3]) insertRow(items, plain(ordinal));
    const { before: _, ...older } = break_('a', 0, 2_500);
    insertGap(items, older);
    insertGap(items, { ...older, id: 'b', openedAt: 1_500 });
    expect(order(items)).toEqual([1, 'b', 2, 'a', 3]);
  });
});

describe('Tail', () => {
  it('opens on the newest page and follows', async () => {
    const { tail, deliver } = tailOn(1000);
    await tail.open();
    expect(tail.items).toHaveLength(tailLimits.page);
    tail.add(deliver(3));
    expect(shown(tail.items).at(-1)).toBe('1003');
  });

  it('behaviour 28: shows rows that were skipped on the way as a hole and fetches them', async () => {
    const { tail, deliver } = tailOn(10);
    await tail.open();
    const [first, , , last] = deliver(4);
    if (first === undefined || last === undefined) throw new Error('No rows.');
    tail.add([first, last]);
    expect(shown(tail.items).slice(-3)).toEqual(['11', 'hole 2', '14']);
    const hole = tail.items.at(-2);
    if (hole?.kind !== 'hole') throw new Error('No hole.');
    await tail.fill(hole);
    expect(shown(tail.items).slice(-4)).toEqual(['11', '12', '13', '14']);
  });

  it('does not move while frozen, counts what is below and catches up', async () => {
    const { tail, deliver } = tailOn(10);
    await tail.open();
    tail.freeze();
    const before = shown(tail.items);
    tail.add(deliver(5));
    expect(shown(tail.items)).toEqual(before);
    expect(tail.status.below).toBe(5);
    await tail.follow();
    expect(shown(tail.items).slice(-2)).toEqual(['14', '15']);
    expect(tail.status.below).toBe(0);
  });

  it('behaviour 28: reads the newest where rows were left out and none follow, as after a time in which the window was hidden', async () => {
    const { tail, deliver } = tailOn(10);
    await tail.open();
    deliver(5);
    tail.add([], 15);
    await Promise.resolve();
    expect(shown(tail.items).slice(-2)).toEqual(['14', '15']);
    tail.add(deliver(1), 16);
    expect(shown(tail.items).slice(-2)).toEqual(['15', '16']);
  });

  it('behaviour 28: says while frozen how much was left out, and reads it when it follows again', async () => {
    const { tail, deliver } = tailOn(10);
    await tail.open();
    tail.freeze();
    deliver(5);
    tail.add([], 15);
    expect(tail.status.below).toBe(5);
    await tail.follow();
    await Promise.resolve();
    expect(shown(tail.items).slice(-2)).toEqual(['14', '15']);
    expect(tail.status.below).toBe(0);
  });

  it('bounds what arrives while frozen; the rest is a hole afterwards', async () => {
    const { tail, deliver } = tailOn(10);
    await tail.open();
    tail.freeze();
    tail.add(deliver(tailLimits.pending + 100));
    await tail.follow();
    expect(shown(tail.items)[10]).toBe('hole 100');
  });

  it('bounds its items while following and while paging back', async () => {
    const { tail, deliver } = tailOn(20_000);
    await tail.open();
    for (let round = 0; round < 20; round += 1) tail.add(deliver(500));
    expect(tail.items.length).toBeLessThanOrEqual(tailLimits.items + tailLimits.page);
    expect(tail.status.older).toBe(true);
    for (let round = 0; round < 30; round += 1) await tail.loadOlder();
    expect(tail.items.length).toBeLessThanOrEqual(tailLimits.items + tailLimits.page + 1);
    expect(tail.items.at(-1)?.kind).toBe('hole');
    await tail.follow();
    expect(shown(tail.items).at(-1)).toBe('30000');
  });

  it('goes to an event far back, stands still there, and comes back to the newest', async () => {
    const { tail, deliver } = tailOn(5_000);
    await tail.open();
    const opened = tail.opened;
    await tail.openAt(700);
    expect(shown(tail.items)[tailLimits.page - 1]).toBe('700');
    expect(shown(tail.items).slice(-2)).toEqual(['950', 'hole 4050']);
    expect(shown(tail.items)).toHaveLength(2 * tailLimits.page + 1);
    expect(tail.place).toBe(700);
    expect(tail.status).toMatchObject({ frozen: true, older: true });
    expect(tail.opened).toBe(opened + 1);
    tail.add(deliver(3));
    expect(shown(tail.items).at(-1)).toBe('hole 4050');
    expect(tail.status.below).toBe(3);
    // Forward from there, page by page; what goes from the top is counted, so that the reader's place can be kept.
    for (let hole = tail.items.at(-1); hole?.kind === 'hole'; hole = tail.items.at(-1)) await tail.fill(hole);
    expect(shown(tail.items).at(-1)).toBe('5000');
    expect(tail.items.length).toBeLessThanOrEqual(tailLimits.items + tailLimits.page);
    expect(Number(shown(tail.items)[0])).toBe(451 - tail.prepended);
    await tail.follow();
    expect(shown(tail.items).at(-1)).toBe('5003');
    expect(tail.status.frozen).toBe(false);
    expect(tail.place).toBeNull();
  });

  it('promise 25: fills by itself the few rows that were told while a tab opened', async () => {
    const { tail, deliver, laterRuns, holdBack } = tailOn(10);
    await tail.open();
    const [, second] = deliver(2);
    if (second === undefined) throw new Error('No row.');
    // Told, and not stored yet.
    holdBack(2);
    tail.add([second]);
    expect(shown(tail.items).slice(-3)).toEqual(['10', 'hole 1', '12']);
    await laterRuns();
    expect(shown(tail.items).slice(-3)).toEqual(['10', 'hole 1', '12']);
    holdBack(0);
    await laterRuns();
    expect(shown(tail.items).slice(-3)).toEqual(['10', '11', '12']);
  });

  it('never takes a hole for filled while the journal does not have its rows yet', async () => {
    const { tail, deliver, holdBack } = tailOn(10);
    await tail.open();
    const told = deliver(100).slice(-1);
    holdBack(100);
    tail.add(told);
    const hole = tail.items.at(-2);
    if (hole?.kind !== 'hole') throw new Error('No hole.');
    await tail.fill(hole);
    expect(shown(tail.items).slice(-2)).toEqual(['hole 99', '110']);
  });

  it('leaves what is many, and what the reader stands beside, to be asked for', async () => {
    const { tail, deliver, laterRuns } = tailOn(10);
    await tail.open();
    tail.add(deliver(100).slice(-1));
    await laterRuns();
    expect(shown(tail.items).slice(-2)).toEqual(['hole 99', '110']);
    tail.add(deliver(3).slice(-1));
    tail.freeze();
    await laterRuns();
    expect(shown(tail.items).slice(-2)).toEqual(['hole 2', '113']);
  });

  describe('promise 3: what is not stored yet', () => {
    /** A main that stored `stored` rows and holds those from `held` to `head`. */
    function tailOf(main: { stored: number; held: number; head: number; fails?: boolean }) {
      let waiting: (() => void)[] = [];
      const page = async (from: number | null, direction: 'before' | 'after', limit: number) => {
        if (main.fails) return null;
        const has = (n: number): boolean => n <= main.stored || n >= main.held;
        const all = Array.from({ length: main.head }, (_, index) => index + 1)
          .filter(has)
          .filter((n) => from === null || (direction === 'before' ? n < from : n > from));
        const rows = direction === 'before' ? all.slice(-limit) : all.slice(0, limit);
        const missing = {
          after: Math.max(main.stored, direction === 'after' ? (from ?? 0) : 0),
          before: Math.min(main.held, direction === 'before' ? (from ?? main.held) : main.held),
        };
        return {
          rows: rows.map((n) => row(n)),
          gaps: [],
          more: all.length > rows.length,
          ...(missing.before - missing.after > 1 ? { unstored: missing } : {}),
        };
      };
      const tail = new Tail({ filter: '', page, frame: (run) => run(), later: (run) => void waiting.push(run) });
      const laterRuns = async (): Promise<void> => {
        for (const callback of waiting.splice(0)) callback();
        waiting = [];
        await new Promise((resolve) => setImmediate(resolve));
      };
      return { tail, laterRuns };
    }

    it('has its place, and comes by itself when it is stored', async () => {
      const main = { stored: 2, held: 8, head: 9 };
      const { tail, laterRuns } = tailOf(main);
      await tail.open();
      expect(shown(tail.items)).toEqual(['1', '2', 'not stored 5', '8', '9']);
      tail.add([row(10)]);
      for (let look = 0; look < 9; look += 1) await laterRuns();
      expect(shown(tail.items)).toEqual(['1', '2', 'not stored 5', '8', '9', '10']);
      main.stored = 10;
      main.head = 10;
      tail.storing(0);
      await laterRuns();
      expect(shown(tail.items)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    });

    it('is named where nothing else is there, and what follows it comes after it', async () => {
      const { tail } = tailOf({ stored: 0, held: 6, head: 5 });
      await tail.open();
      expect(shown(tail.items)).toEqual(['not stored 5']);
      tail.add([row(6)]);
      expect(shown(tail.items)).toEqual(['not stored 5', '6']);
      tail.add([row(9)]);
      expect(shown(tail.items)).toEqual(['not stored 5', '6', 'hole 2', '9']);
    });

    it('is asked for in pages above it once, and is no more called so when it is stored while the list stands still', async () => {
      const main = { stored: 300, held: 600, head: 620 };
      const { tail, laterRuns } = tailOf(main);
      await tail.open();
      await tail.loadOlder();
      const names = () => shown(tail.items).filter((name) => /\D/.test(name));
      expect(names()).toEqual(['not stored 299']);
      expect(shown(tail.items)[0]).toBe('1');
      main.stored = 620;
      tail.storing(20);
      expect(names()).toEqual(['hole 299']);
      await laterRuns();
      expect(names()).toEqual(['hole 299']);
    });

    it('is looked for again where the first page could not be read', async () => {
      const main = { stored: 3, held: 3, head: 3, fails: true };
      const { tail } = tailOf(main);
      await tail.open();
      expect(tail.status).toMatchObject({ loaded: true, failed: true });
      main.fails = false;
      tail.storing(0);
      await new Promise((resolve) => setImmediate(resolve));
      expect([shown(tail.items), tail.status.failed]).toEqual([['1', '2', '3'], false]);
    });
  });

  it('filters live rows as it filters pages', async () => {
    const { tail } = tailOn(0, 'REFUND');
    await tail.open();
    tail.add([row(1), row(2, { type: 'refund.created' }), row(3, { body: '{"kind":"refund"}' })]);
    tail.add([row(6, { type: 'refund.created' })]);
    expect(shown(tail.items)).toEqual(['2', '3', 'hole 2', '6']);
  });
});
