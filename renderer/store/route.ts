/** Pages of one source. */
export const sourceTabs = ['health', 'metrics', 'events', 'state', 'timeline', 'frames', 'send'] as const;

export type SourceTab = (typeof sourceTabs)[number];

/** What the window shows. Kept in the address's fragment, so that a reload comes back to it. */
export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'source'; readonly id: string; readonly tab: SourceTab }
  | { readonly page: 'alerts' }
  | { readonly page: 'settings' };

/** Reads a fragment (`#/source/orders/events`); anything unknown is the overview. */
export function parseRoute(fragment: string): Route {
  const [page, id, tab] = fragment.replace(/^#\/?/, '').split('/');
  if (page === 'settings') return { page: 'settings' };
  if (page === 'alerts') return { page: 'alerts' };
  if (page === 'source' && id !== undefined && id !== '') {
    return { page: 'source', id, tab: sourceTabs.find((known) => known === tab) ?? 'health' };
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
      return route.tab === 'health' ? `#/source/${route.id}` : `#/source/${route.id}/${route.tab}`;
  }
}
