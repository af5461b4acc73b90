import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import { useServer as serveSubscriptions } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

/**
 * graphql-ws's own server in a process of its own: `subscription { tick { n } }` at `/graphql`. `POST /publish?from=1&count=5`
 * publishes 1 to 5 and answers with how many subscriptions it told; `POST /complete` ends them all in good order.
 */

type Waiting = (result: IteratorResult<{ readonly tick: { readonly n: number } }>) => void;

/** What one subscription was told and has not taken yet. */
class Ticks implements AsyncIterableIterator<{ readonly tick: { readonly n: number } }> {
  private readonly told: number[] = [];
  private waiting: Waiting | null = null;
  private done = false;

  tell(n: number): void {
    if (this.waiting) this.waiting({ done: false, value: { tick: { n } } });
    else this.told.push(n);
    this.waiting = null;
  }

  next(): ReturnType<AsyncIterableIterator<{ readonly tick: { readonly n: number } }>['next']> {
    const n = this.told.shift();
    if (n !== undefined) return Promise.resolve({ done: false, value: { tick: { n } } });
    if (this.done) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  return(): ReturnType<Ticks['next']> {
    this.done = true;
    subscriptions.delete(this);
    this.waiting?.({ done: true, value: undefined });
    this.waiting = null;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const subscriptions = new Set<Ticks>();
const schema = buildSchema('type Query { ok: Boolean } type Tick { n: Int } type Subscription { tick: Tick }');
const roots = {
  subscription: {
    tick() {
      const ticks = new Ticks();
      subscriptions.add(ticks);
      return ticks;
    },
  },
};

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://h');
  const told = subscriptions.size;
  if (url.pathname === '/publish') {
    const from = Number(url.searchParams.get('from'));
    const count = Number(url.searchParams.get('count'));
    for (let n = from; n < from + count; n += 1) for (const ticks of subscriptions) ticks.tell(n);
  }
  if (url.pathname === '/complete') for (const ticks of [...subscriptions]) void ticks.return();
  response.end(String(told));
});
serveSubscriptions({ schema, roots }, new WebSocketServer({ server, path: '/graphql' }));
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`);
});
