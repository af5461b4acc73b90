import { type Position, parsePosition } from '../../../shared/position';
import type { Clock } from '../core/clock';
import type { Random } from '../core/random';
import { createGatewayInbox, type GatewayInbox, type Refusal } from './fake-gateway-inbox';
import { createGatewayLog, type PublishedEvent } from './fake-gateway-log';
import { type Subscriber, servePoll } from './fake-gateway-poll';
import type { FakeServer, ServerExchange, ServerSocket } from './fake-server';
import { largeBytes } from './feeds/large';

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
  /** Messages from clients are refused so. */
  refuseMessages: Refusal | null;
}

/** A server that speaks docs/protocol.md over the fake network, from one log per stream. Keeps everything it published, for judgement. */
export interface FakeGateway {
  readonly server: FakeServer;
  readonly faults: ServerFaults;
  /** What clients sent. */
  readonly inbox: GatewayInbox;
  publish(stream: string): PublishedEvent;
  /** An event larger than a client takes over a WebSocket. */
  publishLarge(stream: string): void;
  /** Its process stands still, and goes on. */
  standStill(on: boolean): void;
  /** Loses its memory: new epoch, numbers begin again. */
  restart(): void;
  /** Says goodbye and closes every connection with 1012. */
  shutDown(retryAfterMs: number): void;
  /** Ends every connection: WebSockets with this code, streams in order. */
  endAll(code: number, reason: string): void;
  /** Something that is no message of the protocol, to every subscriber. */
  sendRaw(text: string): void;
  /** Everything ever published to a stream, in order, over all epochs. */
  published(stream: string): readonly PublishedEvent[];
  epoch(): string;
  /** Oldest number still in the log. */
  oldest(stream: string): number;
  head(stream: string): number;
  /** Replays that were asked for so far. */
  asked(): { readonly replays: number };
  /** When it last said goodbye, monotonic ms, and what it asked for; null before. */
  lastGoodbye(): { readonly at: number; readonly retryAfterMs: number } | null;
  /** Ends its timers. */
  close(): void;
}

const spreadMs = 2000;
const heartbeatMs = 5000;

export function createFakeGateway(deps: {
  readonly clock: Clock;
  readonly random: Random;
  /** Streams that come along with any other over one connection, and cannot be resumed. */
  readonly beside?: readonly string[];
}): FakeGateway {
  const { clock, random, beside = [] } = deps;
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
    refuseMessages: null,
  };
  const newEpoch = (): string => `e${random.id().slice(0, 6)}`;
  const log = createGatewayLog(clock, newEpoch());
  const inbox = createGatewayInbox((stream, type, data) => publishAs(stream, type, data));
  /** The last event of an epoch that is over, still on its way to somebody. */
  let straggler: PublishedEvent | null = null;
  /** What a server that stands still has to say to whoever is still there afterwards. */
  let unsaid: PublishedEvent[] = [];
  let replays = 0;
  let lastGoodbye: { readonly at: number; readonly retryAfterMs: number } | null = null;

  const parse = ({ text }: PublishedEvent): Record<string, unknown> => JSON.parse(text);

  function hello(stream: string, from: number): Record<string, unknown> {
    const promised = faults.silent ? {} : { heartbeatMs };
    return {
      kind: 'hello',
      stream,
      epoch: log.epoch(),
      from,
      head: log.head(stream),
      spreadMs,
      ...promised,
      instance: 'sim',
      time: clock.wall(),
    };
  }

  /** Sends one live event to one subscriber, tampered with as the faults say. */
  function emit(subscriber: Subscriber, event: PublishedEvent): void {
    if (faults.lose && random.next() < 0.25) return;
    if (faults.reorder && !subscriber.held && random.next() < 0.5) {
      subscriber.held = event;
      return;
    }
    sendEvent(subscriber, event);
    if (faults.duplicate) sendEvent(subscriber, event);
    const late = subscriber.held;
    subscriber.held = null;
    if (late) sendEvent(subscriber, late);
  }

  function sendEvent(subscriber: Subscriber, event: PublishedEvent): void {
    if (event.large) subscriber.raw(event.text, largeBytes);
    else subscriber.send(parse(event));
  }

  function subscribe(stream: string, after: Position | null, subscriber: Subscriber): void {
    const { from, cannot } = log.place(stream, after);
    if (cannot) subscriber.send(cannot);
    subscriber.send(hello(stream, from));
    if (straggler?.stream === stream) {
      subscriber.send(parse(straggler));
      straggler = null;
    }
    for (const event of log.since(stream, from)) sendEvent(subscriber, event);
    for (const name of beside) {
      const head = log.head(name);
      const refusal = { kind: 'cannot-resume', stream: name, epoch: log.epoch(), cause: 'retention' };
      if (after) subscriber.send({ ...refusal, requested: null, oldest: head + 1, head });
      subscriber.send(hello(name, head));
    }
    subscribers.add(subscriber);
  }

  const beat = (): void => {
    if (!faults.stopped && !faults.silent) {
      for (const subscriber of subscribers) {
        const { stream } = subscriber;
        const named = beside.length > 0 ? { stream } : {};
        subscriber.send({
          kind: 'heartbeat',
          ...named,
          epoch: log.epoch(),
          head: log.head(stream),
          time: clock.wall(),
        });
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
      raw: (text) => exchange.write(`data: ${text}\n\n`),
      end: () => exchange.end(),
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

  function serveSocket(socket: ServerSocket): void {
    const { stream, after } = target(socket.request.url);
    socket.accept();
    const subscriber: Subscriber = {
      stream,
      held: null,
      raw: (text, bytes) => socket.send(text, bytes),
      end: (code, reason) => socket.close(code, reason),
      send: (message) => socket.send(JSON.stringify(message)),
      goodbye(message) {
        socket.send(JSON.stringify(message));
        socket.close(1012, 'restarting');
      },
    };
    socket.onClosed(() => subscribers.delete(subscriber));
    socket.onMessage((data) => {
      const text = String(data);
      if (faults.stopped) return;
      const message = JSON.parse(text) as { kind: string; after: number; to: number; ref: string };
      if (message.kind === 'publish') socket.send(inbox.overSocket(stream, text, faults.refuseMessages));
      if (message.kind !== 'replay' || faults.deaf) return;
      replays += 1;
      const { after: from, ref } = message;
      const first = log.oldest(stream);
      const to = Math.min(message.to, log.head(stream), from + 5000);
      for (const event of log.since(stream, from, to)) sendEvent(subscriber, event);
      const missing = from < first - 1;
      socket.send(JSON.stringify({ kind: 'replayed', ref, after: from, to, oldest: first, missing }));
    });
    subscribe(stream, after, subscriber);
  }

  function publishAs(stream: string, type: string, data: string, large = false): PublishedEvent {
    const event = log.append(stream, { type, data, large });
    log.retain(stream, faults.retain);
    if (faults.stopped) unsaid.push(event);
    else tell(event);
    return event;
  }

  function tell(event: PublishedEvent): void {
    for (const subscriber of [...subscribers])
      if (subscriber.stream === event.stream || beside.includes(event.stream)) emit(subscriber, event);
  }

  /** A number that comes and goes, for alert rules to watch. */
  function nextData(stream: string): string {
    const n = log.head(stream) + 1;
    return JSON.stringify({ n, wave: (n * 7) % 20 });
  }

  function exchangeWith(exchange: ServerExchange): void {
    const { request } = exchange;
    const json = (status: number, text: string): void => {
      exchange.head(status, [['content-type', 'application/json']]);
      exchange.write(text);
      exchange.end();
    };
    const { stream, route, after, query } = target(request.url);
    if (!authorised(request.headers)) json(401, '');
    else if (request.method === 'POST') {
      const { status, text } = inbox.overPost(stream, String(request.body ?? ''), faults.refuseMessages);
      json(status, text);
    } else if (route === 'sse') serveSse(exchange, stream, after);
    else if (route === 'poll') servePoll({ clock, log, hello, subscribers }, exchange, { stream, after, query });
    else if (route === 'snapshot') {
      const place = { stream, epoch: log.epoch(), seq: log.head(stream), time: clock.wall() };
      json(200, JSON.stringify({ kind: 'snapshot', ...place, state: {} }));
    } else json(404, '');
  }

  return {
    faults,
    inbox,
    server: {
      alive: () => !faults.stopped,
      exchange(exchange) {
        if (!faults.stopped) exchangeWith(exchange);
      },
      socket(socket) {
        if (faults.stopped) return;
        if (authorised(socket.request.headers)) serveSocket(socket);
        else socket.refuse(401, [], '');
      },
    },
    publish: (stream) => publishAs(stream, 'tick', nextData(stream)),
    publishLarge: (stream) => void publishAs(stream, 'tick', nextData(stream), true),
    standStill(on) {
      faults.stopped = on;
      if (on) return;
      const late = unsaid;
      unsaid = [];
      for (const event of late) tell(event);
    },
    restart() {
      unsaid = [];
      straggler = log.last() ?? straggler;
      inbox.forget();
      log.restart(newEpoch());
    },
    shutDown(retryAfterMs) {
      lastGoodbye = { at: clock.now(), retryAfterMs };
      for (const subscriber of [...subscribers])
        subscriber.goodbye({ kind: 'goodbye', reason: 'restart', retryAfterMs, spreadMs });
    },
    endAll(code, reason) {
      for (const subscriber of [...subscribers]) subscriber.end(code, reason);
    },
    sendRaw(text) {
      for (const subscriber of [...subscribers]) subscriber.raw(text);
    },
    published: log.published,
    epoch: log.epoch,
    oldest: log.oldest,
    head: log.head,
    asked: () => ({ replays }),
    lastGoodbye: () => lastGoodbye,
    close() {
      beatTimer.cancel();
      subscribers.clear();
    },
  };
}
