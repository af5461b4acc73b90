import { expect, it } from 'vitest';
import { defaultTiming } from '../../electron/engine/connection/timing';
import { squeeze, squeezedTiming, waits } from './pace';

it('squeezes every wait of Wirewatch as it does those of the others', () => {
  const timing = squeezedTiming();
  expect(timing.backoffBaseMs).toBe(defaultTiming.backoffBaseMs / squeeze);
  expect(timing.pingMs).toBe(defaultTiming.pingMs / squeeze);
  expect(timing.evidenceCount).toBe(defaultTiming.evidenceCount);
  expect(timing.tickMs).toBe(defaultTiming.tickMs);
  expect(waits.socketIoDelayMs).toBe(1_000 / squeeze);
});
