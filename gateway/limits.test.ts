import { describe, expect, it } from 'vitest';
import { sameSecret } from './auth';
import { GatewayConfigError, resolveConfig } from './config';
import { createRateLimit, spreadMsFor } from './limits';

describe('spread', () => {
  it.each([
    [0, 1_000],
    [300, 1_000],
    [301, 1_004],
    [10_000, 33_334],
    [1_000_000, 60_000],
  ])('%d clients come back over %d ms', (clients, spread) => {
    expect(spreadMsFor(clients, 300)).toBe(spread);
  });
});

describe('rate limit', () => {
  it('allows a burst, then the rate, and says how long to wait', () => {
    let time = 0;
    const { take } = createRateLimit(10, 3, () => time);
    expect([take(), take(), take()]).toEqual([0, 0, 0]);
    expect(take()).toBeCloseTo(0.1);
    time = 50;
    expect(take()).toBeCloseTo(0.05);
    time = 100;
    expect(take()).toBe(0);
    time = 1e9;
    expect([take(), take(), take()]).toEqual([0, 0, 0]);
    expect(take()).toBeGreaterThan(0);
  });
});

describe('secrets', () => {
  it('are the same or not, whatever their length', () => {
    expect(sameSecret('abc', 'abc')).toBe(true);
    expect(sameSecret('abc', 'abd')).toBe(false);
    expect(sameSecret('abc', 'abcd')).toBe(false);
    expect(sameSecret('', 'a')).toBe(false);
  });
});

describe('options', () => {
  it('have defaults that the page promises', () => {
    expect(resolveConfig({})).toMatchObject({
      port: 0,
      host: '127.0.0.1',
      token: null,
      demo: false,
      feed: 'host',
      heartbeatMs: 10_000,
      pollIntervalMs: 2_000,
      retention: { events: 10_000, bytes: 32 * 1024 ** 2, ageMs: 24 * 3_600_000 },
      limits: { bodyBytes: 256 * 1024, answerEvents: 5_000, clients: 10_000, streams: 1_000, queueBytes: 1024 ** 2 },
    });
  });

  it('keep defaults beside what is given, undefined included', () => {
    expect(resolveConfig({ token: undefined, retention: { events: 5 } })).toMatchObject({
      token: null,
      retention: { events: 5, bytes: 32 * 1024 ** 2 },
    });
  });

  it('promise 12: hold twice what one stream may keep, at the least', () => {
    expect(resolveConfig({}).limits.totalBytes).toBe(512 * 1024 ** 2);
    expect(resolveConfig({ retention: { bytes: 1024 ** 3 } }).limits.totalBytes).toBe(2 * 1024 ** 3);
    expect(resolveConfig({ retention: { bytes: 1024 ** 3 }, limits: { totalBytes: 5_000 } }).limits.totalBytes).toBe(
      5_000,
    );
  });

  it.each([
    [{ port: -1 }, 'port'],
    [{ token: 'a b' }, 'token'],
    [{ streams: ['../x'] }, 'streams.0'],
    [{ heartbeatMs: 1 }, 'heartbeatMs'],
    [{ retention: { events: 0 } }, 'retention.events'],
  ])('are refused by name: %j', (options, field) => {
    try {
      resolveConfig(options);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayConfigError);
      expect((error as GatewayConfigError).field).toBe(field);
    }
  });
});
