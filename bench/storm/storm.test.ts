import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../electron/engine/simulation/seeded-random';
import { runCrowd } from './crowd';
import { attemptsOf, peakOf, plainExponential, reconnectingWebSocket, socketIo } from './formulas';

const random = () => createSeededRandom(1);

describe('the formulas of the others', () => {
  const delays = (formula: typeof plainExponential, attempts: number): number[] => {
    const client = formula.client(random());
    return Array.from({ length: attempts }, (_, index) => client.before(index + 1));
  };

  it('plain: doubles from 1 s to 30 s', () => {
    expect(delays(plainExponential, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('reconnecting-websocket: one draw per client, then × 1.3 up to 10 s', () => {
    const [first = 0, second = 0, ...rest] = delays(reconnectingWebSocket, 12);
    expect(first).toBeGreaterThanOrEqual(1000);
    expect(first).toBeLessThan(5000);
    expect(second).toBeCloseTo(first * 1.3);
    expect(rest.at(-1)).toBe(10_000);
  });

  it('socket.io-client: chance before the cap, so that all end at 5 s', () => {
    const [first = 0, ...rest] = delays(socketIo, 10);
    expect(first).toBeGreaterThanOrEqual(500);
    expect(first).toBeLessThanOrEqual(1500);
    expect(rest.slice(4).every((delay) => delay === 5000)).toBe(true);
  });
});

describe('attempts and their peak', () => {
  it('asks until the server is there', () => {
    expect(attemptsOf(plainExponential, 1, 0, random())).toEqual([1000]);
    expect(attemptsOf(plainExponential, 1, 5_000, random())).toEqual([1000, 3005, 7010]);
  });

  it('counts the densest window, wherever it begins, its end excluded', () => {
    expect(peakOf([])).toBe(0);
    expect(peakOf([0, 999, 1000, 1998, 5000])).toBe(3);
    expect(peakOf([0, 1000, 2000])).toBe(1);
  });
});

describe('the crowd', () => {
  it('comes back whole, spread as asked, the same way for the same seed', () => {
    const options = { clients: 200, spreadMs: 20_000, downMs: 10_000, seed: 3 };
    const crowd = runCrowd(options);
    expect(crowd.attempts.length).toBeGreaterThanOrEqual(200);
    expect(crowd.allBackMs).toBeGreaterThan(10_000);
    expect(crowd.allBackMs).toBeLessThan(60_000);
    expect(peakOf(crowd.attempts)).toBeLessThan(50);
    expect(runCrowd(options).attempts).toEqual(crowd.attempts);
  });
});
