import type { AlertSeverity } from '../../../shared/alert-severity';
import { severityIcons } from '../../ui/severity-icons';
import styles from './alerts.module.css';
import { severityTexts } from './rule-fields';

/** A severity by outline, word and colour. */
export function Severity({ severity, word = true }: { readonly severity: AlertSeverity; readonly word?: boolean }) {
  const Icon = severityIcons[severity];
  return (
    <span className={styles.severity} data-severity={severity}>
      <Icon size={14} aria-hidden={word} {...(word ? {} : { 'aria-label': severityTexts[severity] })} />
      {word ? severityTexts[severity] : null}
    </span>
  );
}
