import { useVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { SourceCard } from './card';
import styles from './card-grid.module.css';
import { card, cardLayout } from './card-layout';

/** What the scroller's padding (see the style sheet) and the space below the last row take of its room, px. */
const padding = { across: 30, down: 14 + card.gap + 8 } as const;

/** Cards in rows, of which only those on screen exist. */
export function CardGrid({ ids }: { readonly ids: readonly string[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState({ width: 1030, height: 640 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setRoom({ width: element.clientWidth - padding.across, height: element.clientHeight - padding.down }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const { columns, height } = cardLayout(ids.length, room.width, room.height);
  const rows = useVirtualizer({
    count: Math.ceil(ids.length / columns),
    getScrollElement: () => scroller.current,
    estimateSize: () => height + card.gap,
    overscan: 2,
    paddingEnd: 8,
  });
  // What was reckoned for rows of another height is forgotten.
  useLayoutEffect(() => {
    if (height > 0) rows.measure();
  }, [rows, height]);
  return (
    <div ref={scroller} className={styles.scroller}>
      <ul className={styles.rows} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) =>
          ids.slice(row.index * columns, (row.index + 1) * columns).map((id, column) => (
            <li
              key={id}
              className={styles.cell}
              style={{
                height,
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
