import { Info, type LucideIcon, OctagonAlert, TriangleAlert } from 'lucide-react';
import type { AlertSeverity } from '../../../shared/alert';
import styles from './alerts.module.css';
import { severityTexts } from './rule-fields';

const icons: Readonly<Record<AlertSeverity, LucideIcon>> = {
  info: Info,
  warning: TriangleAlert,
  critical: OctagonAlert,
};

/** A severity by outline, word and colour. */
export function Severity({ severity, word = true }: { readonly severity: AlertSeverity; readonly word?: boolean }) {
  const Icon = icons[severity];
  return (
    <span className={styles.severity} data-severity={severity}>
      <Icon size={14} aria-hidden={word} {...(word ? {} : { 'aria-label': severityTexts[severity] })} />
      {word ? severityTexts[severity] : null}
    </span>
  );
}
