import { ArrowDown, CirclePause, CirclePlay } from 'lucide-react';
import { type Dispatch, useDeferredValue, useEffect, useRef, useState } from 'react';
import type { EventRow } from '../../../shared/event';
import type { SourceView } from '../../../shared/view';
import { useServices } from '../../store/services';
import type { Tail } from '../../store/tail';
import { Button } from '../../ui/button';
import { grouped, readable } from '../../ui/format/number';
import { Panel } from '../../ui/panel';
import { EventDetail } from './event-detail';
import styles from './event-list.module.css';
import { EventRows } from './event-rows';
import { GoTo } from './go-to';
import { Matches } from './matches';
import { emptyText } from './not-stored-text';
import { type Numbering, numberingsOf } from './places';
import { useTail } from './use-tail';

interface EventListProps {
  readonly view: SourceView;
  /** Ordinal of the event to open at; null: the newest. */
  readonly at: number | null;
}

/** The event list of a source: newest below, still while it is read, with one event laid open beside it. */
export function EventList({ view, at }: EventListProps) {
  const [typed, setTyped] = useState('');
  const filter = useDeferredValue(typed.trim());
  const [paused, setPaused] = useState(false);
  const [chosen, setChosen] = useState<EventRow | null>(null);
  const [going, setGoing] = useState<{ readonly numberings: readonly Numbering[]; readonly at: number } | null>(null);
  const tail = useTail(view.id, filter, view.notYetStored);
  const { frozen, below } = tail.status;

  const pause = (): void => {
    setPaused(!paused);
    if (paused) void tail.follow();
    else tail.freeze();
  };
  const jump = (): void => {
    setPaused(false);
    void tail.follow();
  };
  const openAt = (ordinal: number): void => {
    setPaused(true);
    void tail.openAt(ordinal);
  };
  useOpening(tail, at, setPaused, setChosen);
  const askWhere = (): void => {
    const last = tail.items.findLast((item) => item.kind === 'event');
    setGoing({ numberings: numberingsOf(tail.items), at: last?.kind === 'event' ? last.row.receivedAt : Date.now() });
  };

  return (
    <Panel
      title="Events"
      className={styles.panel}
      aside={
        <>
          <span>{readable(view.eventsPerSecond)} / s · newest below</span>
          <input
            className={styles.filter}
            type="search"
            aria-label="Filter events"
            placeholder="Filter: text, type:cpu, field=value"
            value={typed}
            maxLength={500}
            onChange={(event) => {
              setTyped(event.target.value);
              // Another search is another list, which follows the newest.
              setPaused(false);
            }}
          />
          <Button onClick={askWhere}>Go to…</Button>
          <Button aria-pressed={paused} onClick={pause}>
            {paused ? <CirclePlay size={13} aria-hidden="true" /> : <CirclePause size={13} aria-hidden="true" />}
            {paused ? 'Resume list' : 'Pause list'}
          </Button>
        </>
      }
    >
      {filter === '' ? null : <Matches source={view.id} text={filter} onJump={openAt} />}
      {going === null ? null : (
        <GoTo {...going} source={view.id} filter={filter} onJump={openAt} onClose={() => setGoing(null)} />
      )}
      <div className={styles.split} data-detail={chosen !== null}>
        <div className={styles.list}>
          <EventRows
            tail={tail}
            paused={paused}
            empty={emptyText(filter, tail.status, view)}
            numbering={view.numbering}
            chosen={chosen?.ordinal ?? null}
            onChoose={setChosen}
          />
          {frozen ? (
            <Button look="primary" className={styles.jump} onClick={jump}>
              <ArrowDown size={13} aria-hidden="true" />
              {below > 0 ? `${grouped(below)} newer below` : 'Newest below'}
            </Button>
          ) : null}
        </div>
        {chosen === null ? null : (
          <EventDetail key={chosen.ordinal} source={view.id} row={chosen} onClose={() => setChosen(null)} />
        )}
      </div>
    </Panel>
  );
}

/** Goes once to the event that an address names, as soon as the list has its first page: that page would replace it. */
function useOpening(
  tail: Tail,
  at: number | null,
  setPaused: Dispatch<boolean>,
  setChosen: Dispatch<EventRow | null>,
): void {
  const { notify } = useServices();
  const gone = useRef<number | null>(null);
  const { loaded } = tail.status;
  useEffect(() => {
    if (at === null || !loaded || gone.current === at) return;
    gone.current = at;
    setPaused(true);
    void tail.openAt(at).then(() => {
      const item = tail.items.find((each) => each.kind === 'event' && each.row.ordinal === at);
      const row = item?.kind === 'event' ? item.row : null;
      if (row === null) notify('This event is not stored any more; what is nearest to it is shown.');
      setChosen(row);
    });
  }, [tail, at, loaded, notify, setPaused, setChosen]);
}
