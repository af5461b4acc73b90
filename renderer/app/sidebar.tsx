import { Bell, FlaskConical, LayoutGrid, Settings } from 'lucide-react';
import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { alertSeverities } from '../../shared/alert-severity';
import { transportNames, transportTags } from '../../shared/transport';
import { unseen } from '../store/alerts';
import { routeHref } from '../store/route';
import { useRoute, useWindow } from '../store/services';
import type { WindowState } from '../store/state';
import { badgeLooks } from '../ui/badges';
import { visible } from '../ui/format/visible';
import { severityIcons } from '../ui/severity-icons';
import { StateShape } from '../ui/state-shape';
import styles from './sidebar.module.css';

interface SidebarProps {
  readonly demo: boolean;
  readonly faultsOpen: boolean;
  readonly onFaults: () => void;
}

/** Where one can go. Ordinary icons for pages; shapes only for states. */
export function Sidebar({ demo, faultsOpen, onFaults }: SidebarProps) {
  const route = useRoute();
  const ids = useWindow(useShallow(idsInOrder));
  return (
    <nav className={styles.sidebar} aria-label="Main">
      <a className={styles.item} href={routeHref({ page: 'overview' })} {...current(route.page === 'overview')}>
        <LayoutGrid size={14} aria-hidden="true" />
        <span className={styles.name}>Overview</span>
        <span className={styles.tag}>{ids.length}</span>
      </a>
      <AlertsLink open={route.page === 'alerts'} />
      <h2 className={styles.heading} id="sidebar-sources">
        Sources
      </h2>
      <ul className={styles.sources} aria-labelledby="sidebar-sources">
        {ids.map((id) => (
          <SourceLink key={id} id={id} open={route.page === 'source' && route.id === id} />
        ))}
      </ul>
      <div className={styles.foot}>
        {demo ? (
          <button type="button" className={styles.item} aria-pressed={faultsOpen} onClick={onFaults}>
            <FlaskConical size={14} aria-hidden="true" />
            <span className={styles.name}>Demo faults</span>
          </button>
        ) : null}
        <a className={styles.item} href={routeHref({ page: 'settings' })} {...current(route.page === 'settings')}>
          <Settings size={14} aria-hidden="true" />
          <span className={styles.name}>Settings</span>
        </a>
      </div>
    </nav>
  );
}

/** How many alerts ask for a person: so many of the worst severity, by outline, word and colour, and so many others. */
function AlertsLink({ open }: { readonly open: boolean }) {
  const { count, worst, ofWorst } = useWindow(
    useShallow(({ alerts }) => {
      const asking = unseen(alerts);
      const worst = alertSeverities.findLast((severity) => asking.some((alert) => alert.severity === severity));
      const ofWorst = asking.filter(({ severity }) => severity === worst).length;
      return { count: asking.length, worst: worst ?? null, ofWorst };
    }),
  );
  const Shape = worst === null ? null : severityIcons[worst];
  const shown = `${ofWorst > 99 ? '99+' : ofWorst} ${worst}${count > ofWorst ? ` +${count - ofWorst}` : ''}`;
  // A name begins with what is read in the window: whoever speaks to it says that.
  const said = count === 0 ? 'Alerts' : `Alerts ${shown}: ${count} not acknowledged, the worst is ${worst}`;
  return (
    <a className={styles.item} href={routeHref({ page: 'alerts' })} aria-label={said} title={said} {...current(open)}>
      <Bell size={14} aria-hidden="true" />
      <span className={styles.name}>Alerts</span>{' '}
      {Shape === null ? null : (
        <span className={styles.asking} data-severity={worst}>
          <Shape size={12} aria-hidden="true" />
          {shown}
        </span>
      )}
    </a>
  );
}

/** This machine first, then in the order in which they were added. */
function idsInOrder({ sources }: WindowState): readonly string[] {
  const views = [...sources.values()];
  return [...views.filter(({ config }) => config.builtIn), ...views.filter(({ config }) => !config.builtIn)].map(
    ({ id }) => id,
  );
}

function current(is: boolean): { 'aria-current'?: 'page' } {
  return is ? { 'aria-current': 'page' } : {};
}

const SourceLink = memo(function SourceLink({ id, open }: { readonly id: string; readonly open: boolean }) {
  const source = useWindow(
    useShallow((state) => {
      const view = state.sources.get(id);
      if (view === undefined) return null;
      const rung = view.state.kind === 'live' ? view.ladder[view.state.rung] : undefined;
      return { name: view.config.name, badge: view.badge, transport: rung?.transport ?? null };
    }),
  );
  if (source === null) return null;
  const { name, badge, transport } = source;
  const word = badgeLooks[badge].word;
  const over = transport === null ? '' : ` over ${transportNames[transport]}`;
  const tag = transport === null ? '' : transportTags[transport];
  return (
    <li className={styles.row}>
      <a
        className={styles.item}
        href={routeHref({ page: 'source', id, tab: 'health' })}
        aria-label={`${[visible(name), tag].join(' ').trim()}: ${word}${over}`}
        title={`${visible(name)}\n${word}${over}`}
        data-badge={badge}
        {...current(open)}
      >
        <StateShape badge={badge} />
        {/* The spaces part what is read; the gap between the two is the style sheet's. */}
        <span className={styles.name}>{visible(name)}</span> <span className={styles.tag}>{tag}</span>
      </a>
    </li>
  );
});
