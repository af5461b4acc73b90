import type { Alert } from '../../shared/alert';

/** Alerts a window holds at most; older ones are read from main. */
export const maxAlerts = 500;

/** Takes news of alerts into what is known: newest first. `full`: nothing but the news is known any more. */
export function mergeAlerts(known: readonly Alert[], news: readonly Alert[], full: boolean): readonly Alert[] {
  if (!full && news.length === 0) return known;
  const byId = new Map(full ? [] : known.map((alert) => [alert.id, alert]));
  for (const alert of news) byId.set(alert.id, alert);
  return [...byId.values()].sort(newestFirst).slice(0, maxAlerts);
}

/** How a log stands: what lasts first, then by when it was raised. */
export function byWeight(alerts: readonly Alert[]): readonly Alert[] {
  const lasting = alerts.filter(({ endedAt }) => endedAt === null);
  const ended = alerts.filter(({ endedAt }) => endedAt !== null);
  return [...lasting.sort(newestFirst), ...ended.sort(newestFirst)];
}

/** What still asks for a person: it lasts, and nobody has acknowledged it. */
export function unseen(alerts: readonly Alert[]): readonly Alert[] {
  return alerts.filter(({ endedAt, acknowledgedAt }) => endedAt === null && acknowledgedAt === null);
}

function newestFirst(a: Alert, b: Alert): number {
  return b.raisedAt - a.raisedAt || (a.id < b.id ? 1 : -1);
}
