import { createGateway } from '../gateway/gateway';

/** The server of the catch-up benchmark, in a process of its own: says its address, publishes when told how many. */
const stream = 'missed';
const gateway = createGateway({ feed: 'none', streams: [stream], retention: { events: 1e6, bytes: 1024 ** 3 } });
let published = 0;

async function publish(count: number): Promise<void> {
  for (let more = 0; more < count; more++) {
    published++;
    await gateway.publish(stream, {
      type: published % 3 === 0 ? 'cpu' : 'memory',
      data: { host: `web-${published % 20}`, percent: ((published * 7919) % 10_007) / 100, note: 'nothing to report' },
    });
  }
}

process.on('message', (count: number) => {
  void publish(count).then(() => process.send?.({ published }));
});
process.on('disconnect', () => process.exit());
void gateway.listen().then(({ url }) => process.send?.({ url: `${url}/v1/${stream}` }));
