/** Pages of one source. */
export const sourceTabs = ['health', 'metrics', 'events', 'state', 'timeline', 'frames', 'send'] as const;

export type SourceTab = (typeof sourceTabs)[number];

/** What the window shows. Kept in the address's fragment, so that a reload comes back to it. */
export type Route =
  | { readonly page: 'overview' }
  | {
      readonly page: 'source';
      readonly id: string;
      readonly tab: SourceTab;
      /** The event that the events tab opens at. */
      readonly ordinal?: number;
    }
  | { readonly page: 'alerts' }
  | { readonly page: 'settings' };

/** Reads a fragment (`#/source/orders/events`, `#/source/orders/events/1234`); anything unknown is the overview. */
export function parseRoute(fragment: string): Route {
  const [page, id, tab, ordinal] = fragment.replace(/^#\/?/, '').split('/');
  if (page === 'settings') return { page: 'settings' };
  if (page === 'alerts') return { page: 'alerts' };
  if (page === 'source' && id !== undefined && id !== '') {
    const known = sourceTabs.find((name) => name === tab) ?? 'health';
    const at = known === 'events' && /^\d{1,15}$/.test(ordinal ?? '') ? { ordinal: Number(ordinal) } : {};
    return { page: 'source', id, tab: known, ...at };
  }
  return { page: 'overview' };
}

/** The fragment of a route, for links. */
export function routeHref(route: Route): string {
  switch (route.page) {
    case 'overview':
      return '#/';
    case 'alerts':
      return '#/alerts';
    case 'settings':
      return '#/settings';
    case 'source':
      return [
        `#/source/${route.id}`,
        ...(route.tab === 'health' ? [] : [route.tab]),
        ...(route.ordinal === undefined ? [] : [route.ordinal]),
      ].join('/');
  }
}
