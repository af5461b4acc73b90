import type { Clock } from '../core/clock';
import type { HttpPort } from '../core/network';
import type { Transport } from '../core/transport';
import { createPollLoop } from './poll-loop';

/** Plain poll: asks once per interval, later where the server says so (`X-Poll-Interval`, `Retry-After`). */
export function createPollTransport(deps: { readonly http: HttpPort; readonly clock: Clock }): Transport {
  return createPollLoop('poll', deps);
}
