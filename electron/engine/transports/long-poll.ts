import type { Clock } from '../core/clock';
import type { HttpPort } from '../core/network';
import type { Transport } from '../core/transport';
import { createPollLoop } from './poll-loop';

/**
 * Long-poll: the server holds each answer until there is news. A hold that ends without any (304, 204, or 408 after
 * at least 5 s) is an answer like another. Requests start at least 250 ms apart, or 20 ms after `askNow`.
 */
export function createLongPollTransport(deps: { readonly http: HttpPort; readonly clock: Clock }): Transport {
  return createPollLoop('long-poll', deps);
}
