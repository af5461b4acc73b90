import { X } from 'lucide-react';
import { isPastSupport } from '../../shared/runtime';
import { usePreference } from '../store/preferences';
import { useWindow } from '../store/services';
import { Button } from '../ui/button';
import styles from './banner.module.css';

/** Says once, for each version, that faults of the runtime below are no longer mended. About goes on saying it. */
export function RuntimeBanner() {
  const version = useWindow(({ phase }) => (phase.kind === 'attached' ? phase.app.electron : null));
  const [read, setRead] = usePreference('runtime-read');
  if (version === null || read === version || !isPastSupport(version)) return null;
  return (
    <div className={styles.banner} data-tone="warn" role="status">
      <p>
        <strong>This runs on Electron {version}, whose faults are no longer mended.</strong> It stands in where
        Electron&rsquo;s own download is out of reach: for trying things out, not for feeds that you do not trust. Start
        once with github.com in reach to replace it.
      </p>
      <Button look="icon" aria-label="Dismiss" onClick={() => setRead(version)}>
        <X size={14} aria-hidden="true" />
      </Button>
    </div>
  );
}
