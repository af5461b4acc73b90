import { isPastSupport } from '../../../shared/runtime';
import { useInterest, useWindow } from '../../store/services';
import { grouped } from '../../ui/format/number';
import { zone } from '../../ui/format/time';
import { Panel } from '../../ui/panel';
import { BackupPanel } from './backup-panel';
import styles from './settings-page.module.css';
import { StoragePanel } from './storage-panel';

/** What this is and what it runs on. */
export function SettingsPage() {
  useInterest({ source: null, tail: false, series: [] });
  const phase = useWindow((state) => state.phase);
  const journal = useWindow((state) => state.journal);
  const sources = useWindow((state) => state.sources.size);
  if (phase.kind !== 'attached') return null;
  const { version, electron, chrome, node, platform } = phase.app;
  const facts = [
    ['Wirewatch', version],
    ['Electron', isPastSupport(electron) ? `${electron}, whose faults are no longer mended` : electron],
    ['Chromium', chrome],
    ['Node', node],
    ['System', platform],
    ['Times shown in', `${Intl.DateTimeFormat().resolvedOptions().timeZone} (${zone(Date.now())})`],
    ['Sources', grouped(sources)],
    ['Journal', journal.kind === 'ok' ? `storing, ${grouped(journal.behind)} events behind` : journal.text],
  ] as const;
  return (
    <section className={styles.page} aria-labelledby="settings-title">
      <h1 id="settings-title">Settings</h1>
      <StoragePanel />
      <BackupPanel />
      <Panel title="About">
        <dl className={styles.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Panel>
      <p className={styles.note}>
        Dark and light follow the system. Sources are kept by the application, not by this window.
      </p>
    </section>
  );
}
