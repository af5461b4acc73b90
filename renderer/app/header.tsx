import { Activity, Plus } from 'lucide-react';
import { useShallow } from 'zustand/react/shallow';
import type { Badge } from '../../shared/connection';
import { unseen } from '../store/alerts';
import { routeHref } from '../store/route';
import { useWindow } from '../store/services';
import type { WindowState } from '../store/state';
import { badgeLooks, badgesByTrouble } from '../ui/badges';
import { Button } from '../ui/button';
import { grouped, readable } from '../ui/format/number';
import { visible } from '../ui/format/visible';
import { lostFigure, lostText } from '../ui/lost-text';
import { severityIcons } from '../ui/severity-icons';
import { StateShape } from '../ui/state-shape';
import styles from './header.module.css';

interface Totals {
  readonly perSecond: number;
  readonly lost: number;
  readonly lostUnknown: number;
  readonly resumesUnproven: number;
  readonly repeated: number;
}

function totalsOf({ sources }: WindowState): Totals {
  let perSecond = 0;
  let lost = 0;
  let lostUnknown = 0;
  let resumesUnproven = 0;
  let repeated = 0;
  for (const { eventsPerSecond, counters } of sources.values()) {
    perSecond += eventsPerSecond;
    lost += counters.lost;
    lostUnknown += counters.lostUnknown ?? 0;
    resumesUnproven += counters.resumesUnproven ?? 0;
    repeated += counters.repeated;
  }
  return { perSecond: Math.round(perSecond * 100) / 100, lost, lostUnknown, resumesUnproven, repeated };
}

function countsOf({ sources }: WindowState): Partial<Record<Badge, number>> {
  const counts: Partial<Record<Badge, number>> = {};
  for (const { badge } of sources.values()) counts[badge] = (counts[badge] ?? 0) + 1;
  return counts;
}

/** How many states fit with all their words; with more, only trouble keeps its word on narrow screens. */
const roomFor = 6;

/** Sums up every source in one line. */
export function Header({ onAdd }: { readonly onAdd: () => void }) {
  const counts = useWindow(useShallow(countsOf));
  const { perSecond, lost, lostUnknown, resumesUnproven, repeated } = useWindow(useShallow(totalsOf));
  return (
    <header className={styles.header}>
      <a className={styles.name} href="#/">
        <Activity size={16} aria-hidden="true" />
        Wirewatch
      </a>
      <ul className={styles.counts} aria-label="Sources by state" data-crowded={Object.keys(counts).length > roomFor}>
        {badgesByTrouble().map((badge) => {
          const count = counts[badge];
          if (count === undefined) return null;
          const words = badge === 'stopped' && count > 1 ? 'need you' : badgeLooks[badge].summary;
          return (
            <li
              key={badge}
              data-badge={badge}
              data-trouble={badgeLooks[badge].trouble}
              title={`${grouped(count)} ${words}`}
            >
              <StateShape badge={badge} />
              <span>
                {grouped(count)} <span>{words}</span>
              </span>
            </li>
          );
        })}
      </ul>
      <Critical />
      <p className={styles.totals} data-trouble={lost + lostUnknown > 0}>
        <span>{readable(perSecond)} events/s</span>
        <span data-lost={lost + lostUnknown > 0} title={lostText({ lost, lostUnknown, resumesUnproven })}>
          {lostFigure({ lost, lostUnknown, resumesUnproven })} lost
        </span>
        <span title="Repeated events were recognised and dropped.">{grouped(repeated)} repeated</span>
      </p>
      <Button look="primary" onClick={onAdd}>
        <Plus size={14} aria-hidden="true" />
        Add source
      </Button>
    </header>
  );
}

/** The newest critical alert that lasts and that nobody has seen, on every page; it takes room that nothing else needs. */
function Critical() {
  const asking = useWindow(
    useShallow(({ alerts, sources }) => {
      const critical = unseen(alerts).filter(({ severity }) => severity === 'critical');
      const [newest] = critical;
      if (newest === undefined) return null;
      return {
        name: newest.name,
        source: sources.get(newest.source)?.config.name ?? null,
        count: critical.length,
      };
    }),
  );
  if (asking === null) return null;
  const { name, source, count } = asking;
  // Where room is short, what is cut off is at the end: which source it is matters more than what the rule is called.
  const words = source === null ? visible(name) : `${visible(source)} · ${visible(name)}`;
  const Shape = severityIcons.critical;
  return (
    <a
      className={styles.critical}
      href={routeHref({ page: 'alerts' })}
      title={`${grouped(count)} critical; the newest: ${words}`}
    >
      <Shape size={13} aria-hidden="true" />
      <strong>{grouped(count)} critical</strong>
      <span>{words}</span>
    </a>
  );
}
