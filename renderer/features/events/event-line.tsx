// biome-ignore-all lint/a11y/useSemanticElements: a virtual list places its rows itself, which table rows do not allow
// biome-ignore-all lint/a11y/useFocusableInteractive: rows are read; the list, or the link in the row, has the focus
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the list's arrow keys do the same
import { memo } from 'react';
import type { EventRow } from '../../../shared/event';
import type { Numbering } from '../../../shared/source';
import { holeCount, type TailItem } from '../../store/tail-items';
import { bytesText } from '../../ui/format/bytes';
import { lagText } from '../../ui/format/duration';
import { grouped, none } from '../../ui/format/number';
import { clockMs, fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import styles from './event-list.module.css';
import { gapRange, gapText } from './gap-text';
import { notStoredText } from './not-stored-text';

type Hole = Extract<TailItem, { kind: 'hole' }>;

interface EventLineProps {
  readonly item: TailItem;
  readonly top: number;
  readonly index: number;
  /** What the numbers of the feed mean. */
  readonly numbering: Numbering;
  readonly chosen: boolean;
  /** The list was opened at it. */
  readonly marked: boolean;
  readonly onChoose: (row: EventRow) => void;
  readonly onFill: (hole: Hole) => void;
}

/** Characters of a body that one line can show at most. */
const lineChars = 600;

/** One row: an event, a gap at its place, or rows that this window does not hold. */
export const EventLine = memo(
  function EventLine({ item, top, index, numbering, chosen, marked, onChoose, onFill }: EventLineProps) {
    const place = { style: { transform: `translateY(${top}px)` }, 'aria-rowindex': index + 2 };
    switch (item.kind) {
      case 'event':
        return (
          <div
            {...place}
            className={styles.row}
            role="row"
            aria-selected={chosen}
            {...(marked ? { 'aria-current': true } : {})}
            data-kind="event"
            data-ordinal={item.row.ordinal}
            onClick={() => onChoose(item.row)}
          >
            <EventCells row={item.row} />
          </div>
        );
      case 'gap':
        return (
          <div {...place} className={styles.row} role="row" data-kind="gap" data-status={item.gap.status}>
            <span role="gridcell" title={fullTime(item.gap.openedAt)}>
              {none}
            </span>
            <span role="gridcell" className={styles.wide} title={gapText(item.gap, numbering)}>
              {[gapRange(item.gap, numbering), gapText(item.gap, numbering)].filter(Boolean).join(' · ')}
            </span>
          </div>
        );
      case 'hole':
        return (
          <div {...place} className={styles.row} role="row" data-kind="hole">
            <span role="gridcell">{none}</span>
            <span role="gridcell" className={styles.wide}>
              {item.unstored
                ? notStoredText(holeCount(item))
                : `${grouped(holeCount(item))} rows not held by this window`}{' '}
              {item.unstored ? null : (
                <button type="button" className={styles.fetch} onClick={() => onFill(item)}>
                  Show them
                </button>
              )}
            </span>
          </div>
        );
    }
  },
  (previous, next) =>
    previous.item === next.item &&
    previous.top === next.top &&
    previous.index === next.index &&
    previous.numbering === next.numbering &&
    previous.chosen === next.chosen &&
    previous.marked === next.marked,
);

function EventCells({ row }: { readonly row: EventRow }) {
  const { receivedAt, sentAt, seq, type, stream, body, encoding, late } = row;
  const text = encoding === 'text' ? visible(body.slice(0, lineChars)) : `binary, ${bytesText(row.bytes)}`;
  return (
    <>
      <span
        role="gridcell"
        title={`received ${fullTime(receivedAt)}${sentAt === null ? '' : `\nsent ${fullTime(sentAt)}`}`}
      >
        {clockMs(receivedAt)}
      </span>
      <span role="gridcell" title={seq === null ? undefined : `${visible(row.epoch ?? '')}:${seq}`}>
        {seq === null ? none : grouped(seq)}
      </span>
      <span role="gridcell" className={styles.type}>
        {visible(type.slice(0, 80))}
      </span>
      <span role="gridcell" data-column="stream">
        {visible(stream.slice(0, 80))}
      </span>
      <span role="gridcell">{text === '' ? <i>empty</i> : text}</span>
      <span role="gridcell" data-column="lag">
        {late ? 'late ' : ''}
        {lagText(sentAt, receivedAt)}
      </span>
    </>
  );
}
