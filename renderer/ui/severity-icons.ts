import { Info, type LucideIcon, OctagonAlert, TriangleAlert } from 'lucide-react';
import type { AlertSeverity } from '../../shared/alert-severity';

/** Severities by outline, so that colour is never all that tells them apart. */
export const severityIcons: Readonly<Record<AlertSeverity, LucideIcon>> = {
  info: Info,
  warning: TriangleAlert,
  critical: OctagonAlert,
};
