import { type Recipe, recipeSchema } from '../../../../shared/recipe';
import type { Timer } from '../../core/clock';
import type { ServerSocket } from '../fake-server';
import { createAudience } from './audience';
import { authorised, configOf, type FakeFeed, type FeedDeps, type Published } from './feed';
import { largeBytes } from './large';

const stream = 'main';
/** Of the feed's own pings, ms. */
const pingMs = 7_000;
/** An answer that comes late comes within the time that is given, ms. */
const lateMs = 8_000;
/** A close code of its own that means: on purpose. */
const rotationCode = 4900;
const sendsPerSecond = 4;

const is = (path: string, value: string) => [{ path, is: value }];

/** Logs in, then subscribes from where it was; each waits for its answer. */
const recipe: Recipe = recipeSchema.parse({
  name: 'simulated',
  title: 'A feed that is spoken to',
  read: { id: 'id', uniqueIds: true },
  classes: [{ when: [{ path: 'op', exists: true }], is: 'control' }],
  talk: {
    open: [
      { send: '{"op":"login","n":{{n}}}', expect: is('op', 'welcome') },
      { send: '{"op":"subscribe","after":"{{cursor}}"}', expect: is('op', 'subscribed') },
    ],
    every: [{ seconds: 10, send: '{"op":"alive"}' }],
    answers: [{ when: is('op', 'ping'), send: '{"op":"pong","t":{{.t}}}' }],
  },
  resume: { kind: 'message', cursor: 'id' },
  closes: [{ from: rotationCode, to: rotationCode, means: 'planned' }],
  sendsPerSecond,
});

/**
 * A WebSocket that wants to be spoken to, as a recipe says: a login, a subscription from the last id, answers to its own
 * pings. It keeps everything. Hooks: `grantedSince`, `wrongs`.
 */
export interface RecipeFeed extends FakeFeed {
  /** A subscription was granted since then, monotonic ms. */
  grantedSince(since: number): boolean;
  /** What was said to it in another way than it has to be. */
  wrongs(): readonly string[];
}

export function createRecipeFeed({ clock, random }: FeedDeps): RecipeFeed {
  const audience = createAudience();
  const published: Published[] = [];
  const wrongs: string[] = [];
  const timers = new Set<Timer>();
  let token: string | null = 'token-0';
  let stopped = false;
  let grantedAt = Number.NEGATIVE_INFINITY;
  let waiting: (() => void)[] = [];
  let answersLate = false;
  let answersNever = false;
  let answersTwice = false;

  function later(ms: number, act: () => void): Timer {
    const timer = clock.after(ms, () => {
      timers.delete(timer);
      act();
    });
    timers.add(timer);
    return timer;
  }

  /** A process that stands still does it when it goes on. */
  function whenRunning(act: () => void): void {
    if (stopped) waiting.push(act);
    else act();
  }

  function add(): Published {
    const id = String(published.length + 1);
    const body = `{"id":${id},"v":${Math.round(random.next() * 1000)}}`;
    const event = { stream, body, id, position: null, at: clock.now(), mayMiss: false };
    published.push(event);
    return event;
  }

  function publish(): void {
    audience.tell('', add().body);
  }

  function answer(socket: ServerSocket, text: string, then: () => void): void {
    if (answersNever) return;
    const say = (): void => {
      socket.send(text);
      if (answersTwice) socket.send(text);
      then();
    };
    if (answersLate) later(random.next() * lateMs, () => whenRunning(say));
    else say();
  }

  function listen(socket: ServerSocket): void {
    const since = clock.now();
    let said = 0;
    let step: 'login' | 'subscribe' | 'done' = 'login';
    let subscribed = false;
    const pings = new Set<number>();
    const hear = (text: string): void => {
      said += 1;
      const allowed = sendsPerSecond * (2 + (clock.now() - since) / 1000) + 2;
      if (said > allowed) wrongs.push(`${said} messages in ${Math.round(clock.now() - since)} ms`);
      const message = JSON.parse(text) as { readonly op: string; readonly t?: number; readonly after?: string };
      switch (message.op) {
        case 'login':
          if (step !== 'login') wrongs.push('a second login');
          step = 'subscribe';
          answer(socket, '{"op":"welcome"}', () => {});
          return;
        case 'subscribe': {
          if (step !== 'subscribe') wrongs.push(`subscribed when ${step} was to come`);
          step = 'done';
          const after = message.after === '' ? published.length : Number(message.after);
          answer(socket, '{"op":"subscribed"}', () => {
            subscribed = true;
            grantedAt = clock.now();
            for (const event of published.slice(after)) socket.send(event.body);
            audience.addSocket(socket);
          });
          return;
        }
        case 'pong':
          if (message.t === undefined || !pings.has(message.t)) wrongs.push(`a pong to no ping: ${text}`);
          return;
        case 'alive':
          if (!subscribed) wrongs.push('a periodic message before it was subscribed');
          return;
        default:
          wrongs.push(`not known: ${text}`);
      }
    };
    socket.onMessage((data) => whenRunning(() => hear(String(data))));
    let pinging = later(pingMs, ping);
    function ping(): void {
      const t = Math.round(clock.now());
      pings.add(t);
      if (!stopped) socket.send(`{"op":"ping","t":${t}}`);
      pinging = later(pingMs, ping);
    }
    socket.onClosed(() => {
      pinging.cancel();
      timers.delete(pinging);
    });
  }

  return {
    kind: 'recipe',
    promises: { identity: 'id', resumes: true },
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
        if (!authorised(token, socket.request.headers)) return socket.refuse(401, [], '');
        socket.accept();
        listen(socket);
      },
    },
    config: (id, place) => ({
      ...configOf(id, `ws://${place}/talk`, 'json', [['websocket', `ws://${place}/talk`]]),
      recipe,
    }),
    publish,
    truth: () => published,
    grantedSince: (since) => grantedAt >= since,
    wrongs: () => wrongs,
    fault(kind, on, size) {
      switch (kind) {
        case 'server-stopped': {
          stopped = on;
          audience.standStill(on);
          const acts = on ? [] : waiting;
          if (!on) waiting = [];
          for (const act of acts) act();
          return;
        }
        case 'opening-late':
          answersLate = on;
          return;
        case 'opening-unanswered':
          answersNever = on;
          if (on) audience.end(1001, '');
          return;
        case 'opening-twice':
          answersTwice = on;
          if (on) audience.end(1001, '');
          return;
        case 'planned-end':
          audience.end(rotationCode, 'rotation');
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
        case 'oversize':
          audience.tell('', '{"op":"large"}', largeBytes);
          return;
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
    close() {
      for (const timer of timers) timer.cancel();
    },
  };
}
