import type { Route } from '../store/route';
import { later } from './later';

/** Everything but the overview: its code is no part of what the first paint waits for. */
export const SourcePage = later(async () => (await import('../pages/source-page')).SourcePage);
export const SourceForm = later(async () => (await import('../features/source/source-form')).SourceForm);
export const SettingsPage = later(async () => (await import('../features/settings/settings-page')).SettingsPage);
export const AlertsPage = later(async () => (await import('../features/alerts/alerts-page')).AlertsPage);
export const FaultPanel = later(async () => (await import('../features/faults/fault-panel')).FaultPanel);

/** Brings the page that an address names; resolves when it can be drawn. */
export async function loadPage({ page }: Route): Promise<void> {
  switch (page) {
    case 'overview':
      return;
    case 'alerts':
      return AlertsPage.load();
    case 'settings':
      return SettingsPage.load();
    case 'source':
      return SourcePage.load();
  }
}

/** Brings all that is not there yet while nothing else is to be done, so that opening it shows it at once. */
export function loadRestWhenIdle(): void {
  const rest = [SourcePage, SourceForm, SettingsPage, AlertsPage, FaultPanel];
  const next = (): void => {
    const part = rest.shift();
    if (part === undefined) return;
    requestIdleCallback(() => void part.load().then(next, next), { timeout: 2000 });
  };
  next();
}
