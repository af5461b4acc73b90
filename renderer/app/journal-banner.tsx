import { X } from 'lucide-react';
import { useState } from 'react';
import { useWindow } from '../store/services';
import { Button } from '../ui/button';
import { clock, fullTime, zone } from '../ui/format/time';
import styles from './banner.module.css';

/** Says when the journal does not store, or had to start anew. Nothing else is as quietly harmful. */
export function JournalBanner() {
  const journal = useWindow((state) => state.journal);
  const [read, setRead] = useState<number | null>(null);
  switch (journal.kind) {
    case 'ok':
      return null;
    case 'paused':
      return (
        <div className={styles.banner} data-tone="bad" role="alert">
          <p>
            <strong>Nothing has been stored since {clock(journal.since)}</strong> ({zone(journal.since)}).{' '}
            {journal.text}
          </p>
        </div>
      );
    case 'set-aside':
      if (read === journal.at) return null;
      return (
        <div className={styles.banner} data-tone="warn" role="status">
          <p>
            <strong title={fullTime(journal.at)}>
              The journal was {journal.whole ? 'written anew' : 'set aside'} at {clock(journal.at)}
            </strong>{' '}
            ({zone(journal.at)}). {journal.text}
          </p>
          <Button look="icon" aria-label="Dismiss" onClick={() => setRead(journal.at)}>
            <X size={14} aria-hidden="true" />
          </Button>
        </div>
      );
  }
}
