import { EventSource } from 'eventsource';
import { Agent, fetch } from 'undici';
import { waits } from '../pace';
import { notebook, orderOf } from './client';

/**
 * The `eventsource` package as its README shows it: it reconnects by itself after `retry:` and sends `Last-Event-ID`.
 * A `fetch` of our own only squeezes how long a silent body is waited for (README, "Specify fetch implementation").
 */
const order = orderOf(process.argv);
const book = notebook(order);
const dispatcher = new Agent({ bodyTimeout: waits.eventSourceSilenceMs, headersTimeout: waits.eventSourceSilenceMs });

const source = new EventSource(`http://${order.host}/`, {
  fetch(url, init) {
    book.attempt();
    return fetch(url, { ...init, dispatcher });
  },
});
source.addEventListener('hello', () => book.open());
source.addEventListener('message', (event) => {
  book.heard((JSON.parse(String(event.data)) as { n: number }).n);
});
