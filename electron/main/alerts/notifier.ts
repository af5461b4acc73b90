import type { Alert } from '../../../shared/alert';
import type { Clock } from '../../engine/core/clock';

/** The desktop's notifications. */
export interface NotificationPort {
  supported(): boolean;
  show(notification: {
    readonly title: string;
    readonly body: string;
    readonly urgent: boolean;
    readonly onClick: () => void;
  }): void;
}

export interface NotifierDeps {
  readonly clock: Clock;
  readonly port: NotificationPort;
  readonly nameOf: (source: string) => string;
  readonly openWindow: () => void;
}

/** So many at once; what comes beyond it within the time is told together, as one. */
const mostAtOnce = 5;
const withinMs = 10_000;

/** Shows alerts on the desktop, never more than a few at once. Does nothing where the desktop has no notifications. */
export function createNotifier({ clock, port, nameOf, openWindow }: NotifierDeps): (alert: Alert) => void {
  let shown: number[] = [];
  let held = 0;
  let urgent = false;

  function tellHeld(): void {
    const body = `${held} more ${held === 1 ? 'alert was' : 'alerts were'} raised.`;
    port.show({ title: 'Wirewatch', body, urgent, onClick: openWindow });
    held = 0;
    urgent = false;
  }

  return (alert) => {
    if (!port.supported()) return;
    const now = clock.now();
    shown = shown.filter((at) => now - at < withinMs);
    if (shown.length >= mostAtOnce) {
      if (held === 0) clock.after(withinMs, tellHeld);
      held += 1;
      urgent ||= alert.severity === 'critical';
      return;
    }
    shown.push(now);
    port.show({
      title: `${alert.name}: ${nameOf(alert.source)}`,
      body: alert.text,
      urgent: alert.severity === 'critical',
      onClick: openWindow,
    });
  };
}
