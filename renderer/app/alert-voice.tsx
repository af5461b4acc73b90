import { useEffect, useRef, useState } from 'react';
import { useWindow } from '../store/services';
import { visible } from '../ui/format/visible';
import styles from './app.module.css';

/** Speaks a new alert once to who cannot see it. What was there when the window opened is no news. */
export function AlertVoice() {
  const alerts = useWindow((state) => state.alerts);
  const complete = useWindow((state) => state.complete);
  const known = useRef<Set<string> | null>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!complete) return;
    const before = known.current;
    known.current = new Set(alerts.map(({ id }) => id));
    const news = before === null ? undefined : alerts.find(({ id, endedAt }) => endedAt === null && !before.has(id));
    if (news !== undefined) setSaid(`Alert, ${news.severity}: ${visible(news.name)}. ${visible(news.text)}`);
  }, [alerts, complete]);
  return (
    <p className={styles.voice} aria-live="polite">
      {said}
    </p>
  );
}
