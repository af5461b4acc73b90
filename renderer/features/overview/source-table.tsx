// biome-ignore-all lint/a11y/useSemanticElements: a virtual list places its rows itself, which table rows do not allow
// biome-ignore-all lint/a11y/useFocusableInteractive: rows are read; the list, or the link in the row, has the focus
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useRef } from 'react';
import { transportNames } from '../../../shared/transport';
import { routeHref } from '../../store/route';
import { useReading, useSource } from '../../store/services';
import { troubleTone } from '../../ui/badges';
import { durationText, latency } from '../../ui/format/duration';
import { grouped, none, quantityText, readable } from '../../ui/format/number';
import { visible } from '../../ui/format/visible';
import { lostFigure } from '../../ui/lost-text';
import { BadgePill } from '../../ui/pill';
import { briefSentenceOf } from '../../ui/sentence';
import { SentenceText } from '../../ui/sentence-text';
import { StateShape } from '../../ui/state-shape';
import styles from './source-table.module.css';

const rowHeight = 36;

/** Column heads. `id` is how the style sheet places them and, on narrow windows, leaves them out. */
const columns = [
  { id: 'source', name: 'Source' },
  { id: 'state', name: 'State' },
  { id: 'rung', name: 'Rung' },
  { id: 'rate', name: 'events/s' },
  { id: 'trip', name: 'Round trip' },
  { id: 'event', name: 'Last event' },
  { id: 'lost', name: 'Lost' },
  { id: 'repeated', name: 'Repeated' },
  { id: 'why', name: 'Why' },
] as const;

type ColumnId = (typeof columns)[number]['id'];

/** Every source on a line, for many of them. Only the lines on screen exist. */
export function SourceTable({ ids }: { readonly ids: readonly string[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: ids.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  return (
    <div ref={scroller} className={styles.scroller} role="table" aria-label="Sources" aria-rowcount={ids.length + 1}>
      <div className={styles.head} role="row">
        {columns.map(({ id, name }) => (
          <span key={id} role="columnheader" data-column={id}>
            {name}
          </span>
        ))}
      </div>
      <div className={styles.rows} role="rowgroup" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const id = ids[row.index];
          return id === undefined ? null : <Line key={id} id={id} top={row.start} index={row.index} />;
        })}
      </div>
    </div>
  );
}

interface LineProps {
  readonly id: string;
  readonly top: number;
  readonly index: number;
}

const Line = memo(function Line({ id, top, index }: LineProps) {
  const view = useSource(id);
  const heardAt = view?.lastEventAt ?? null;
  const age = useReading((now) => (heardAt === null ? none : durationText(now - heardAt)));
  if (view === undefined) return null;
  const { badge, state, ladder, counters } = view;
  const rung = state.kind === 'live' || state.kind === 'connecting' ? ladder[state.rung] : undefined;
  const cells: readonly (readonly [ColumnId, string])[] = [
    ['rung', rung === undefined ? none : transportNames[rung.transport]],
    ['rate', readable(view.eventsPerSecond)],
    ['trip', quantityText(latency(state.kind === 'live' ? view.roundTripMs : null))],
    ['event', age],
    ['lost', lostFigure(counters)],
    ['repeated', grouped(counters.repeated)],
  ];
  return (
    <div
      className={styles.line}
      role="row"
      aria-rowindex={index + 2}
      data-badge={badge}
      data-tone={troubleTone(view)}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell" data-column="source" className={styles.name}>
        <StateShape badge={badge} />
        <a href={routeHref({ page: 'source', id, tab: 'health' })}>{visible(view.config.name)}</a>
      </span>
      <span role="cell" data-column="state">
        <BadgePill badge={badge} />
      </span>
      {cells.map(([column, text]) => (
        <span key={column} role="cell" data-column={column}>
          {text}
        </span>
      ))}
      <span role="cell" data-column="why" className={styles.why}>
        <span>
          <SentenceText parts={briefSentenceOf(view)} />
        </span>
      </span>
    </div>
  );
});
