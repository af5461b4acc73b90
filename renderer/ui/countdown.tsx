import { useReading } from '../store/services';
import styles from './countdown.module.css';
import { countdownText, durationText } from './format/duration';
import { fullTime } from './format/time';

/** Time left until an instant of main's clock, in bold. */
export function Countdown({ until }: { readonly until: number }) {
  const left = useReading((now) => countdownText(until - now));
  return (
    <strong className={styles.whole} title={fullTime(until)}>
      {left}
    </strong>
  );
}

/** How long ago, as text; a dash when it never was. */
export function Age({ at }: { readonly at: number | null }) {
  const age = useReading((now) => (at === null ? '' : durationText(now - at)));
  return at === null ? (
    <>never</>
  ) : (
    <span className={styles.whole} title={fullTime(at)}>
      {age}
    </span>
  );
}
