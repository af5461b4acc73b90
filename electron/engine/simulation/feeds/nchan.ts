import type { Timer } from '../../core/clock';
import type { ServerExchange } from '../fake-server';
import { createAudience } from './audience';
import { createBodies } from './bodies';
import { authorised, configOf, type FakeFeed, type FeedDeps, headerIn, type Published } from './feed';
import { largeBytes, padded } from './large';

const stream = 'main';
const retain = 400;
/** A held request that brings nothing is answered 304 after this. */
const holdMs = 30_000;
const epoch = 'nchan';
const perSecond = 2_097_152;

/**
 * nginx's push module (nchan.io, *Message IDs*): ids `<seconds>:<n>`, of joined channels `<seconds>:<n>,[<m>]`. An id it
 * no longer has makes it replay from its oldest message without a word, as a restart does, which forgets all of them.
 */
export function createNchanFeed({ clock, random }: FeedDeps): FakeFeed {
  const joined = random.next() < 0.4;
  // Some ladders begin lower: a stream of unknown cadence is met there.
  const top = random.pick([0, 0, 0, 1]);
  const audience = createAudience();
  const nextBody = createBodies(random);
  const published: Published[] = [];
  const held = new Set<() => void>();
  let log: Published[] = [];
  let token: string | null = 'token-0';
  let stopped = false;
  let second = 0;
  let n = 0;

  function nextId(): string {
    // The server's own clock does not jump with ours.
    const now = Math.floor((Date.UTC(2026, 0, 1) + clock.now()) / 1000);
    n = now === second ? n + 1 : 0;
    second = now;
    return joined ? `${now}:${n},[0]` : `${now}:${n}`;
  }

  function meta({ id, body }: Published): string {
    return `id: ${id}\ncontent-type: application/json\n\n${body}`;
  }

  function block(event: Published): string {
    return `id: ${event.id}\ndata: ${whole(event)}\n\n`;
  }

  /** The body as it goes over HTTP. */
  function whole({ body, large }: Published): string {
    return large ? padded(body) : body;
  }

  /** What it weighs in a frame, where that is not what its text does. */
  function weight({ large }: Published): number | undefined {
    return large ? largeBytes : undefined;
  }

  function add(body: string, large = false): void {
    const id = nextId();
    const position = joined ? null : { epoch, seq: second * perSecond + n };
    const event: Published = { stream, body, id, position, at: clock.now(), mayMiss: false, large };
    published.push(event);
    log = [...log.slice(1 - retain), event];
    audience.tell(block(event), meta(event), weight(event));
    if (stopped) return;
    for (const answer of [...held]) answer();
  }

  /** Everything after an id; from the oldest where it is not known; nothing without one. */
  function after(id: string | null): readonly Published[] {
    if (id === null) return [];
    return log.slice(log.findIndex((event) => event.id === id) + 1);
  }

  function servePoll(exchange: ServerExchange, id: string | null): void {
    const from = id ?? log.at(-1)?.id ?? '0:0';
    let timer: Timer | null = null;
    const answer = (): void => {
      const next = after(from)[0];
      if (!next) return;
      done();
      const [seconds, etag = ''] = (next.id ?? '').split(':');
      const modified = new Date(Number(seconds) * 1000).toUTCString();
      exchange.head(200, [
        ['content-type', 'application/json'],
        ['last-modified', modified],
        ['etag', etag],
      ]);
      exchange.write(whole(next));
      exchange.end();
    };
    const done = (): void => {
      timer?.cancel();
      held.delete(answer);
    };
    held.add(answer);
    exchange.onClosed(done);
    timer = clock.after(holdMs, () => {
      done();
      if (stopped) return;
      exchange.head(304, []);
      exchange.end();
    });
    answer();
  }

  function serve(exchange: ServerExchange): void {
    const { headers } = exchange.request;
    if (!authorised(token, headers)) {
      exchange.head(401, []);
      exchange.end();
      return;
    }
    if (headerIn(headers, 'accept')?.includes('event-stream')) {
      exchange.head(200, [['content-type', 'text/event-stream']]);
      exchange.write(': hi\n\n');
      for (const event of after(headerIn(headers, 'last-event-id'))) exchange.write(block(event));
      audience.addStream(exchange);
      return;
    }
    const modified = headerIn(headers, 'if-modified-since');
    const etag = headerIn(headers, 'if-none-match');
    servePoll(exchange, modified === null || etag === null ? null : `${Date.parse(modified) / 1000}:${etag}`);
  }

  return {
    kind: 'nchan',
    promises: { identity: 'id', resumes: true },
    streams: [stream],
    server: {
      alive: () => !stopped,
      exchange(exchange) {
        if (!stopped) serve(exchange);
      },
      socket(socket) {
        if (stopped) return;
        const { headers } = socket.request;
        if (!authorised(token, headers)) return socket.refuse(401, [], '');
        socket.accept();
        for (const event of after(headerIn(headers, 'last-event-id'))) socket.send(meta(event), weight(event));
        audience.addSocket(socket);
      },
    },
    config(id, place) {
      const http = `http://${place}/sub`;
      const ladder = [
        ['websocket', `ws://${place}/sub`] as const,
        ['sse', http] as const,
        ['long-poll', http] as const,
      ];
      return configOf(id, http, 'nchan', ladder.slice(top));
    },
    publish: () => add(nextBody()),
    truth: () => published,
    fault(fault, on, size) {
      switch (fault) {
        case 'server-stopped':
          stopped = on;
          audience.standStill(on);
          if (!on) for (const answer of [...held]) answer();
          return;
        case 'server-restart':
          log = [];
          audience.end(1012, 'restarting');
          return;
        case 'retention':
          audience.end(1001, '');
          for (let count = 0; count < 12; count += 1) add(nextBody());
          log = log.slice(-3);
          return;
        case 'planned-end':
          audience.end(1000, '');
          return;
        case 'close-1008':
          audience.end(1008, 'policy');
          return;
        case 'close-1013':
          audience.end(1013, 'later');
          return;
        case 'close-unknown':
          audience.end(4000 + size, 'of our own');
          return;
        case 'undecodable':
          add(`not json ${size}`);
          return;
        case 'oversize':
          add(`{"large":${size}}`, true);
          return;
        case 'burst':
          for (let count = 0; count < size * 2; count += 1) add(nextBody());
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
