import { createGateway } from '../../gateway/gateway';

/** What the parent asks for: how many streams, and at what rate each is published to. */
export type ToServer = { readonly kind: 'rate'; readonly perSecond: number } | { readonly kind: 'ask' };
export type FromServer =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'clients'; readonly count: number };

/** Streams `s0` to `s<count - 1>` of one gateway in a process of its own, published to in turns, evenly over each second. */
const count = Number(process.argv[2]);
const streams = Array.from({ length: count }, (_, index) => `s${index}`);
const gateway = createGateway({ feed: 'none', streams, retention: { events: 2_000 } });
/** Turns of publishing a second. */
const turns = 40;
let perSecond = 0;
let owed = 0;
let next = 0;
let number = 0;
let publishing = false;

async function publish(): Promise<void> {
  if (publishing) return;
  publishing = true;
  owed = Math.min(owed + (perSecond * count) / turns, perSecond * count);
  for (; owed >= 1; owed -= 1) {
    number += 1;
    const stream = streams[next % count] ?? 's0';
    next += 1;
    await gateway.publish(stream, { type: 'sample', data: bodyOf(number) });
  }
  publishing = false;
}

/** About 200 bytes on the wire, with two numbers that can be charted. */
function bodyOf(n: number): unknown {
  return {
    host: `web-${n % 20}`,
    percent: ((n * 7919) % 10_007) / 100,
    requests: (n * 2_654_435_761) % 4_294_967,
    note: `sample ${n.toString(36)} of a service that has nothing to report`,
  };
}

process.on('message', (order: ToServer) => {
  if (order.kind === 'rate') perSecond = order.perSecond;
  else tell({ kind: 'clients', count: gateway.stats().clients.websocket });
});
// Whoever started it is gone: nobody reads what it would still publish.
process.on('disconnect', () => process.exit(0));

setInterval(() => void publish(), 1000 / turns);
void gateway.listen().then(({ url }) => tell({ kind: 'listening', url }));

function tell(message: FromServer): void {
  process.send?.(message);
}
