import type { Position } from '../../../shared/position';
import type { Clock } from '../core/clock';
import type { GatewayLog, PublishedEvent } from './fake-gateway-log';
import type { ServerExchange } from './fake-server';

/** Whoever is attached to a fake gateway. */
export interface Subscriber {
  readonly stream: string;
  send(message: Record<string, unknown>): void;
  raw(text: string, bytes?: number): void;
  goodbye(message: Record<string, unknown>): void;
  end(code: number, reason: string): void;
  held: PublishedEvent | null;
}

interface PollDeps {
  readonly clock: Clock;
  readonly log: GatewayLog;
  readonly hello: (stream: string, from: number) => Record<string, unknown>;
  readonly subscribers: Set<Subscriber>;
}

/** Answers a poll at once, or holds it until there is something to say. */
export function servePoll(
  { clock, log, hello, subscribers }: PollDeps,
  exchange: ServerExchange,
  {
    stream,
    after,
    query,
  }: { readonly stream: string; readonly after: Position | null; readonly query: URLSearchParams },
): void {
  const wait = Number(query.get('wait') ?? '0');
  const limit = Number(query.get('limit') ?? '1000');
  const asked = log.place(stream, after);
  const askedIn = log.epoch();
  let answered = false;
  const answer = (): void => {
    if (answered) return;
    answered = true;
    timer?.cancel();
    subscribers.delete(waiting);
    const epoch = log.epoch();
    // A held request may outlive the epoch it came in: its place is judged again.
    const { from, cannot } =
      epoch === askedIn ? asked : log.place(stream, after ?? { epoch: askedIn, seq: asked.from });
    const events = log.since(stream, from);
    const page = events.slice(0, limit);
    const body = { ...hello(stream, from), kind: 'answer', ...(cannot ? { cannotResume: cannot } : {}) };
    const text = `${JSON.stringify(body).slice(0, -1)},"events":[${page.map((event) => event.text).join(',')}],"more":${events.length > limit}}`;
    exchange.write(text);
    exchange.end();
  };
  const waiting: Subscriber = {
    stream,
    held: null,
    raw: answer,
    end: answer,
    send(message) {
      if (message.kind === 'heartbeat') exchange.write(' ');
      else answer();
    },
    goodbye: answer,
  };
  const timer = wait > 0 ? clock.after(wait * 1000, answer) : null;
  exchange.head(200, [['content-type', 'application/json']]);
  if (wait <= 0 || asked.cannot || log.since(stream, asked.from).length > 0) {
    answer();
    return;
  }
  subscribers.add(waiting);
  exchange.onClosed(() => {
    timer?.cancel();
    subscribers.delete(waiting);
  });
}
