import { describe, expect, it } from 'vitest';
import { parseRoute, type Route, routeHref } from './route';

describe('a route', () => {
  it.each<Route>([
    { page: 'overview' },
    { page: 'alerts' },
    { page: 'settings' },
    { page: 'source', id: 'orders', tab: 'health' },
    { page: 'source', id: 'orders', tab: 'events' },
    { page: 'source', id: 'orders', tab: 'events', ordinal: 1234 },
  ])('comes back from its address: %j', (route) => {
    expect(parseRoute(routeHref(route))).toEqual(route);
  });

  it.each(['#/source/orders/events/x', '#/source/orders/events/-1', '#/source/orders/events/9999999999999999'])(
    'takes no number that is none: %s',
    (fragment) => {
      expect(parseRoute(fragment)).toEqual({ page: 'source', id: 'orders', tab: 'events' });
    },
  );
});
