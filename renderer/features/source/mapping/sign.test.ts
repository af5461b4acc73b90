import { describe, expect, it } from 'vitest';
import { signOf } from './sign';

const now = Date.UTC(2026, 10, 27);
const at = 1_700_000_000_000;
const kindOf = (name: string, value: unknown, beside: readonly string[] = []) => signOf(name, value, beside, now).kind;

describe('what a value looks like', () => {
  it('behaviour 58: a number inside text is a number, a time is a time, and a trade is an id', () => {
    const message = { s: 'A', p: '1.5', E: at, t: 12345 };
    const signs = Object.entries(message).map(([name, value]) => [name, kindOf(name, value, Object.keys(message))]);
    expect(Object.fromEntries(signs)).toEqual({ s: 'text', p: 'number', E: 'time', t: 'id' });
  });

  it.each([
    ['time', at / 1000],
    ['time', at],
    ['time', at * 1000],
    ['time', at * 1e6],
    ['createdAt', '2023-11-14T22:13:20Z'],
    ['time_fired', '2023-11-14 22:13:20+00:00'],
    ['ts', String(at)],
    ['last-modified', 'Tue, 14 Nov 2023 22:13:20 GMT'],
  ])('%s: %s is that time', (name, value) => {
    expect(signOf(name, value, [], now)).toEqual({ kind: 'time', at });
  });

  it('takes what is about now for a time, whatever it is called', () => {
    expect(kindOf('x', now + 5_000)).toBe('time');
    expect(kindOf('x', at)).toBe('number');
    expect(kindOf('usedBytes', 1_700_000_000)).toBe('number');
  });

  it.each([
    ['order_id', 77],
    ['traceId', 'x'],
    ['offset', '42'],
    ['n', 1.2e18],
    ['k', 'b3c7e9d2-8f1a-4c6b-9d2e-0123456789ab'],
  ])('%s: %s names something', (name, value) => expect(kindOf(name, value)).toBe('id'));

  it.each([
    ['op', 10],
    ['heartbeat_interval', 41_250],
    ['pingInterval', 25_000],
    ['ping_timeout_ms', 5_000],
    ['zip', '90210'],
    ['postal_code', 10_115],
    ['port', 8080],
    ['branch', '007'],
  ])('%s: %s is a code, and measures nothing', (name, value) => expect(kindOf(name, value)).toBe('code'));

  it.each([
    ['price', '60000.12', 'number'],
    ['rate', '-1e-3', 'number'],
    ['t', 21.5, 'number'],
    ['state', 'on', 'text'],
    ['valid', 0, 'number'],
    ['ping_ms', 12, 'number'],
    ['shipping', 4.5, 'number'],
    ['ops', 10, 'number'],
    ['ratio', '0.5', 'number'],
    ['count', '0', 'number'],
    ['m', true, 'flag'],
    ['x', null, 'nothing'],
    ['version', '1.2.3', 'id'],
    ['ip', '10.0.0.1', 'text'],
  ])('%s: %s is a %s', (name, value, kind) => expect(kindOf(name, value)).toBe(kind));
});
