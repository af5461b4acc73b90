import { createGateway, type Gateway, type GatewayOptions } from '../gateway';

/** A gateway on a free loopback port, for tests. */
export interface TestGateway extends Gateway {
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Address of a stream: `http://127.0.0.1:PORT/v1/{stream}`. */
  streamUrl(stream?: string): string;
  /** Publishes `count` events of type `tick` with data `{n: 1…count}`, in order. */
  publishMany(count: number, stream?: string): Promise<void>;
}

/**
 * Starts a gateway for a test: port 0, no feed, demo mode on, a stream called `test` that exists from the start,
 * heartbeats every 200 ms unless told otherwise. The test closes it.
 */
export async function startTestGateway(options: GatewayOptions = {}): Promise<TestGateway> {
  const gateway = createGateway({
    feed: 'none',
    demo: true,
    heartbeatMs: 200,
    ...options,
    streams: ['test', ...(options.streams ?? [])],
  });
  const { port, url } = await gateway.listen();
  return {
    ...gateway,
    port,
    url,
    streamUrl: (stream = 'test') => `${url}/v1/${stream}`,
    async publishMany(count, stream = 'test') {
      for (let n = 1; n <= count; n += 1) await gateway.publish(stream, { type: 'tick', data: { n } });
    },
  };
}
