import { useInterest } from '../../store/services';
import { AlertLog } from './alert-log';
import styles from './alerts.module.css';
import { RuleList } from './rule-list';

/** What was raised, and what is watched for. */
export function AlertsPage() {
  useInterest({ source: null, tail: false, series: [] });
  return (
    <section className={styles.page} aria-labelledby="alerts-title">
      <h1 id="alerts-title">Alerts</h1>
      <div className={styles.both}>
        <AlertLog />
        <RuleList />
      </div>
    </section>
  );
}
