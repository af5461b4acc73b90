import type { ServerExchange } from '../fake-server';
import { createAudience } from './audience';
import { createBodies } from './bodies';
import { authorised, configOf, type FakeFeed, type FeedDeps, headerIn, type Published } from './feed';
import { padded } from './large';

const stream = 'main';
const heartbeatMs = 10_000;
/** Newest events kept. */
const retain = 400;

/** What becomes of a client whose id the server does not know; `deaf`: it looks at no id at all. */
type Unknown = 'refuse' | 'silent' | 'deaf';

/**
 * Server-sent events. With ids it resumes by `Last-Event-ID` from a log that evicts; a client whose id it does not know
 * is either refused (410) or served from now on without a word, and so is everybody by some. Ids are names, or count from
 * one, and from one again after a restart. Without ids it keeps nothing, and may say when all is said (`answers`): what it
 * publishes until it is asked again is meant for nobody. Comments are its heartbeat.
 */
export function createSseFeed(deps: FeedDeps): FakeFeed {
  return sseFeed('sse', deps, deps.random.pick(['refuse', 'silent', 'deaf'] as const), deps.random.next() < 0.5, false);
}

export function createUnnumberedFeed(deps: FeedDeps): FakeFeed {
  return sseFeed('unnumbered', deps, 'silent', false, deps.random.next() < 0.5);
}

function sseFeed(
  kind: 'sse' | 'unnumbered',
  { clock, random }: FeedDeps,
  unknownId: Unknown,
  counts: boolean,
  answers: boolean,
): FakeFeed {
  const hasIds = kind === 'sse';
  const audience = createAudience();
  const nextBody = createBodies(random);
  const published: Published[] = [];
  let log: Published[] = [];
  let boot = random.id().slice(0, 4);
  let token: string | null = 'token-0';
  let stopped = false;
  let silent = false;
  let n = 0;
  /** All was said, and nobody has asked again. */
  let unasked = false;

  const beat = (): void => {
    if (!stopped && !silent) audience.tell(': still here\n\n', '');
    timer = clock.after(heartbeatMs, beat);
  };
  let timer = clock.after(heartbeatMs, beat);

  function block({ id, body, large }: Published): string {
    return `${id === null ? '' : `id: ${id}\n`}data: ${large ? padded(body) : body}\n\n`;
  }

  function add(body: string, large = false): void {
    n += 1;
    const id = hasIds ? (counts ? String(n) : `${boot}-${n}`) : null;
    const event: Published = { stream, body, id, position: null, at: clock.now(), mayMiss: unasked, large };
    published.push(event);
    log = [...log.slice(1 - retain), event];
    audience.tell(block(event), '');
  }

  function serve(exchange: ServerExchange): void {
    const { headers } = exchange.request;
    if (!authorised(token, headers)) {
      exchange.head(401, []);
      exchange.end();
      return;
    }
    const asked = hasIds ? headerIn(headers, 'last-event-id') : null;
    const at = unknownId === 'deaf' ? -1 : log.findIndex(({ id }) => id === asked);
    if (asked !== null && at < 0 && unknownId === 'refuse') {
      exchange.head(410, [['content-type', 'text/plain']]);
      exchange.write('that id is no longer known');
      exchange.end();
      return;
    }
    exchange.head(200, [['content-type', 'text/event-stream']]);
    exchange.write('retry: 1000\n\n');
    if (asked !== null) forgive(asked, at < 0);
    if (asked !== null && at >= 0) for (const event of log.slice(at + 1)) exchange.write(block(event));
    audience.addStream(exchange);
    unasked = false;
  }

  /**
   * What was published since an id that the log no longer has is skipped without a word: nobody could know. Nor could they
   * where the id was given out anew, and means another place by now.
   */
  function forgive(asked: string, skips: boolean): void {
    const from = published.findIndex(({ id }) => id === asked);
    const to = skips ? published.length : published.findLastIndex(({ id }) => id === asked) + 1;
    for (const event of published.slice(from + 1, to)) event.mayMiss = true;
  }

  return {
    kind,
    promises: { identity: hasIds ? 'id' : 'body', resumes: hasIds },
    streams: [stream],
    server: {
      exchange(exchange) {
        if (!stopped) serve(exchange);
      },
      socket(socket) {
        if (!stopped) socket.refuse(400, [], '');
      },
    },
    config: (id, place) => configOf(id, `http://${place}/events`, 'json', [['sse', `http://${place}/events`]]),
    publish: () => add(nextBody()),
    truth: () => published,
    fault(fault, on, size) {
      switch (fault) {
        case 'server-stopped':
          stopped = on;
          audience.standStill(on);
          return;
        case 'server-silent':
          silent = on;
          return;
        case 'planned-end':
          if (answers) audience.tell('data: [DONE]\n\n', '');
          unasked ||= answers;
          audience.end(1000, '');
          return;
        case 'server-restart':
          log = [];
          boot = random.id().slice(0, 4);
          n = 0;
          audience.end(1000, '');
          return;
        case 'retention':
          audience.end(1000, '');
          for (let count = 0; count < 12; count += 1) add(nextBody());
          log = log.slice(-3);
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
    close: () => timer.cancel(),
  };
}
