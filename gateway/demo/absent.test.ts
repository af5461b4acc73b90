import { afterEach, expect, it, vi } from 'vitest';
import { follow, transports } from '../testing/four-transports';

// Files share a process: what is mocked here is this file's own, and nobody's afterwards.
afterEach(() => {
  vi.doUnmock('./demo');
  vi.resetModules();
});

it('a gateway without demo mode has none of it', { timeout: 60_000 }, async () => {
  vi.resetModules();
  vi.doMock('./demo', () => ({
    createDemo: () => {
      throw new Error('Demo mode was put together.');
    },
  }));
  const { createGateway } = await import('../gateway');
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
