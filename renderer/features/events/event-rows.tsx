// biome-ignore-all lint/a11y/useSemanticElements: a virtual list places its rows itself, which table rows do not allow
// biome-ignore-all lint/a11y/useFocusableInteractive: rows are read; the list, or the link in the row, has the focus
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useLayoutEffect, useRef } from 'react';
import type { EventRow } from '../../../shared/event';
import type { Numbering } from '../../../shared/source';
import type { Tail } from '../../store/tail';
import { itemKey } from '../../store/tail-items';
import { EventLine } from './event-line';
import styles from './event-list.module.css';

/** Height of every row, px. */
const rowHeight = 22;

/** How near the top older rows are loaded, px. */
const topZone = 120;

interface EventRowsProps {
  readonly tail: Tail;
  readonly paused: boolean;
  /** What it says without a row. */
  readonly empty: string;
  /** What the numbers of the feed mean. */
  readonly numbering: Numbering;
  readonly chosen: number | null;
  readonly onChoose: (row: EventRow) => void;
}

const columns = ['time', 'seq', 'type', 'stream', 'body', 'lag'] as const;

/** The rows on screen out of many. Follows the newest until the reader scrolls up, then nothing moves. */
export function EventRows({ tail, paused, empty, numbering, chosen, onChoose }: EventRowsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const seenAbove = useRef(tail.prepended);
  const seenOpened = useRef(tail.opened);
  const { items, status } = tail;
  const version = tail.version();
  const getItemKey = useCallback(
    (index: number) => {
      const item = tail.items[index];
      return item === undefined ? index : itemKey(item);
    },
    [tail],
  );
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey,
    overscan: 12,
    // What scrolls by following needs no paint of its own before the next frame.
    useFlushSync: false,
  });

  // A list that is made lower or higher stays at its end.
  const height = rows.scrollRect?.height;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` stands for what `tail` holds
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const above = tail.prepended - seenAbove.current;
    seenAbove.current = tail.prepended;
    const elsewhere = tail.opened !== seenOpened.current;
    seenOpened.current = tail.opened;
    const at = elsewhere ? items.findIndex((item) => item.kind === 'event' && item.row.ordinal === tail.place) : -1;
    if (at >= 0) element.scrollTop = at * rowHeight - Math.floor(element.clientHeight / 3);
    else if (status.frozen && !elsewhere) element.scrollTop += above * rowHeight;
    else element.scrollTop = element.scrollHeight;
    lastTop.current = element.scrollTop;
    // A list that only scrolled is not scrolled again: each look at its height lays out the page.
  }, [tail, version, items, status, height]);

  const scrolled = (): void => {
    const element = scroller.current;
    if (element === null) return;
    const up = element.scrollTop < lastTop.current - 1;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < rowHeight / 2;
    lastTop.current = element.scrollTop;
    const leaves = up && !atEnd;
    if (leaves) tail.freeze();
    if (atEnd && !paused && !up) void tail.follow();
    // Also where one leap leads from the newest to the top: no other scroll may follow.
    if ((status.frozen || leaves) && element.scrollTop < topZone) void tail.loadOlder();
    const last = items.at(-1);
    if (atEnd && paused && last?.kind === 'hole') void tail.fill(last);
  };

  const move = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    const at = items.findIndex((item) => item.kind === 'event' && item.row.ordinal === chosen);
    let next = at < 0 ? items.length - 1 : at + step;
    while (items[next] !== undefined && items[next]?.kind !== 'event') next += step;
    const item = items[next];
    if (item?.kind !== 'event') return;
    event.preventDefault();
    if (next < items.length - 1) tail.freeze();
    rows.scrollToIndex(next);
    onChoose(item.row);
  };

  return (
    <div className={styles.table} role="grid" aria-label="Events" aria-rowcount={items.length + 1}>
      <div className={styles.head} role="row">
        {columns.map((name) => (
          <span key={name} role="columnheader" data-column={name}>
            {name}
          </span>
        ))}
      </div>
      <div
        ref={scroller}
        className={styles.scroller}
        role="rowgroup"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys walk through the rows
        tabIndex={0}
        aria-label="Event rows"
        onScroll={scrolled}
        onKeyDown={move}
      >
        <div role="presentation" className={styles.rows} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((virtual) => {
            const item = items[virtual.index];
            return item === undefined ? null : (
              <EventLine
                key={virtual.key}
                item={item}
                top={virtual.start}
                index={virtual.index}
                numbering={numbering}
                marked={item.kind === 'event' && item.row.ordinal === tail.place}
                chosen={item.kind === 'event' && item.row.ordinal === chosen}
                onChoose={onChoose}
                onFill={(hole) => void tail.fill(hole)}
              />
            );
          })}
        </div>
        {status.loaded && items.length === 0 ? (
          // A group of rows holds rows: what is said in place of them is one.
          <div role="row" className={styles.empty}>
            <span role="gridcell">{empty}</span>
          </div>
        ) : null}
      </div>
    </div>
  );
}
