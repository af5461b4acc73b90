import type { FakeFeed, FeedDeps } from './feed';
import { createGatewayFeed, createMultiFeed } from './gateway';
import { createJsonSocketFeed } from './json-socket';
import type { FeedKind } from './kinds';
import { createListFeed } from './list';
import { createMqttFeed } from './mqtt';
import { createNchanFeed } from './nchan';
import { createRecipeFeed } from './recipe';
import { createSocketIoFeed } from './socket-io';
import { createSseFeed, createUnnumberedFeed } from './sse';

const feeds: Record<FeedKind, (deps: FeedDeps) => FakeFeed> = {
  gateway: createGatewayFeed,
  multi: createMultiFeed,
  'json-ws': createJsonSocketFeed,
  sse: createSseFeed,
  nchan: createNchanFeed,
  unnumbered: createUnnumberedFeed,
  list: createListFeed,
  recipe: createRecipeFeed,
  'socket-io': createSocketIoFeed,
  mqtt: createMqttFeed,
};

/** A fake server of a kind of feed. */
export function createFeed(kind: FeedKind, deps: FeedDeps): FakeFeed {
  return feeds[kind](deps);
}
