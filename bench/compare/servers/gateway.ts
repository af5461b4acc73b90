import { createGateway } from '../../../gateway/gateway';
import { waits } from '../pace';
import { bodyOf, type FeedServer } from './feed-server';
import { gatewayStream } from './stream';

/** The project's own gateway, keeping everything; duplicates and changed places are its demo faults. */
export async function startGatewayFeed(): Promise<FeedServer> {
  const gateway = createGateway({
    feed: 'none',
    demo: true,
    streams: [gatewayStream],
    heartbeatMs: waits.gatewayHeartbeatMs,
    pollIntervalMs: waits.gatewayPollMs,
    retention: { events: 10_000_000, bytes: 4 * 1024 ** 3 },
  });
  const { port } = await gateway.listen();
  let head = 0;
  let queue = Promise.resolve();
  return {
    port,
    publish(count) {
      const first = head + 1;
      head += count;
      queue = queue.then(async () => {
        for (let n = first; n < first + count; n += 1) {
          await gateway.publish(gatewayStream, { type: 'report', data: bodyOf(n) });
        }
      });
    },
    repeatNext: (count) => void gateway.faults.tamperNext({ repeat: count }),
    reorderNext: (count) => void gateway.faults.tamperNext({ reorder: count / 2 }),
    restart: (ms) => gateway.faults.down(ms),
    close: () => gateway.close(),
  };
}
