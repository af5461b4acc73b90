import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { SourceCard } from './card';
import styles from './card-grid.module.css';

/** Least width of a card, its height and the space between, px. Wide windows gain columns, not larger cards. */
const card = { width: 320, height: 176, gap: 12 } as const;

/** How many columns fit. */
export function columnsFor(width: number): number {
  return Math.max(1, Math.floor((width + card.gap) / (card.width + card.gap)));
}

/** Cards in rows, of which only those on screen exist. */
export function CardGrid({ ids }: { readonly ids: readonly string[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(3);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setColumns(columnsFor(element.clientWidth - 30)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const rows = useVirtualizer({
    count: Math.ceil(ids.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => card.height + card.gap,
    overscan: 2,
    paddingEnd: 8,
  });
  return (
    <div ref={scroller} className={styles.scroller}>
      <ul className={styles.rows} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) =>
          ids.slice(row.index * columns, (row.index + 1) * columns).map((id, column) => (
            <li
              key={id}
              className={styles.cell}
              style={{
                transform: `translateY(${row.start}px)`,
                left: `calc((100% + ${card.gap}px) / ${columns} * ${column})`,
                width: `calc((100% - ${card.gap * (columns - 1)}px) / ${columns})`,
              }}
            >
              <SourceCard id={id} />
            </li>
          )),
        )}
      </ul>
    </div>
  );
}
