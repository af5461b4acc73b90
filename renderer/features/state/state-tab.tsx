import { RefreshCw } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { type SnapshotAnswer, type StateRow, type StateView, shownChars } from '../../../shared/state';
import type { SourceView } from '../../../shared/view';
import { routeHref } from '../../store/route';
import { useNow, useServices } from '../../store/services';
import { Button } from '../../ui/button';
import { bytesText } from '../../ui/format/bytes';
import { durationText } from '../../ui/format/duration';
import { grouped, none } from '../../ui/format/number';
import { fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { Panel } from '../../ui/panel';
import styles from './state-tab.module.css';

/** How often the state is looked at while on screen, ms. */
const lookMs = 1000;

/** The newest event of each type: what the feed says is so, however long ago it said it. */
export function StateTab({ view }: { readonly view: SourceView }) {
  const { state, look } = useFeedState(view.id);
  const { call } = useServices();
  const [filter, setFilter] = useState('');
  const [answer, setAnswer] = useState<SnapshotAnswer | null>(null);
  const [asking, setAsking] = useState(false);
  const wanted = filter.trim().toLowerCase();
  const rows = (state?.rows ?? []).filter(({ type, thing, body }) =>
    `${thing ?? ''} ${type} ${body}`.toLowerCase().includes(wanted),
  );
  const streams = new Set(state?.rows.map(({ stream }) => stream));
  const things = state?.rows.some(({ thing }) => thing !== null) === true;
  const ask = async (): Promise<void> => {
    setAsking(true);
    setAnswer(await call('state.refresh', { source: view.id }));
    setAsking(false);
    look();
  };
  return (
    <Panel
      title="State"
      aside={
        <div className={styles.aside}>
          <input
            type="search"
            className={styles.filter}
            placeholder="Type or text"
            aria-label="Filter the state"
            value={filter}
            onChange={(event) => setFilter(event.target.value)}
          />
          <Button
            disabled={asking || state?.offered !== true}
            aria-describedby="state-answer"
            onClick={() => void ask()}
          >
            <RefreshCw size={13} aria-hidden="true" />
            Ask for a snapshot
          </Button>
        </div>
      }
    >
      <p id="state-answer" className={styles.answer} aria-live="polite" data-bad={answer?.ok === false}>
        {answer === null ? introduction(state) : visible(answer.text)}
      </p>
      {state !== null && state.rows.length === 0 ? (
        <p className={styles.empty}>
          {state.offered
            ? 'No event has come since Wirewatch was started. A snapshot shows the state all the same.'
            : 'No event has come since Wirewatch was started.'}
        </p>
      ) : (
        <table className={styles.table}>
          <thead>
            <tr>
              {streams.size > 1 ? <th scope="col">Stream</th> : null}
              {things ? <th scope="col">Thing</th> : null}
              <th scope="col">{things ? 'State' : 'Type'}</th>
              <th scope="col">Says</th>
              <th scope="col" className={styles.figure}>
                Seq
              </th>
              <th scope="col" className={styles.figure}>
                Age
              </th>
              <th scope="col" className={styles.figure}>
                From
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <Line
                key={`${row.stream} ${row.thing === null ? row.type : ` ${row.thing}`}`}
                source={view.id}
                row={row}
                stream={streams.size > 1}
                things={things}
              />
            ))}
          </tbody>
        </table>
      )}
      {state !== null && state.refused > 0 ? (
        <p className={styles.answer}>{grouped(state.refused)} events of further types found no room here.</p>
      ) : null}
    </Panel>
  );
}

function introduction(state: StateView | null): string {
  return state?.offered === false
    ? 'The newest event of each type. This feed offers no snapshot: its events are all there is.'
    : 'The newest event of each type, with what a snapshot said beneath it.';
}

interface LineProps {
  readonly source: string;
  readonly row: StateRow;
  /** Says of which stream it is. */
  readonly stream: boolean;
  /** Says of which thing of a list it is. */
  readonly things: boolean;
}

function Line({ source, row, stream, things }: LineProps) {
  const now = useNow();
  const at = row.sentAt ?? row.receivedAt;
  const size = bytesText(row.bytes);
  // Only the beginning of a long body travels, and says so.
  const cut = row.body.length >= shownChars && row.bytes > row.body.length;
  const text = cut ? `${row.body} … the beginning of ${size}` : row.body;
  const whole = row.encoding === 'text' ? text : `binary, ${size}`;
  return (
    <tr data-ended={things && row.type === 'ended'}>
      {stream ? <td>{visible(row.stream)}</td> : null}
      {things ? <th scope="row">{visible(row.thing ?? none)}</th> : null}
      {things ? <td>{stateText(row, now)}</td> : <th scope="row">{visible(row.type)}</th>}
      <td className={styles.body} title={visible(whole)}>
        {visible(whole)}
      </td>
      <td className={styles.figure} title={row.epoch === null ? '' : `epoch ${visible(row.epoch)}`}>
        {row.seq === null ? none : grouped(row.seq)}
      </td>
      <td className={styles.figure} title={fullTime(at)}>
        {durationText(now - at)}
      </td>
      <td className={styles.figure}>
        {row.ordinal === null ? (
          'snapshot'
        ) : (
          <a
            href={routeHref({ page: 'source', id: source, tab: 'events', ordinal: row.ordinal })}
            aria-label={`Event ${visible(row.type)}, whole`}
          >
            event
          </a>
        )}
      </td>
    </tr>
  );
}

/** What a thing of a list is: of one that ended, since when. */
function stateText({ type, receivedAt }: StateRow, now: number): string {
  return type === 'ended' ? `ended ${durationText(now - receivedAt)} ago` : visible(type);
}

/** What a source's feed says is so; null before main has said it. */
function useFeedState(source: string): { readonly state: StateView | null; look(): void } {
  const { bridge } = useServices();
  const [state, setState] = useState<StateView | null>(null);
  const look = useCallback(() => {
    bridge.call('state.read', { source }).then(
      (answer) => {
        if (answer.ok) setState(answer.value);
      },
      () => {},
    );
  }, [bridge, source]);
  useEffect(() => {
    look();
    const timer = window.setInterval(() => {
      // Nobody sees a hidden window.
      if (!document.hidden) look();
    }, lookMs);
    return () => window.clearInterval(timer);
  }, [look]);
  return { state, look };
}
