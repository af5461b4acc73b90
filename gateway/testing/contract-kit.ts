import { afterEach } from 'vitest';
import type { GatewayOptions } from '../gateway';
import { type Follow, type FollowOptions, follow, type Transport } from './four-transports';
import { ask, openSse, openWebSocket } from './independent-client';
import { startTestGateway, type TestGateway } from './start-gateway';

/** What the contract suites share: gateways and clients that end with the test that made them. */

const running: TestGateway[] = [];

/** Clients to be closed after the test. */
export const open: { close(): unknown }[] = [];

export async function start(options: GatewayOptions = {}): Promise<TestGateway> {
  const gateway = await startTestGateway(options);
  running.push(gateway);
  return gateway;
}

export async function attach(transport: Transport, gateway: TestGateway, options: FollowOptions = {}): Promise<Follow> {
  const following = await follow(transport, gateway.streamUrl(), options);
  open.push(following);
  return following;
}

export async function epochOf(gateway: TestGateway): Promise<string> {
  return String((await ask(gateway.streamUrl())).json.epoch);
}

/** `from … to`, both included. */
export const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export const push = ['websocket', 'sse'] as const;
export const openPush = (transport: (typeof push)[number], url: string, query = '') =>
  transport === 'sse' ? openSse(url, query) : openWebSocket(url, query);

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
  for (const gateway of running.splice(0)) await gateway.close();
});
