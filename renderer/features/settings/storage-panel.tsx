import { useCallback, useEffect, useState } from 'react';
import type { Keep, StorageView, StoredOf } from '../../../shared/storage';
import { useServices, useWindow } from '../../store/services';
import { Button } from '../../ui/button';
import { Dialog, DialogActions } from '../../ui/dialog';
import { bytes, exactBytes } from '../../ui/format/bytes';
import { grouped, none, quantityText } from '../../ui/format/number';
import { fullTime } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { Panel } from '../../ui/panel';
import { evictedBy, exceeding, keepOf } from './keep-text';
import styles from './settings-page.module.css';

/** How often amounts are read while on screen, ms. */
const lookMs = 5_000;

/** What is stored of each source, and how much of it is kept. */
export function StoragePanel() {
  const { call } = useServices();
  const [storage, setStorage] = useState<StorageView | null>(null);
  /** The source whose limits are edited; '' = those for all; null = none. */
  const [edited, setEdited] = useState<string | null>(null);
  const look = useCallback(() => {
    void call('storage.read', {}).then((view) => (view === null ? undefined : setStorage(view)));
  }, [call]);
  useEffect(() => {
    look();
    const timer = window.setInterval(look, lookMs);
    return () => window.clearInterval(timer);
  }, [look]);
  const known = useWindow((state) => state.sources);
  if (storage === null) return <Panel title="Storage">{null}</Panel>;
  // What was removed since is gone from here at once.
  const shown = storage.sources.filter(({ source }) => known.has(source));
  const of = storage.sources.find(({ source }) => source === edited);
  return (
    <Panel title="Storage">
      <p className={styles.keep}>
        <span>Of every source: {keepText(storage.keep)}, whichever is reached first.</span>
        <Button onClick={() => setEdited('')}>Change…</Button>
      </p>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">Events</th>
            <th scope="col">Size</th>
            <th scope="col">Oldest</th>
            <th scope="col">Evicted</th>
            <th scope="col">Kept</th>
            <th scope="col">
              <span className={styles.unseen}>Change</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((stored) => (
            <Line key={stored.source} stored={stored} onEdit={() => setEdited(stored.source)} />
          ))}
        </tbody>
      </table>
      {edited === null ? null : (
        <KeepDialog
          source={edited === '' ? null : edited}
          own={of?.keep ?? null}
          touched={edited === '' ? shown.filter(({ keep }) => keep === null) : of === undefined ? [] : [of]}
          all={storage.keep}
          onSaved={(view) => {
            setStorage(view);
            setEdited(null);
          }}
          onClose={() => setEdited(null)}
        />
      )}
    </Panel>
  );
}

function keepText({ days, megabytes }: Keep): string {
  return `${grouped(days)} ${days === 1 ? 'day' : 'days'} or ${grouped(megabytes)} MiB`;
}

function useName(source: string | null): string {
  return useWindow((state) => (source === null ? 'every source' : (state.sources.get(source)?.config.name ?? source)));
}

function Line({ stored, onEdit }: { readonly stored: StoredOf; readonly onEdit: () => void }) {
  const name = visible(useName(stored.source));
  const { evictedEvents, evictedBytes, oldestAt, keep } = stored;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{grouped(stored.events)}</td>
      <td title={exactBytes(stored.bytes)}>{quantityText(bytes(stored.bytes))}</td>
      <td title={oldestAt === null ? '' : fullTime(oldestAt)}>
        {oldestAt === null ? none : fullTime(oldestAt).slice(0, 16)}
      </td>
      <td title={exactBytes(evictedBytes)}>
        {grouped(evictedEvents)}
        {evictedBytes > 0 ? ` · ${quantityText(bytes(evictedBytes))}` : ''}
      </td>
      <td>{keep === null ? 'as all' : keepText(keep)}</td>
      <td>
        <Button look="quiet" aria-label={`Change what is kept of ${name}`} onClick={onEdit}>
          Change…
        </Button>
      </td>
    </tr>
  );
}

interface KeepDialogProps {
  /** Null: the limits for all. */
  readonly source: string | null;
  readonly own: Keep | null;
  readonly all: Keep;
  /** What is stored of the sources that the limits are for. */
  readonly touched: readonly StoredOf[];
  readonly onSaved: (view: StorageView) => void;
  readonly onClose: () => void;
}

function KeepDialog({ source, own, all, touched, onSaved, onClose }: KeepDialogProps) {
  const { call } = useServices();
  const now = own ?? all;
  const [days, setDays] = useState(`${now.days}`);
  const [megabytes, setMegabytes] = useState(`${now.megabytes}`);
  const [agreed, setAgreed] = useState(false);
  /** The person wants none of its own, and is asked whether what then goes may go. */
  const [asAll, setAsAll] = useState(false);
  const wanted = keepOf(days, megabytes);
  const evicts = 'keep' in wanted ? evictedBy(now, wanted.keep) : null;
  const known = useWindow((state) => state.sources);
  const atOnce = (keep: Keep): string => {
    const named = touched.map((one) => ({ ...one, name: known.get(one.source)?.config.name ?? one.source }));
    const names = exceeding(keep, named, Date.now());
    if (names.length === 0) return 'Nothing stored is beyond that now.';
    const more = names.length > 8 ? ` and ${grouped(names.length - 8)} more` : '';
    return `Something goes at once of: ${names.slice(0, 8).join(', ')}${more}.`;
  };
  const type = (set: (text: string) => void, text: string): void => {
    set(text);
    setAgreed(false);
    setAsAll(false);
  };
  const keepAsAll = (): void => {
    if (evictedBy(now, all) === null) return void put(null);
    type(setDays, `${all.days}`);
    type(setMegabytes, `${all.megabytes}`);
    setAsAll(true);
  };
  const put = async (keep: Keep | null): Promise<void> => {
    const view = await call('storage.keep', { source, keep });
    if (view !== null) onSaved(view);
  };
  return (
    <Dialog open onClose={onClose} title={`What is kept of ${visible(useName(source))}`}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if ('keep' in wanted && (evicts === null || agreed)) void put(asAll ? null : wanted.keep);
        }}
      >
        <div className={styles.pair}>
          <label>
            Days
            <input value={days} inputMode="decimal" onChange={(event) => type(setDays, event.target.value)} />
          </label>
          <label>
            MiB
            <input value={megabytes} inputMode="decimal" onChange={(event) => type(setMegabytes, event.target.value)} />
          </label>
        </div>
        <p className={styles.text} data-bad={'error' in wanted} aria-live="polite">
          {'error' in wanted ? wanted.error : 'The oldest events go once either is reached; how many went is counted.'}
        </p>
        {evicts === null || !('keep' in wanted) ? null : (
          <label className={styles.agree}>
            <input type="checkbox" checked={agreed} onChange={(event) => setAgreed(event.target.checked)} />
            <span>
              I know that {evicts}. {visible(atOnce(wanted.keep))}
            </span>
          </label>
        )}
        <DialogActions>
          {own === null ? null : <Button onClick={keepAsAll}>Keep as all</Button>}
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" disabled={!('keep' in wanted) || (evicts !== null && !agreed)}>
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
