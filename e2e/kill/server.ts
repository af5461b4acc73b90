import { createGateway } from '../../gateway/gateway';
import { bodyOf, type FromServer, type Shares, type ToServer } from './published';

/**
 * The server of the kill test, a process of its own: a gateway that keeps everything and, told to, publishes to each
 * stream at its rate.
 */
const shares: Shares = JSON.parse(process.argv[2] ?? '{}');
const streams = Object.keys(shares);

const gateway = createGateway({
  feed: 'none',
  streams,
  retention: { events: 10_000_000, bytes: 8 * 1024 ** 3 },
});
const heads = new Map(streams.map((stream) => [stream, 0]));
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
    const due = Math.round((perSecond * ms) / 1000);
    for (let count = 0; count < due; count += 1) {
      const number = (heads.get(stream) ?? 0) + 1;
      heads.set(stream, number);
      await gateway.publish(stream, { type: 'order', data: bodyOf(stream, number) });
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
        tell({ kind: 'stats', heads: Object.fromEntries(heads), clients: websocket + sse + longPoll });
      });
      return;
    case 'stop':
      void gateway.close().finally(() => process.exit(0));
  }
});
// Whoever started it is gone: nobody reads what it would still publish.
process.on('disconnect', () => process.exit(0));

setInterval(() => void pump(), 10);
void gateway.listen().then(({ url }) => tell({ kind: 'listening', url }));
