import type { Timer } from '../../core/clock';
import type { ServerExchange, ServerSocket } from '../fake-server';
import { authorised, configOf, type FakeFeed, type FeedDeps, type Published } from './feed';
import { largeBytes } from './large';

const stream = 'main';
const pingMs = 8_000;
const pongMs = 6_000;
const separator = '\u001e';

/** One session of Engine.IO, on a WebSocket or on polls. */
interface Session {
  readonly sid: string;
  readonly socket: ServerSocket | null;
  held: ServerExchange | null;
  queue: { readonly text: string; readonly bytes?: number | undefined }[];
  pid: string | null;
  timer: Timer | null;
}

/**
 * A server of Socket.IO on both transports. In most runs it keeps the state of who was cut, and gives it what it missed; in
 * the others it keeps nothing.
 */
export function createSocketIoFeed({ clock, random }: FeedDeps): FakeFeed {
  const keeps = random.next() < 0.7;
  const sessions = new Map<string, Session>();
  const kept = new Set<string>();
  const published: Published[] = [];
  let log: Published[] = [];
  let token: string | null = 'token-0';
  let stopped = false;
  let waiting: (() => void)[] = [];
  let made = 0;

  /** A process that stands still does it when it goes on. */
  function whenRunning(act: () => void): void {
    if (stopped) waiting.push(act);
    else act();
  }

  function begin(socket: ServerSocket | null): Session {
    made += 1;
    const session: Session = { sid: `e${made}`, socket, held: null, queue: [], pid: null, timer: null };
    sessions.set(session.sid, session);
    say(session, `0{"sid":"${session.sid}","upgrades":[],"pingInterval":${pingMs},"pingTimeout":${pongMs}}`);
    ping(session);
    return session;
  }

  function ping(session: Session): void {
    session.timer?.cancel();
    session.timer = clock.after(pingMs, () => {
      whenRunning(() => say(session, '2'));
      session.timer = clock.after(pongMs, () => whenRunning(() => end(session, 1005)));
    });
  }

  function say(session: Session, text: string, bytes?: number): void {
    session.queue.push({ text, bytes });
    flush(session);
  }

  function flush(session: Session): void {
    const { socket, held } = session;
    if (session.queue.length === 0 || (socket === null && held === null)) return;
    const said = session.queue;
    session.queue = [];
    if (socket !== null) for (const { text, bytes } of said) socket.send(text, bytes);
    if (held !== null) {
      session.held = null;
      answer(held, 200, said.map(({ text }) => text).join(separator));
    }
  }

  /** It is gone, whoever left: what it missed from here on is kept for it. */
  function leave(session: Session): void {
    if (!sessions.delete(session.sid)) return;
    session.timer?.cancel();
    if (keeps && session.pid !== null) kept.add(session.pid);
  }

  function end(session: Session, code: number): void {
    if (!sessions.has(session.sid)) return;
    leave(session);
    session.socket?.close(code, '');
    if (session.held !== null) answer(session.held, 200, '1');
  }

  function endAll(code: number): void {
    for (const session of [...sessions.values()]) end(session, code);
  }

  function hear(session: Session, packet: string): void {
    if (packet === '3') ping(session);
    if (!packet.startsWith('40')) return;
    const asked = JSON.parse(packet.slice(2) || '{}') as { readonly pid?: string; readonly offset?: string };
    const at = log.findIndex(({ id }) => id === asked.offset);
    const recovered = asked.pid !== undefined && kept.delete(asked.pid) && at >= 0;
    session.pid = recovered ? (asked.pid ?? null) : `p${session.sid}`;
    if (recovered) for (const event of log.slice(at + 1)) tell(session, event);
    say(session, `40{"sid":"s"${keeps ? `,"pid":"${session.pid}"` : ''}}`);
  }

  function tell(session: Session, { body, id }: Published): void {
    say(session, `42["tick",${body}${id === null ? '' : `,"${id}"`}]`);
  }

  function publish(): void {
    const n = published.length + 1;
    const id = keeps ? `1790000000000-${n}` : null;
    const body = `{"n":${n},"v":${Math.round(random.next() * 1000)}}`;
    const event = { stream, body, id, position: null, at: clock.now(), mayMiss: false };
    published.push(event);
    log.push(event);
    whenRunning(() => {
      for (const session of sessions.values()) if (session.pid !== null) tell(session, event);
    });
  }

  function poll(exchange: ServerExchange): void {
    const { request } = exchange;
    if (!authorised(token, request.headers)) {
      answer(exchange, 401, '');
      return;
    }
    const sid = new URL(request.url).searchParams.get('sid');
    const session = sid === null ? begin(null) : sessions.get(sid);
    if (!session || session.socket) {
      answer(exchange, 400, '{"code":1,"message":"Session ID unknown"}');
      return;
    }
    if (request.method === 'POST') {
      for (const packet of String(request.body).split(separator)) hear(session, packet);
      answer(exchange, 200, 'ok');
      return;
    }
    session.held = exchange;
    exchange.onClosed(() => {
      if (session.held === exchange) leave(session);
    });
    flush(session);
  }

  return {
    kind: 'socket-io',
    // Who comes back before the server has seen it go is not known again.
    promises: { identity: keeps ? 'id' : 'body', resumes: false },
    streams: [stream],
    server: {
      alive: () => !stopped,
      exchange: (exchange) => whenRunning(() => poll(exchange)),
      socket(socket) {
        if (stopped) return;
        if (!authorised(token, socket.request.headers)) return socket.refuse(401, [], '');
        socket.accept();
        const session = begin(socket);
        socket.onMessage((data) => whenRunning(() => hear(session, String(data))));
        socket.onClosed(() => leave(session));
      },
    },
    config(id, place) {
      const path = `${place}/socket.io/`;
      const ladder = [['websocket', `ws://${path}`] as const, ['long-poll', `http://${path}`] as const];
      return configOf(id, `http://${path}`, 'socket-io', random.next() < 0.4 ? ladder.slice(1) : ladder);
    },
    publish,
    truth: () => published,
    fault(kind, on, size) {
      switch (kind) {
        case 'server-stopped': {
          stopped = on;
          const acts = on ? [] : waiting;
          if (!on) waiting = [];
          for (const act of acts) act();
          return;
        }
        case 'server-restart':
          for (const session of [...sessions.values()]) {
            // Polls find out by their next request.
            session.held = null;
            end(session, 1012);
          }
          kept.clear();
          log = [];
          return;
        case 'retention':
          endAll(1001);
          for (let count = 0; count < 12; count += 1) publish();
          log = log.slice(-3);
          return;
        case 'planned-end':
          endAll(1000);
          return;
        case 'close-1008':
          endAll(1008);
          return;
        case 'close-1013':
          endAll(1013);
          return;
        case 'close-unknown':
          endAll(4000 + size);
          return;
        case 'oversize':
          for (const session of sessions.values()) if (session.socket) say(session, '42["large"]', largeBytes);
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
      for (const session of sessions.values()) session.timer?.cancel();
    },
  };
}

function answer(exchange: ServerExchange, status: number, body: string): void {
  exchange.head(status, [['content-type', 'text/plain; charset=UTF-8']]);
  exchange.write(body);
  exchange.end();
}
