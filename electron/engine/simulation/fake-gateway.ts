import { type Position, parsePosition } from '../../../shared/position';
import type { Clock } from '../core/clock';
import type { Random } from '../core/random';
import type { FakeServer, ServerExchange, ServerSocket } from './fake-server';

/** One published event as the fake keeps it. */
export interface PublishedEvent extends Position {
  readonly stream: string;
  readonly text: string;
}

/** How the fake server misbehaves right now, beyond what its network does. */
export interface ServerFaults {
  /** Each event goes out twice. */
  duplicate: boolean;
  /** Neighbouring events change places: an event is held back until the next one of its stream went out. */
  reorder: boolean;
  /** One live event in four is not sent (it stays in the log). */
  lose: boolean;
  /** Accepts requests and never answers; writes nothing on open connections. */
  stopped: boolean;
  /** Newest events kept per stream; older ones leave the log. */
  retain: number;
  /** Requests must carry this bearer token; null = open. */
  token: string | null;
  /** Leaves replays asked for over the socket unanswered. */
  deaf: boolean;
  /** Sends no heartbeats and promises none. */
  silent: boolean;
}

/** A server that speaks docs/protocol.md over the fake network, from one log per stream. Keeps everything it published, for judgement. */
export interface FakeGateway {
  readonly server: FakeServer;
  readonly faults: ServerFaults;
  publish(stream: string): PublishedEvent;
  /** Loses its memory: new epoch, numbers begin again. */
  restart(): void;
  /** Says goodbye and closes every connection with 1012. */
  shutDown(retryAfterMs: number): void;
  /** Everything ever published to a stream, in order, over all epochs. */
  published(stream: string): readonly PublishedEvent[];
  epoch(): string;
  /** Oldest number still in the log. */
  oldest(stream: string): number;
  head(stream: string): number;
  /** Ends its timers. */
  close(): void;
}

interface StreamLog {
  events: PublishedEvent[];
  head: number;
  readonly all: PublishedEvent[];
}

interface Subscriber {
  readonly stream: string;
  send(message: Record<string, unknown>): void;
  goodbye(message: Record<string, unknown>): void;
  held: PublishedEvent | null;
}

const spreadMs = 2000;
const heartbeatMs = 5000;

export function createFakeGateway(deps: { readonly clock: Clock; readonly random: Random }): FakeGateway {
  const { clock, random } = deps;
  const logs = new Map<string, StreamLog>();
  const subscribers = new Set<Subscriber>();
  const faults: ServerFaults = {
    duplicate: false,
    reorder: false,
    lose: false,
    stopped: false,
    retain: 10_000,
    token: null,
    deaf: false,
    silent: false,
  };
  /** The last event of an epoch that is over, still on its way to somebody. */
  let straggler: PublishedEvent | null = null;
  let epoch = `e${random.id().slice(0, 6)}`;

  function log(stream: string): StreamLog {
    let found = logs.get(stream);
    if (!found) {
      found = { events: [], head: 0, all: [] };
      logs.set(stream, found);
    }
    return found;
  }

  function oldest(stream: string): number {
    const { events, head } = log(stream);
    return events[0]?.seq ?? head + 1;
  }

  /** Where an attach begins, and what must be said before. */
  function place(stream: string, after: Position | null): { from: number; cannot: Record<string, unknown> | null } {
    const { head } = log(stream);
    if (!after) return { from: head, cannot: null };
    const first = oldest(stream);
    const cannot = (cause: string): Record<string, unknown> => ({
      kind: 'cannot-resume',
      stream,
      epoch,
      cause,
      requested: after,
      oldest: first,
      head,
    });
    if (after.epoch !== epoch) return { from: head, cannot: cannot('epoch-changed') };
    if (after.seq > head) return { from: head, cannot: cannot('ahead') };
    if (after.seq < first - 1) return { from: first - 1, cannot: cannot('retention') };
    return { from: after.seq, cannot: null };
  }

  function hello(stream: string, from: number): Record<string, unknown> {
    const promised = faults.silent ? {} : { heartbeatMs };
    return {
      kind: 'hello',
      stream,
      epoch,
      from,
      head: log(stream).head,
      spreadMs,
      ...promised,
      instance: 'sim',
      time: clock.wall(),
    };
  }

  function since(stream: string, after: number, to = Number.MAX_SAFE_INTEGER): readonly PublishedEvent[] {
    return log(stream).events.filter((event) => event.seq > after && event.seq <= to);
  }

  /** Sends one live event to one subscriber, tampered with as the faults say. */
  function emit(subscriber: Subscriber, event: PublishedEvent): void {
    if (faults.lose && random.next() < 0.25) return;
    if (faults.reorder && !subscriber.held && random.next() < 0.5) {
      subscriber.held = event;
      return;
    }
    const send = (one: PublishedEvent): void => {
      subscriber.send(JSON.parse(one.text));
      if (faults.duplicate) subscriber.send(JSON.parse(one.text));
    };
    send(event);
    if (subscriber.held) {
      const late = subscriber.held;
      subscriber.held = null;
      send(late);
    }
  }

  function subscribe(stream: string, after: Position | null, subscriber: Subscriber): void {
    const { from, cannot } = place(stream, after);
    if (cannot) subscriber.send(cannot);
    subscriber.send(hello(stream, from));
    if (straggler?.stream === stream) {
      subscriber.send(JSON.parse(straggler.text));
      straggler = null;
    }
    for (const event of since(stream, from)) subscriber.send(JSON.parse(event.text));
    subscribers.add(subscriber);
  }

  const beat = (): void => {
    if (!faults.stopped && !faults.silent) {
      for (const subscriber of subscribers) {
        subscriber.send({ kind: 'heartbeat', epoch, head: log(subscriber.stream).head, time: clock.wall() });
      }
    }
    beatTimer = clock.after(heartbeatMs, beat);
  };
  let beatTimer = clock.after(heartbeatMs, beat);

  function authorised(headers: readonly (readonly [string, string])[]): boolean {
    if (faults.token === null) return true;
    return headers.some(
      ([name, value]) => name.toLowerCase() === 'authorization' && value === `Bearer ${faults.token}`,
    );
  }

  function target(url: string): { stream: string; route: string; after: Position | null; query: URLSearchParams } {
    const { pathname, searchParams } = new URL(url);
    const [, , stream = '', route = ''] = pathname.split('/');
    const text = searchParams.get('after');
    return { stream, route, after: text === null ? null : parsePosition(text), query: searchParams };
  }

  function serveSse(exchange: ServerExchange, stream: string, queryAfter: Position | null): void {
    const header = exchange.request.headers.find(([name]) => name.toLowerCase() === 'last-event-id')?.[1];
    const after = header === undefined ? queryAfter : parsePosition(header);
    exchange.head(200, [['content-type', 'text/event-stream']]);
    exchange.write(`retry: 500\n\n`);
    const subscriber: Subscriber = {
      stream,
      held: null,
      send(message) {
        const data = JSON.stringify(message);
        if (message.kind === 'event') exchange.write(`id: ${message.epoch}:${message.seq}\ndata: ${data}\n\n`);
        else if (message.kind === 'heartbeat') exchange.write(`: heartbeat ${message.head}\n\n`);
        else if (message.kind === 'hello')
          exchange.write(`event: hello\nid: ${message.epoch}:${message.from}\ndata: ${data}\n\n`);
        else exchange.write(`event: ${message.kind}\ndata: ${data}\n\n`);
      },
      goodbye(message) {
        this.send(message);
        exchange.end();
      },
    };
    exchange.onClosed(() => subscribers.delete(subscriber));
    subscribe(stream, after, subscriber);
  }

  function servePoll(exchange: ServerExchange, stream: string, after: Position | null, query: URLSearchParams): void {
    const wait = Number(query.get('wait') ?? '0');
    const limit = Number(query.get('limit') ?? '1000');
    const asked = place(stream, after);
    const askedIn = epoch;
    let answered = false;
    const answer = (): void => {
      if (answered) return;
      answered = true;
      timer?.cancel();
      subscribers.delete(waiting);
      // A held request may outlive the epoch it came in: its place is judged again.
      const { from, cannot } = epoch === askedIn ? asked : place(stream, after ?? { epoch: askedIn, seq: asked.from });
      const events = since(stream, from);
      const page = events.slice(0, limit);
      const { head } = log(stream);
      const body = {
        kind: 'answer',
        stream,
        epoch,
        from,
        head,
        spreadMs,
        heartbeatMs,
        time: clock.wall(),
        ...(cannot ? { cannotResume: cannot } : {}),
      };
      const text = `${JSON.stringify(body).slice(0, -1)},"events":[${page.map((event) => event.text).join(',')}],"more":${events.length > limit}}`;
      exchange.write(text);
      exchange.end();
    };
    const waiting: Subscriber = {
      stream,
      held: null,
      send(message) {
        if (message.kind === 'heartbeat') exchange.write(' ');
        else answer();
      },
      goodbye: answer,
    };
    const timer = wait > 0 ? clock.after(wait * 1000, answer) : null;
    exchange.head(200, [['content-type', 'application/json']]);
    if (wait <= 0 || asked.cannot || since(stream, asked.from).length > 0) {
      answer();
      return;
    }
    subscribers.add(waiting);
    exchange.onClosed(() => {
      timer?.cancel();
      subscribers.delete(waiting);
    });
  }

  function serveSocket(socket: ServerSocket): void {
    const { stream, after } = target(socket.request.url);
    socket.accept();
    const subscriber: Subscriber = {
      stream,
      held: null,
      send: (message) => socket.send(JSON.stringify(message)),
      goodbye(message) {
        socket.send(JSON.stringify(message));
        socket.close(1012, 'restarting');
      },
    };
    socket.onClosed(() => subscribers.delete(subscriber));
    socket.onMessage((text) => {
      if (faults.stopped || faults.deaf) return;
      const message = JSON.parse(text) as { kind: string; after: number; to: number; ref: string };
      if (message.kind !== 'replay') return;
      const first = oldest(stream);
      for (const event of since(stream, message.after, message.to)) socket.send(event.text);
      const missing = message.after < first - 1 || message.to > log(stream).head;
      const { ref, after: from, to } = message;
      socket.send(JSON.stringify({ kind: 'replayed', ref, stream, epoch, after: from, to, oldest: first, missing }));
    });
    subscribe(stream, after, subscriber);
  }

  return {
    faults,
    server: {
      exchange(exchange) {
        if (faults.stopped) return;
        if (!authorised(exchange.request.headers)) {
          exchange.head(401, [['content-type', 'application/json']]);
          exchange.end();
          return;
        }
        const { stream, route, after, query } = target(exchange.request.url);
        if (route === 'sse') serveSse(exchange, stream, after);
        else if (route === 'poll') servePoll(exchange, stream, after, query);
        else if (route === 'snapshot') {
          const { head } = log(stream);
          exchange.head(200, [['content-type', 'application/json']]);
          exchange.write(JSON.stringify({ kind: 'snapshot', stream, epoch, seq: head, time: clock.wall(), state: {} }));
          exchange.end();
        } else {
          exchange.head(404, [['content-type', 'application/json']]);
          exchange.end();
        }
      },
      socket(socket) {
        if (faults.stopped) return;
        if (authorised(socket.request.headers)) serveSocket(socket);
        else socket.refuse(401, [], '');
      },
    },
    publish(stream) {
      const entry = log(stream);
      entry.head += 1;
      const body = {
        kind: 'event',
        stream,
        epoch,
        seq: entry.head,
        time: clock.wall(),
        type: 'tick',
        // A number that comes and goes, for alert rules to watch.
        data: { n: entry.head, wave: (entry.head * 7) % 20 },
      };
      const event: PublishedEvent = { stream, epoch, seq: entry.head, text: JSON.stringify(body) };
      entry.events.push(event);
      entry.all.push(event);
      if (entry.events.length > faults.retain) entry.events = entry.events.slice(-faults.retain);
      if (!faults.stopped)
        for (const subscriber of [...subscribers]) if (subscriber.stream === stream) emit(subscriber, event);
      return event;
    },
    restart() {
      for (const { all } of logs.values()) straggler = all.at(-1) ?? straggler;
      epoch = `e${random.id().slice(0, 6)}`;
      for (const entry of logs.values()) {
        entry.events = [];
        entry.head = 0;
      }
    },
    shutDown(retryAfterMs) {
      for (const subscriber of [...subscribers])
        subscriber.goodbye({ kind: 'goodbye', reason: 'restart', retryAfterMs, spreadMs });
    },
    published: (stream) => log(stream).all,
    epoch: () => epoch,
    oldest,
    head: (stream) => log(stream).head,
    close() {
      beatTimer.cancel();
      subscribers.clear();
    },
  };
}
