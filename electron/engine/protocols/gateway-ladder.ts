import { type NoLadder, type Rungs, withScheme } from './entry';
import { gatewayAddress } from './gateway';

/** All four rungs of a stream of our gateway; with `/ws`, `/sse` or `/poll` behind it, that one. */
export function gatewayLadder(url: URL): Rungs | NoLadder {
  const address = gatewayAddress(url.href);
  if (!address) {
    return {
      message: 'The address does not name a stream of a gateway.',
      fix: 'Write it as http://host:port/v1/stream, or choose another protocol.',
    };
  }
  const at = (scheme: 'ws' | 'http', kind: string) => {
    const rung = withScheme(address.base, scheme);
    rung.pathname += `/${kind}`;
    return rung;
  };
  const all: Rungs = [
    ['websocket', at('ws', 'ws')],
    ['sse', at('http', 'sse')],
    ['long-poll', at('http', 'poll')],
    ['poll', at('http', 'poll')],
  ];
  switch (/\/(ws|sse|poll)\/?$/.exec(url.pathname.slice(address.base.pathname.length))?.[1]) {
    case 'ws':
      return all.slice(0, 1);
    case 'sse':
      return all.slice(1, 2);
    case 'poll':
      return all.slice(2);
    default:
      return all;
  }
}
