import { X } from 'lucide-react';
import { useStore } from 'zustand';
import { useServices } from '../store/services';
import { Button } from '../ui/button';
import { visible } from '../ui/format/visible';
import styles from './banner.module.css';

/** Why commands were not carried out; each stays until it is read. */
export function Notices() {
  const { notices: store, dismiss } = useServices();
  const { notices } = useStore(store);
  return (
    <div className={styles.notices} role="alert">
      {notices.map(({ id, text }) => (
        <div key={id} className={styles.notice}>
          <p>{visible(text)}</p>
          <Button look="icon" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <X size={14} aria-hidden="true" />
          </Button>
        </div>
      ))}
    </div>
  );
}
