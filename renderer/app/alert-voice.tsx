import { useEffect, useRef, useState } from 'react';
import { useWindow } from '../store/services';
import { visible } from '../ui/format/visible';
import styles from './app.module.css';

/** Alerts of one moment that are read out; the rest is a number. */
const mostSaid = 3;

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
    if (before === null) return;
    const news = alerts.filter(({ id, endedAt }) => endedAt === null && !before.has(id));
    if (news.length === 0) return;
    const sentences = news
      .slice(0, mostSaid)
      .map(({ severity, name, text }) => `Alert, ${severity}: ${visible(name)}. ${visible(text)}`);
    if (news.length > mostSaid) sentences.push(`And ${news.length - mostSaid} more.`);
    setSaid(sentences.join(' '));
  }, [alerts, complete]);
  return (
    <p className={styles.voice} aria-live="polite">
      {said}
    </p>
  );
}
