import { expect, it, vi } from 'vitest';
import { createGateway } from '../gateway';
import { follow, transports } from '../testing/four-transports';

vi.mock('./demo', () => ({
  createDemo: () => {
    throw new Error('Demo mode was put together.');
  },
}));

it('a gateway without demo mode has none of it', { timeout: 60_000 }, async () => {
  expect(() => createGateway({ feed: 'none', demo: true })).toThrow('Demo mode was put together.');
  const gateway = createGateway({ feed: 'none', streams: ['test'] });
  const { url } = await gateway.listen();
  const following = await Promise.all(transports.map((transport) => follow(transport, `${url}/v1/test`)));
  await gateway.publish('test', { type: 'a', data: 1 });
  for (const one of following) await one.untilSeq(1);
  expect((await fetch(`${url}/demo/faults`)).status).toBe(404);
  expect(() => gateway.faults.state()).toThrow(/demo/);
  await Promise.all(following.map((one) => one.close()));
  await gateway.close();
});
