import { Check } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Alert } from '../../../shared/alert';
import { byWeight } from '../../store/alerts';
import { routeHref } from '../../store/route';
import { useNow, useServices, useWindow } from '../../store/services';
import { Button } from '../../ui/button';
import { durationText } from '../../ui/format/duration';
import { grouped } from '../../ui/format/number';
import { fullTime, sinceText } from '../../ui/format/time';
import { visible } from '../../ui/format/visible';
import { Panel } from '../../ui/panel';
import { Tag } from '../../ui/pill';
import styles from './alerts.module.css';
import { Severity } from './severity';

/** Older alerts read at a time. */
const olderAtOnce = 100;

/** What was raised: what lasts on top, then the newest. */
export function AlertLog() {
  const { call } = useServices();
  const alerts = useWindow((state) => state.alerts);
  const { older, whole, showOlder } = useOlder();
  const known = new Set(alerts.map(({ id }) => id));
  const all = byWeight([...alerts, ...older.filter(({ id }) => !known.has(id))]);
  const unread = alerts.some(({ acknowledgedAt }) => acknowledgedAt === null);
  return (
    <Panel
      title="Raised"
      className={styles.log}
      aside={
        <Button look="quiet" disabled={!unread} onClick={() => void call('alerts.acknowledge', { id: null })}>
          <Check size={13} aria-hidden="true" />
          Acknowledge all
        </Button>
      }
    >
      {all.length === 0 ? (
        <p className={styles.empty}>
          Nothing has been raised{whole ? '' : ' lately'}. What a rule watches for stands here from the moment it
          happens.
        </p>
      ) : (
        <ol className={styles.list} aria-label="Alerts">
          {all.map((alert) => (
            <AlertLine key={alert.id} alert={alert} />
          ))}
        </ol>
      )}
      {whole ? null : (
        <p className={styles.more}>
          <Button look="quiet" onClick={() => void showOlder()}>
            Show older
          </Button>
        </p>
      )}
    </Panel>
  );
}

/**
 * What the journal has of earlier alerts, page by page, the newest page at once. Its place is its own: the oldest alert
 * that the window was given may have lasted for weeks, and what was raised and ended since is not among those.
 */
function useOlder(): {
  readonly older: readonly Alert[];
  /** The journal has no more. */
  readonly whole: boolean;
  readonly showOlder: () => Promise<void>;
} {
  const { call } = useServices();
  const [older, setOlder] = useState<readonly Alert[]>([]);
  const [whole, setWhole] = useState(false);
  const place = useRef<number | null>(null);
  const busy = useRef(false);
  const showOlder = useCallback(async () => {
    if (busy.current) return;
    busy.current = true;
    const page = await call('alerts.page', { before: place.current, limit: olderAtOnce });
    busy.current = false;
    if (page === null) return;
    place.current = page.at(-1)?.raisedAt ?? place.current;
    setOlder((had) => [...had, ...page]);
    if (page.length < olderAtOnce) setWhole(true);
  }, [call]);
  useEffect(() => void showOlder(), [showOlder]);
  return { older, whole, showOlder };
}

function AlertLine({ alert }: { readonly alert: Alert }) {
  const { call } = useServices();
  const source = useWindow((state) => state.sources.get(alert.source)?.config.name);
  const { severity, endedAt, acknowledgedAt, raisedAt, count, ordinal } = alert;
  return (
    <li className={styles.alert} data-lasting={endedAt === null} data-seen={acknowledgedAt !== null}>
      <Severity severity={severity} />
      <div className={styles.what}>
        <p>
          <strong>{visible(alert.name)}</strong>
          {source === undefined ? (
            <span>a source that was removed</span>
          ) : (
            <a href={routeHref({ page: 'source', id: alert.source, tab: 'health' })}>{visible(source)}</a>
          )}
          {source === undefined || ordinal === null ? null : (
            <a
              href={routeHref({ page: 'source', id: alert.source, tab: 'events', ordinal })}
              aria-label={`Event that raised ${visible(alert.name)}`}
            >
              event
            </a>
          )}
          {count > 1 ? <Tag title="How often its cause came while it lasted">× {grouped(count)}</Tag> : null}
          {alert.beforeRestart ? <Tag>raised before the restart</Tag> : null}
          {alert.mayRepeat ? (
            <Tag title="It was acted on while nothing could be stored.">may repeat after a restart</Tag>
          ) : null}
        </p>
        <p className={styles.text}>{visible(alert.text)}</p>
      </div>
      <div className={styles.when} title={`raised ${fullTime(raisedAt)}`}>
        <Lasting raisedAt={raisedAt} endedAt={endedAt} />
      </div>
      <div className={styles.act}>
        {acknowledgedAt === null ? (
          <Button
            aria-label={`Acknowledge ${visible(alert.name)}`}
            onClick={() => void call('alerts.acknowledge', { id: alert.id })}
          >
            Acknowledge
          </Button>
        ) : (
          <span title={fullTime(acknowledgedAt)}>acknowledged</span>
        )}
      </div>
    </li>
  );
}

function Lasting({ raisedAt, endedAt }: Pick<Alert, 'raisedAt' | 'endedAt'>) {
  const now = useNow();
  return (
    <>
      <time>{sinceText(raisedAt, now)}</time>
      <span>
        {endedAt === null
          ? `lasting ${durationText(now - raisedAt)}`
          : `ended after ${durationText(Math.max(0, endedAt - raisedAt))}`}
      </span>
    </>
  );
}
