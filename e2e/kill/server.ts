import { createGateway } from '../../gateway/gateway';
import { createPlainFeeds } from './plain-feeds';
import { bodyOf, type FromServer, plainStreams, type Shares, type ToServer } from './published';

/**
 * The server of the kill test, a process of its own: a gateway that keeps everything and, told to, publishes to each
 * stream at its rate.
 */
const shares: Shares = JSON.parse(process.argv[2] ?? '{}');
const plainNames: readonly string[] = Object.values(plainStreams);
const streams = Object.keys(shares).filter((stream) => !plainNames.includes(stream));
const plain = createPlainFeeds();

const gateway = createGateway({
  feed: 'none',
  streams,
  retention: { events: 10_000_000, bytes: 8 * 1024 ** 3 },
});
const heads = new Map([...streams, plainStreams.ids].map((stream): [string, number] => [stream, 0]));
heads.set(plainStreams.list, 1);
/** Events owed and not yet whole, per stream: slow ones get their share too. */
const owed = new Map<string, number>();
/** Publishing catches up with the clock, but never by more than this at once. */
const longestStrideMs = 200;
let flood = false;
let pumping = false;
let paidUntil = 0;

async function pump(): Promise<void> {
  if (!flood || pumping) return;
  pumping = true;
  const now = performance.now();
  const ms = Math.min(now - paidUntil, longestStrideMs);
  paidUntil = now;
  for (const [stream, perSecond] of Object.entries(shares)) {
    const exact = (owed.get(stream) ?? 0) + (perSecond * ms) / 1000;
    const due = Math.floor(exact);
    owed.set(stream, exact - due);
    for (let count = 0; count < due; count += 1) {
      const number = (heads.get(stream) ?? 0) + 1;
      heads.set(stream, number);
      if (plainNames.includes(stream)) plain.publish(stream, number);
      else await gateway.publish(stream, { type: 'order', data: bodyOf(stream, number) });
    }
  }
  pumping = false;
}

const tell = (message: FromServer) => void process.send?.(message);

process.on('message', (order: ToServer) => {
  switch (order.kind) {
    case 'flood':
      flood = order.on;
      paidUntil = performance.now();
      return;
    case 'ask':
      void pump().then(() => {
        const { websocket, sse, longPoll } = gateway.stats().clients;
        tell({
          kind: 'stats',
          heads: Object.fromEntries(heads),
          clients: websocket + sse + longPoll + plain.clients(),
        });
      });
      return;
    case 'stop':
      plain.close();
      void gateway.close().finally(() => process.exit(0));
  }
});
// Whoever started it is gone: nobody reads what it would still publish.
process.on('disconnect', () => process.exit(0));

setInterval(() => void pump(), 10);
void Promise.all([gateway.listen(), plain.listen()]).then(([{ url }, address]) =>
  tell({ kind: 'listening', urls: { gateway: url, plain: address } }),
);
