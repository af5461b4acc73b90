import { authorised, configOf, type FakeFeed, type FeedDeps, headerIn, type Published } from './feed';

const stream = 'main';
const pageSize = 30;
/** What it answers where something is wrong, and it does not say so by its status. */
const trouble = '{"error":"internal"}';
/** Whoever asks regularly asks so often, a late timer and a slow way included, ms. */
const slowestPollMs = 12_000;

/** An entry of the list, as it is now. */
interface Entry {
  readonly n: number;
  published: Published;
}

/**
 * A page of the newest entries, newest first, with an `Etag`. Entries change where they stand; what comes faster than
 * it is asked for rolls off the page.
 */
export function createListFeed({ clock, random }: FeedDeps): FakeFeed {
  const published: Published[] = [];
  let page: Entry[] = [];
  let token: string | null = 'token-0';
  let stopped = false;
  let troubled = false;
  /** Its answers do not end. */
  let endless = false;
  let last = 0;
  let version = 0;
  /** When a whole page was last given, and to which entry it went. */
  let given = { at: Number.NEGATIVE_INFINITY, upTo: 0 };

  function textOf(n: number): string {
    version += 1;
    return `{"id":${n},"time":${1_767_225_600_000 + n * 1000},"text":"entry","v":${version}}`;
  }

  function put(n: number, change: boolean): Published {
    const event: Published = {
      stream,
      body: textOf(n),
      id: String(n),
      position: null,
      at: clock.now(),
      mayMiss: false,
      change,
    };
    published.push(event);
    return event;
  }

  function add(): void {
    last += 1;
    page.push({ n: last, published: put(last, false) });
    const gone = page.length > pageSize ? page.shift() : undefined;
    // A change that no poll came in time for: the entry was known, and nothing on a page tells that it changed.
    if (gone?.published.change) gone.published.mayMiss = true;
  }

  /** An entry becomes another. Whoever did not see the old one in time never will, and could not know. */
  function change(): void {
    const entry = page[Math.floor(random.next() * page.length)];
    if (!entry) return;
    entry.published.mayMiss = true;
    entry.published = put(entry.n, true);
  }

  return {
    kind: 'list',
    promises: { identity: 'id', resumes: false },
    streams: [stream],
    server: {
      exchange(exchange) {
        if (stopped) return;
        const { headers } = exchange.request;
        if (!authorised(token, headers)) {
          exchange.head(401, []);
          exchange.end();
          return;
        }
        if (troubled) {
          exchange.head(200, [['content-type', 'application/json']]);
          exchange.write(trouble);
          exchange.end();
          return;
        }
        if (endless) {
          exchange.head(200, [['content-type', 'application/json']]);
          exchange.write('[');
          return;
        }
        const etag = `"${version}"`;
        if (headerIn(headers, 'if-none-match') === etag) exchange.head(304, [['etag', etag]]);
        else {
          given = { at: clock.now(), upTo: last };
          exchange.head(200, [
            ['content-type', 'application/json'],
            ['etag', etag],
          ]);
          exchange.write(
            `[${page
              .map((entry) => entry.published.body)
              .reverse()
              .join(',')}]`,
          );
        }
        exchange.end();
      },
      socket(socket) {
        if (!stopped) socket.refuse(404, [], '');
      },
    },
    config: (id, place) => configOf(id, `http://${place}/list.json`, 'json', [['poll', `http://${place}/list.json`]]),
    publish() {
      if (random.next() < 0.15) change();
      else add();
    },
    truth: () => published,
    fault(fault, on, size) {
      switch (fault) {
        case 'server-stopped':
          stopped = on;
          return;
        case 'no-list':
          troubled = on;
          if (on)
            published.push({
              stream,
              body: trouble,
              id: null,
              position: null,
              at: clock.now(),
              mayMiss: true,
              trouble: true,
            });
          return;
        case 'endless':
          endless = on;
          return;
        case 'retention':
          // Faster than anybody asks.
          for (let count = 0; count < pageSize + 10; count += 1) add();
          return;
        case 'server-restart':
          // What came since the last of polls that did not break: nothing on a page will ever show it.
          if (clock.now() - given.at < slowestPollMs)
            for (const { n, published } of page) if (n > given.upTo) published.mayMiss = true;
          page = [];
          return;
        case 'burst':
          for (let count = 0; count < size % pageSize; count += 1) add();
          return;
        default:
      }
    },
    token: () => token,
    setToken(next) {
      token = next;
    },
    close() {},
  };
}
