import { createAudience } from './audience';
import { createBodies } from './bodies';
import { authorised, configOf, type FakeFeed, type FeedDeps, type Published } from './feed';
import { largeBytes } from './large';

const stream = 'main';

/**
 * A WebSocket of JSON messages that numbers nothing and keeps nothing. Some frames carry a list of messages. What is
 * sent to it is kept for the judge, and never answered. Hooks: `received`.
 */
export interface JsonSocketFeed extends FakeFeed {
  /** Texts that clients sent, in order. */
  received(): readonly string[];
}

export function createJsonSocketFeed({ clock, random }: FeedDeps): JsonSocketFeed {
  const audience = createAudience();
  const nextBody = createBodies(random);
  const published: Published[] = [];
  const received: string[] = [];
  let token: string | null = 'token-0';
  let stopped = false;
  /** A login that it does not take it refuses with a close instead of a status. */
  const closes = random.next() < 0.5;
  /** It takes no login, and says so in a message. */
  let lockedOut = false;

  function add(body: string): void {
    published.push({ stream, body, id: null, position: null, at: clock.now(), mayMiss: false });
  }

  function publish(): void {
    const bodies = [nextBody()];
    // A list in one frame is as many events.
    if (random.next() < 0.1) bodies.push(nextBody(), nextBody());
    for (const body of bodies) add(body);
    audience.tell('', bodies.length === 1 ? bodies.join('') : `[${bodies.join(', ')}]`);
  }

  return {
    kind: 'json-ws',
    promises: { identity: 'body', resumes: false },
    streams: [stream],
    server: {
      alive: () => !stopped,
      exchange(exchange) {
        if (stopped) return;
        exchange.head(426, []);
        exchange.end();
      },
      socket(socket) {
        if (stopped) return;
        if (!authorised(token, socket.request.headers)) {
          if (!closes) return socket.refuse(401, [], '');
          socket.accept();
          socket.close(4401, 'token expired');
          return;
        }
        socket.accept();
        if (lockedOut) {
          const body = '{"type":"auth_invalid","message":"no such login"}';
          published.push({ stream, body, id: null, position: null, at: clock.now(), mayMiss: true, refusal: true });
          socket.send(body);
          return socket.close(1000, '');
        }
        // What reaches a process that stands still is read when it goes on.
        socket.onMessage((data) => received.push(String(data)));
        audience.addSocket(socket);
      },
    },
    config: (id, place) => configOf(id, `ws://${place}/live`, 'json', [['websocket', `ws://${place}/live`]]),
    publish,
    truth: () => published,
    received: () => received,
    fault(kind, on, size) {
      switch (kind) {
        case 'server-stopped':
          stopped = on;
          audience.standStill(on);
          return;
        case 'login-refused':
          lockedOut = on;
          if (on) audience.end(1000, '');
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
        case 'undecodable': {
          const body = `not json ${size}`;
          add(body);
          audience.tell('', body);
          return;
        }
        case 'oversize': {
          const body = `{"large":${size}}`;
          add(body);
          audience.tell('', body, largeBytes);
          return;
        }
        case 'burst':
          for (let count = 0; count < size * 2; count += 1) publish();
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
