import { useNow } from '../store/services';
import styles from './countdown.module.css';
import { countdownText, durationText } from './format/duration';
import { fullTime } from './format/time';

/** Time left until an instant of main's clock, in bold. */
export function Countdown({ until }: { readonly until: number }) {
  const now = useNow();
  return (
    <strong className={styles.whole} title={fullTime(until)}>
      {countdownText(until - now)}
    </strong>
  );
}

/** How long ago, as text; a dash when it never was. */
export function Age({ at }: { readonly at: number | null }) {
  const now = useNow();
  return at === null ? (
    <>never</>
  ) : (
    <span className={styles.whole} title={fullTime(at)}>
      {durationText(now - at)}
    </span>
  );
}
