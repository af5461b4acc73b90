import { Notification } from 'electron';
import { notificationText } from './notification-text';
import type { NotificationPort } from './notifier';

/** Shown at once and not yet closed: held, or they are collected and their click is lost. */
const mostHeld = 20;

/** The notifications of this desktop, through Electron. */
export function createDesktopNotifications(): NotificationPort {
  let held: Notification[] = [];
  return {
    supported: () => Notification.isSupported(),
    show({ title, body, urgent, onClick }) {
      const notification = new Notification({
        ...notificationText({ title, body }, process.platform),
        urgency: urgent ? 'critical' : 'normal',
      });
      const release = () => {
        held = held.filter((one) => one !== notification);
      };
      notification.on('click', () => {
        release();
        onClick();
      });
      notification.on('close', release);
      notification.on('failed', release);
      held = [...held, notification].slice(-mostHeld);
      notification.show();
    },
  };
}
